import type { ParameterField } from '../../contracts/models.ts';

export const PROVIDER_KINDS = ['openai', 'openai-compatible', 'anthropic', 'google'] as const;
export type ProviderKind = (typeof PROVIDER_KINDS)[number];

/** Where models are reached and with what. A missing `baseUrl` is the provider's own address; every text in `headers` and `key` is a secret. */
export interface Endpoint {
  readonly baseUrl: string | undefined;
  readonly key: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** The provider keeps responses until their outcome is on record, so that a turn outlives its owner. Of OpenAI only. */
  readonly background?: boolean;
}

/** A model as the deployment describes it; what is left out is taken from the provider's list, else from the name. */
export interface ModelSettings {
  readonly name: string;
  readonly label?: string | undefined;
  readonly description?: string | undefined;
  readonly vision?: boolean | undefined;
  readonly contextTokens?: number | undefined;
  /** Said to the model before whatever the person says. */
  readonly instructions?: string | undefined;
  readonly fields?: readonly ParameterField[] | undefined;
  /** For a million tokens, in the currency of the deployment. */
  readonly price?: { readonly input: number; readonly output: number } | undefined;
}

/** One provider of the deployment. */
export interface ProviderSettings extends Endpoint {
  /** The part of a model id before the slash. */
  readonly id: string;
  readonly name: string;
  readonly kind: ProviderKind;
  /** Each person brings a key of their own; `key` is then unset. */
  readonly ownKeys: boolean;
  /** Shown first and in this order. */
  readonly models: readonly ModelSettings[];
  /** Whether the provider is asked for its list as well. */
  readonly fetch: boolean;
  /** Makes the titles of conversations with models of this provider. */
  readonly titleModel: string | undefined;
}
