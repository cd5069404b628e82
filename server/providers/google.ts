import { ApiError, GoogleGenAI, ThinkingLevel, type Content, type GenerateContentConfig, type GenerateContentResponse, type Model, type Part, type ThinkingConfig } from '@google/genai';
import { Failure } from '../../contracts/failures.ts';
import type { Usage } from '../../contracts/models.ts';
import { failureOf, guarded, retryAfterOf, secretsOf, type ErrorReply, type Explain } from './errors.ts';
import { geminiThinking, isChatName } from './families.ts';
import type { Prompt, PromptMessage, PromptPart, Provider, ProviderModel, ProviderPart } from './provider.ts';
import type { Endpoint } from './settings.ts';

const BUDGET = { low: 1_024, medium: 8_192, high: 24_576 } as const;
const LEVEL = { low: ThinkingLevel.LOW, medium: ThinkingLevel.MEDIUM, high: ThinkingLevel.HIGH } as const;
const REFUSED = /SAFETY|BLOCKLIST|PROHIBITED_CONTENT|SPII|RECITATION|LANGUAGE|^OTHER$/u;

/** Google's Gemini API. Thoughts are reasoning parts; images go along as inline data. */
export function googleProvider(endpoint: Endpoint): Provider {
  const httpOptions = { headers: { ...endpoint.headers }, ...(endpoint.baseUrl !== undefined && { baseUrl: endpoint.baseUrl }) };
  const client = new GoogleGenAI({ enterprise: false, apiKey: endpoint.key ?? 'none', apiVersion: 'v1beta', httpOptions });
  const secrets = secretsOf(endpoint);
  return {
    stream(prompt, signal) {
      const reply: { headers?: Headers } = {};
      return guarded(
        async function* (connection, began) {
          const config = { ...configOf(prompt), abortSignal: connection, httpOptions: { fetch: fetchFor(reply) } };
          const chunks = await client.models.generateContentStream({ model: prompt.model, contents: contentsOf(prompt), config });
          began();
          yield* partsOf(chunks);
        },
        signal,
        explainWith(reply),
        secrets,
      );
    },
    async models(signal) {
      const reply: { headers?: Headers } = {};
      try {
        const found: ProviderModel[] = [];
        const pager = await client.models.list({ config: { pageSize: 1_000, abortSignal: signal, httpOptions: { fetch: fetchFor(reply) } } });
        for await (const model of pager) found.push(...listed(model));
        return found;
      } catch (error) {
        throw failureOf(error, explainWith(reply), false, secrets);
      }
    },
  };
}

/** The SDK's errors carry no headers, so they are kept on the way in. */
function fetchFor(reply: { headers?: Headers }): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    reply.headers = response.headers;
    return response;
  };
}

function explainWith(reply: { headers?: Headers }): Explain {
  return (error) => {
    if (error instanceof ApiError) return explained(error, reply.headers);
    return reply.headers === undefined ? 'unreachable' : undefined;
  };
}

/** The message of an `ApiError` is the JSON body of the reply. */
function explained(error: ApiError, headers: Headers | undefined): ErrorReply {
  const inner = errorIn(error.message);
  const details = Array.isArray(inner.details) ? (inner.details as { reason?: unknown; retryDelay?: unknown }[]) : [];
  const delay = details.map((detail) => detail?.retryDelay).find((value) => typeof value === 'string');
  const waitMs = typeof delay === 'string' ? Number.parseFloat(delay) * 1_000 : Number.NaN;
  return {
    status: error.status,
    codes: [inner.status, ...details.map((detail) => detail?.reason)],
    ...(typeof inner.message === 'string' && { sentence: inner.message }),
    retryAfterMs: Number.isFinite(waitMs) ? Math.round(waitMs) : retryAfterOf(headers),
  };
}

function errorIn(message: string): { message?: unknown; status?: unknown; details?: unknown } {
  try {
    const start = message.indexOf('{');
    const body = JSON.parse(start < 0 ? message : message.slice(start)) as { error?: unknown } | null;
    return typeof body?.error === 'object' && body.error !== null ? body.error : {};
  } catch {
    return {}; // not JSON: a proxy's page, which nobody needs to read
  }
}

/** Gemma takes no system instruction; there it is said first. */
const takesInstructions = (model: string): boolean => !/gemma/u.test(model);

function configOf(prompt: Prompt): GenerateContentConfig {
  const { instructions, temperature, topP, maxOutputTokens } = prompt.parameters;
  const thinkingConfig = thinkingOf(prompt);
  return {
    ...(instructions !== undefined && takesInstructions(prompt.model) && { systemInstruction: instructions }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(thinkingConfig && { thinkingConfig }),
  };
}

function thinkingOf({ model, purpose, parameters: { effort } }: Prompt): ThinkingConfig | undefined {
  const kind = geminiThinking(model);
  if (kind === 'none') return undefined;
  const asked = purpose === 'title' ? 'low' : effort;
  const amount = asked === undefined ? {} : kind === 'level' ? { thinkingLevel: LEVEL[asked] } : { thinkingBudget: BUDGET[asked] };
  return { includeThoughts: purpose === 'reply', ...amount };
}

function contentsOf(prompt: Prompt): Content[] {
  const { instructions } = prompt.parameters;
  const first: Content[] = instructions === undefined || takesInstructions(prompt.model) ? [] : [{ role: 'user', parts: [{ text: instructions }] }];
  return [...first, ...prompt.messages.map((message: PromptMessage): Content => ({ role: message.author === 'person' ? 'user' : 'model', parts: message.parts.map(partOf) }))];
}

function partOf(part: PromptPart): Part {
  return part.type === 'text' ? { text: part.text } : { inlineData: { mimeType: part.mediaType, data: Buffer.from(part.bytes).toString('base64') } };
}

/** A reason to finish is the terminal event; the usage stands in the same chunk or one after it. */
async function* partsOf(chunks: AsyncIterable<GenerateContentResponse>): AsyncIterable<ProviderPart> {
  let finished: { reason: string; message: string | undefined } | undefined;
  let usage: ProviderPart | undefined;
  try {
    for await (const chunk of chunks) {
      const blocked = chunk.promptFeedback?.blockReason;
      if (blocked !== undefined) finished = { reason: 'SAFETY', message: chunk.promptFeedback?.blockReasonMessage };
      if (chunk.usageMetadata !== undefined) usage = { type: 'usage', usage: usageOf(chunk.usageMetadata) };
      const candidate = chunk.candidates?.[0];
      for (const part of candidate?.content?.parts ?? []) {
        if (typeof part.text === 'string' && part.text !== '') yield { type: part.thought === true ? 'reasoning' : 'text', text: part.text };
      }
      if (candidate?.finishReason) finished = { reason: candidate.finishReason, message: undefined };
    }
  } catch (error) {
    if (finished === undefined) throw error;
  }
  if (usage !== undefined) yield usage;
  if (finished !== undefined) yield endOf(finished.reason, finished.message);
}

function endOf(reason: string, message: string | undefined): ProviderPart {
  if (reason === 'STOP') return { type: 'end', reason: 'done' };
  if (reason === 'MAX_TOKENS') return { type: 'end', reason: 'length' };
  if (REFUSED.test(reason)) return { type: 'end', reason: 'refused', ...(message !== undefined && { detail: message }) };
  throw new Failure('provider-broke-off', { detail: reason });
}

/** Thoughts are not in Google's count of candidates; here they are output, as with the other providers. */
function usageOf(told: NonNullable<GenerateContentResponse['usageMetadata']>): Usage {
  const { promptTokenCount, cachedContentTokenCount, candidatesTokenCount, thoughtsTokenCount } = told;
  const hasOutput = candidatesTokenCount !== undefined || thoughtsTokenCount !== undefined;
  return {
    ...(promptTokenCount !== undefined && { inputTokens: promptTokenCount }),
    ...(cachedContentTokenCount !== undefined && { cachedInputTokens: cachedContentTokenCount }),
    ...(hasOutput && { outputTokens: (candidatesTokenCount ?? 0) + (thoughtsTokenCount ?? 0) }),
    ...(thoughtsTokenCount !== undefined && { reasoningTokens: thoughtsTokenCount }),
  };
}

function listed(model: Model): ProviderModel[] {
  const name = (model.name ?? '').replace(/^models\//u, '');
  const chats = model.supportedActions === undefined || model.supportedActions.includes('generateContent');
  if (name === '' || !chats || !isChatName(name)) return [];
  return [{ name, ...(model.displayName !== undefined && { label: model.displayName }), ...(model.inputTokenLimit !== undefined && { contextTokens: model.inputTokenLimit }) }];
}
