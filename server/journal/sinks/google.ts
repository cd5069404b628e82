import { PassThroughClient } from 'google-auth-library';

/** A call that is not answered for so long is given up; a piece of records on a slow line may take a while. */
const ANSWER_WITHIN_MS = 120_000;

export interface GoogleAccess {
  /** Another address than Google's public one, such as one of a private network; it comes from the operator's configuration and from nowhere else. */
  readonly endpoint?: string | undefined;
  readonly answerWithinMs?: number;
}

/**
 * What a client of Google's is made with. It signs in as the libraries do everywhere (`GOOGLE_APPLICATION_CREDENTIALS`, or whom the machine runs as), but at an address that is not Google's
 * it does not: no credential of the operator's goes there. It tries nothing again by itself: whoever ships does, and one should.
 */
export function googleOptions({ endpoint }: GoogleAccess): object {
  const common = { retryOptions: { autoRetry: false } };
  if (endpoint === undefined) return common;
  return isGoogles(endpoint) ? { ...common, apiEndpoint: endpoint, useAuthWithCustomEndpoint: true } : { ...common, apiEndpoint: endpoint, authClient: new PassThroughClient() };
}

/** What is answered, in time; else the reason why not, in a sentence that begins with `what`. These libraries wait without end: the timeout that they offer is not that of the `fetch` that they use. */
export async function answerOf<T>(call: Promise<T>, { answerWithinMs = ANSWER_WITHIN_MS }: GoogleAccess, what: string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error('no answer came')), answerWithinMs);
  try {
    return await Promise.race([call, late.promise]);
  } catch (error) {
    throw plainError(error, what);
  } finally {
    clearTimeout(timer);
  }
}

function isGoogles(endpoint: string): boolean {
  const { protocol, hostname } = new URL(endpoint);
  return protocol === 'https:' && hostname.endsWith('.googleapis.com');
}

/** What a service of Google's answered, or why it did not. */
export class GoogleRefused extends Error {
  override readonly name = 'GoogleRefused';
  readonly #code: unknown;

  constructor(message: string, code: unknown) {
    super(message);
    this.#code = code;
  }

  /** The HTTP status; something else where there was none. */
  get code(): unknown {
    return this.#code;
  }
}

/** The sentence and the code alone: the errors of these libraries carry the whole request, with what was to be written and who signed in. */
function plainError(error: unknown, what: string): GoogleRefused {
  const { message, code, errors } = error as { message?: string; code?: number | string; errors?: readonly { readonly reason?: string; readonly errors?: readonly { readonly reason?: string }[] }[] };
  const reasons = new Set((errors ?? []).flatMap((one) => [one.reason, ...(one.errors ?? []).map(({ reason }) => reason)]).filter((reason) => typeof reason === 'string'));
  const said = [code === undefined ? undefined : String(code), ...reasons, typeof message === 'string' ? message.slice(0, 300) : undefined].filter((part) => part !== undefined && part !== '');
  return new GoogleRefused(`${what}: ${said.length === 0 ? 'no reason was given' : said.join(', ')}`, code);
}
