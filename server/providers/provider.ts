import type { Parameters, Usage } from '../../contracts/models.ts';

/** What is sent of a message: its text, and images for models that see. */
export type PromptPart = { readonly type: 'text'; readonly text: string } | { readonly type: 'image'; readonly mediaType: string; readonly bytes: Uint8Array };

export interface PromptMessage {
  readonly author: 'person' | 'model';
  readonly parts: readonly PromptPart[];
}

/** One question to a provider: the whole thread, oldest first, the person's message last. `model` is the provider's own name for it. */
export interface Prompt {
  readonly purpose: 'reply' | 'title';
  readonly model: string;
  readonly messages: readonly PromptMessage[];
  readonly parameters: Parameters;
}

/**
 * What a provider says. `end` is said once and last, and only on the provider's own terminal event: an iteration that ends without it broke off.
 * `length` = cut at the output limit, `refused` = declined for its content. `accepted` is said by providers that keep their responses, before any text.
 */
export type ProviderPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string }
  | { readonly type: 'usage'; readonly usage: Usage }
  | { readonly type: 'accepted'; readonly response: string }
  | { readonly type: 'end'; readonly reason: 'done' | 'length' | 'refused'; readonly detail?: string };

/** A model as its provider lists it. */
export interface ProviderModel {
  readonly name: string;
  readonly label?: string;
  readonly vision?: boolean;
  readonly contextTokens?: number;
}

/** Responses that the provider makes and keeps whoever listens, by its own name for them. */
export interface KeptResponses {
  /** The same parts as `stream` gave, from the first on and without a new call; then what has come since. Errors as there; `provider-refused` when the response is there no longer. */
  stream(response: string, signal: AbortSignal): AsyncIterable<ProviderPart>;
  /** Lets the provider delete it, and end it before when it still goes on. Rejects when that was not done. */
  forget(response: string, goesOn: boolean): Promise<void>;
}

/**
 * One way to reach models, bound to one endpoint and key. Neither call is repeated here: the actor owns retries, because each attempt is on record.
 * Errors are a `Failure` of the table (`provider-busy` with `retryAfterMs` where told, `provider-key-refused`, `context-too-long`, `content-refused`,
 * `provider-refused`, `provider-unreachable`, `provider-broke-off`), the SDK's error as cause; no key ever stands in their text. After `signal` aborts the iteration ends or throws, and the
 * connection is closed. Unknown event types of a provider are passed over.
 */
export interface Provider {
  stream(prompt: Prompt, signal: AbortSignal): AsyncIterable<ProviderPart>;
  models(signal: AbortSignal): Promise<readonly ProviderModel[]>;
  /** For providers that are told to keep responses. */
  readonly kept?: KeptResponses;
}
