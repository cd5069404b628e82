import { PassThroughClient } from 'google-auth-library';

/** A call that is not answered for so long is given up. */
const ANSWER_WITHIN_MS = 60_000;

export interface GoogleAccess {
  /** Another address than Google's public one, such as one of a private network; it comes from the operator's configuration and from nowhere else. */
  readonly endpoint?: string | undefined;
  readonly answerWithinMs?: number;
}

/**
 * What a client of Google's is made with. It signs in as the libraries do everywhere (`GOOGLE_APPLICATION_CREDENTIALS`, or whom the machine runs as), but at an address that is not Google's
 * it does not: no credential of the operator's goes there. It tries nothing again by itself: whoever ships does, and one should.
 */
export function googleOptions({ endpoint, answerWithinMs = ANSWER_WITHIN_MS }: GoogleAccess): object {
  const common = { autoRetry: false, retryOptions: { autoRetry: false }, timeout: answerWithinMs };
  if (endpoint === undefined) return common;
  return isGoogles(endpoint) ? { ...common, apiEndpoint: endpoint, useAuthWithCustomEndpoint: true } : { ...common, apiEndpoint: endpoint, authClient: new PassThroughClient() };
}

export function timeLimitOf({ answerWithinMs = ANSWER_WITHIN_MS }: GoogleAccess): number {
  return answerWithinMs;
}

function isGoogles(endpoint: string): boolean {
  const { protocol, hostname } = new URL(endpoint);
  return protocol === 'https:' && hostname.endsWith('.googleapis.com');
}

/** What a client said went wrong: the sentence and the code alone. The errors of these libraries carry the whole request, with what was to be written and who signed in. */
export function plainError(error: unknown, what: string): Error {
  const { message, code, errors } = error as { message?: string; code?: number | string; errors?: readonly { readonly reason?: string; readonly errors?: readonly { readonly reason?: string }[] }[] };
  const reasons = new Set((errors ?? []).flatMap((one) => [one.reason, ...(one.errors ?? []).map(({ reason }) => reason)]).filter((reason) => typeof reason === 'string'));
  const said = [code === undefined ? undefined : String(code), ...reasons, typeof message === 'string' ? message.slice(0, 300) : undefined].filter((part) => part !== undefined && part !== '');
  return new Error(`${what}: ${said.length === 0 ? 'no reason was given' : said.join(', ')}`);
}
