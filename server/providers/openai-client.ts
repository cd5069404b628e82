import OpenAI from 'openai';
import type { Explain } from './errors.ts';
import { retryAfterOf } from './errors.ts';
import type { PromptPart } from './provider.ts';
import type { Endpoint } from './settings.ts';

/**
 * A client of the SDK for this endpoint alone: keys and names that the SDK would take from its own environment variables are not sent to it, and it logs nothing.
 * The SDK leaves no way around `OPENAI_CUSTOM_HEADERS`: whoever sets it sends those everywhere.
 */
export function openaiClient(endpoint: Endpoint): OpenAI {
  return new OpenAI({
    apiKey: endpoint.key ?? 'none',
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    baseURL: endpoint.baseUrl ?? 'https://api.openai.com/v1',
    defaultHeaders: { ...(endpoint.key === undefined && { authorization: null }), ...endpoint.headers },
    maxRetries: 0,
    logLevel: 'off',
  });
}

/** What the SDK's errors say. Also of servers that only look like OpenAI: fields may be missing, or numbers where texts are expected. */
export const explainOpenai: Explain = (error) => {
  if (error instanceof OpenAI.APIConnectionError || error instanceof OpenAI.APIUserAbortError) return 'unreachable';
  if (!(error instanceof OpenAI.APIError)) return undefined;
  const body = (typeof error.error === 'object' && error.error !== null ? error.error : {}) as { message?: unknown; detail?: unknown; code?: unknown; metadata?: unknown };
  const told = Number(body.code);
  const status = error.status ?? (told >= 400 && told < 600 ? told : undefined);
  const flagged = typeof body.metadata === 'object' && body.metadata !== null && 'reasons' in body.metadata ? ['moderation'] : [];
  const sentence = [body.message, body.detail, error.error].find((said) => typeof said === 'string') as string | undefined;
  return { status, codes: [error.code, error.type, ...flagged], sentence, retryAfterMs: retryAfterOf(error.headers) };
};

/** An image as a data URL, the only form that needs no file of ours on the open net. */
export function dataUrl(part: Extract<PromptPart, { type: 'image' }>): string {
  return `data:${part.mediaType};base64,${Buffer.from(part.bytes).toString('base64')}`;
}
