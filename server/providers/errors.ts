import { inspect } from 'node:util';
import { Failure, type FailureCode } from '../../contracts/failures.ts';
import type { ProviderPart } from './provider.ts';

/** What a provider said instead of an answer. `codes`: its own names for what is wrong, in any order. */
export interface ErrorReply {
  readonly status?: number | undefined;
  readonly codes?: readonly unknown[];
  readonly sentence?: string | undefined;
  readonly retryAfterMs?: number | undefined;
}

/** Reads an SDK's error. `undefined` for what is no reply of the provider: a broken connection, a body that is no JSON. */
export type Explain = (error: unknown) => ErrorReply | 'unreachable' | undefined;

/** Proxies pass the words of any provider on, so one list serves all of them. */
const TOO_LONG = /context.?(length|window|size)|maximum context|prompt is too long|input length and `?max_tokens|too many (input )?tokens|input token count|exceeds? the maximum number of tokens|request_too_large/iu;
const REFUSED_CONTENT = /content_?(policy|filter)|content filtering|content management policy|safety system|invalid_prompt|bio_policy|misalignment_policy|flagged|moderation/iu;
const BUSY = /rate_?limit|overloaded|server_error|api_error|timeout_error|unavailable|resource_exhausted|internal/iu;
/** Waiting does not help: the account has nothing left. */
const USED_UP = /insufficient_quota|billing|credit balance/iu;
const KEY = /invalid_api_key|api_key_invalid|api key not valid|authentication_error|permission_error|unauthenticated/iu;
const ELSEWHERE = /unsupported_country|location is not supported/iu;
const DETAIL_CHARACTERS = 1_000;

/** The code that a provider's error reply means. */
export function codeOf(reply: ErrorReply): FailureCode {
  const { status = 0 } = reply;
  const codes = (reply.codes ?? []).filter((code) => typeof code === 'string').join(' ');
  const words = `${codes} ${reply.sentence ?? ''}`;
  if (USED_UP.test(words) || ELSEWHERE.test(words)) return 'provider-refused';
  if (status === 0 || (status >= 400 && status < 500 && status !== 401 && status !== 429)) {
    if (TOO_LONG.test(words)) return 'context-too-long';
    if (REFUSED_CONTENT.test(words)) return 'content-refused';
  }
  if (status === 401 || status === 403 || KEY.test(words)) return 'provider-key-refused';
  if (status === 413) return 'context-too-long';
  if (status === 408 || status === 409 || status === 425 || status === 429 || status >= 500) return 'provider-busy';
  if (status >= 400) return 'provider-refused';
  return BUSY.test(codes) || /overloaded|try again/iu.test(words) ? 'provider-busy' : 'provider-broke-off';
}

/** Milliseconds from `retry-after-ms` or `retry-after` (seconds or a date); `undefined` when not told. */
export function retryAfterOf(headers: Headers | undefined, now = Date.now()): number | undefined {
  const told = Number(headers?.get('retry-after-ms') ?? Number.NaN);
  if (Number.isFinite(told) && told >= 0) return told;
  const after = headers?.get('retry-after');
  if (after === null || after === undefined || after.trim() === '') return undefined;
  const ms = Number.isNaN(Number(after)) ? Date.parse(after) - now : Number(after) * 1_000;
  return Number.isFinite(ms) ? Math.max(0, Math.round(ms)) : undefined;
}

/** The failure that an error of a call means. `hasBegun`: the provider had answered already. The text holds none of the secrets. */
export function failureOf(error: unknown, explain: Explain, hasBegun: boolean, secrets: readonly string[]): Failure {
  if (error instanceof Failure) return error;
  const cause = withoutSecrets(error, secrets);
  const reply = explain(error);
  if (reply === 'unreachable' || reply === undefined) {
    return new Failure(reply === 'unreachable' && !hasBegun ? 'provider-unreachable' : 'provider-broke-off', { cause });
  }
  const code = codeOf(reply);
  const said = reply.sentence === undefined ? undefined : hide(reply.sentence, secrets).trim().slice(0, DETAIL_CHARACTERS).toWellFormed();
  const detail = code === 'provider-key-refused' || said === '' ? undefined : said;
  return new Failure(code, { cause, detail, retryAfterMs: reply.retryAfterMs });
}

/**
 * Passes the parts of one call on and turns whatever goes wrong into a `Failure`. The connection of `call` is closed when the iteration ends, however it ends;
 * after `signal` aborts it ends quietly. What would pass by waiting is `provider-broke-off` once text has come, because nobody asks again then.
 */
export async function* guarded(
  call: (connection: AbortSignal, began: () => void) => AsyncIterable<ProviderPart>,
  signal: AbortSignal,
  explain: Explain,
  secrets: readonly string[],
): AsyncIterable<ProviderPart> {
  const connection = new AbortController();
  let hasBegun = false;
  let hasText = false;
  try {
    for await (const part of call(AbortSignal.any([signal, connection.signal]), () => (hasBegun = true))) {
      hasText ||= part.type === 'text' || part.type === 'reasoning';
      yield part;
    }
  } catch (error) {
    if (signal.aborted) return;
    const failure = failureOf(error, explain, hasBegun, secrets);
    const isPassing = failure.code === 'provider-busy' || failure.code === 'provider-unreachable';
    throw hasText && isPassing ? new Failure('provider-broke-off', { cause: failure.cause, detail: failure.detail }) : failure;
  } finally {
    connection.abort();
  }
}

/** The secrets of an endpoint, longest first. */
export function secretsOf(endpoint: { readonly key: string | undefined; readonly headers: Readonly<Record<string, string>> }): string[] {
  const values = Object.values(endpoint.headers).flatMap((value) => [value, ...value.split(/\s+/u)]);
  return [endpoint.key ?? '', ...values].filter((value) => value.length >= 6).sort((a, b) => b.length - a.length);
}

function hide(text: string, secrets: readonly string[]): string {
  const without = secrets.reduce((rest, secret) => rest.replaceAll(secret, '…'), text);
  return without.replace(/\b(sk|rk|pk)-[\w-]{8,}|\bAIza[\w-]{20,}|\bBearer\s+\S{8,}/gu, '…');
}

/** An error that repeats a secret is replaced by one that says the same without it. */
function withoutSecrets(error: unknown, secrets: readonly string[]): unknown {
  const whole = inspect(error, { depth: 6 });
  return hide(whole, secrets) === whole ? error : new Error(hide(error instanceof Error ? error.message : whole, secrets));
}
