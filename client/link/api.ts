import { msg } from '@lit/localize';
import { Failure, FAILURES } from '../../contracts/failures.ts';
import type { FailureCode, Refusal } from '../../contracts/failures.ts';
import type { RouteBody, RouteName, RouteReply, ROUTES } from '../../contracts/routes.ts';

/** Routes that a page asks once and that reply once. One is listened to, by those who follow the audit log; tiles of the log are for tools. */
export type AskedRoute = Exclude<RouteName, 'auditFollow' | 'logTile'>;

/** Methods and paths as the contract has them. They are written again because the contract's table brings the schemas along; the compiler compares the two. */
export type Addresses<N extends AskedRoute> = { readonly [Name in N]: Address<Name> };
type Address<N extends RouteName> = { readonly method: (typeof ROUTES)[N]['method']; readonly path: (typeof ROUTES)[N]['path'] };

/** What goes with a request: values for `:names` in the path, the query, a JSON body or bytes. */
export interface Asked<N extends RouteName> {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: RouteBody<N>;
  readonly bytes?: Blob;
  readonly signal?: AbortSignal;
  /** From a page of another origin: which server is asked, and with which token. Cookies then stay at home. */
  readonly from?: Elsewhere;
}

export interface Elsewhere {
  /** An origin. */
  readonly server: string;
  readonly token?: string;
}

/** What can be asked by the addresses of a table. */
export interface Api<T extends AskedRoute> {
  /** The same-origin address of a route with its values in place. */
  addressOf(name: T, asked?: Pick<Asked<RouteName>, 'params' | 'query'>): string;
  /**
   * Asks the server. Resolves with the route's reply, rejects with a `Failure` of the table and with nothing else, save an
   * `AbortError` when `signal` was used. Without an answer a reading is `server-busy` and a change `outcome-unknown`.
   */
  call<N extends T>(name: N, asked?: Asked<N>): Promise<RouteReply<N>>;
  /** The reply as it comes, for whoever reads it otherwise. Rejects as `call` does when there is none. */
  fetchReply<N extends T>(name: N, asked: Asked<N>): Promise<Response>;
}

/** A table for each kind of page: what administrators ask is not fetched by a visitor. */
export function apiOf<T extends AskedRoute>(addresses: Addresses<T>): Api<T> {
  const addressOf: Api<T>['addressOf'] = (name, asked = {}) => {
    const path = addresses[name].path.replace(/:([a-z]+)/g, (_, key: string) => encodeURIComponent(asked.params?.[key] ?? ''));
    const query = Object.entries(asked.query ?? {}).filter((pair): pair is [string, string] => pair[1] !== undefined);
    return query.length === 0 ? path : `${path}?${new URLSearchParams(query)}`;
  };
  const fetchReply: Api<T>['fetchReply'] = (name, asked) => send(addresses[name].method, addressOf(name, asked), asked);
  return {
    addressOf,
    fetchReply,
    async call<N extends T>(name: N, asked: Asked<N> = {}) {
      const reply = await fetchReply(name, asked);
      const body = await reply.json().catch(() => undefined);
      if (!reply.ok) throw failureOf(reply.status, body);
      return body as RouteReply<N>;
    },
  };
}

async function send(method: string, address: string, asked: Asked<AskedRoute>): Promise<Response> {
  const json = asked.body !== undefined;
  try {
    return await fetch((asked.from?.server ?? '') + address, {
      method,
      credentials: asked.from === undefined ? 'same-origin' : 'omit',
      cache: 'no-store',
      headers: { accept: 'application/json', ...(json && { 'content-type': 'application/json' }), ...(asked.bytes && { 'content-type': asked.bytes.type }), ...(asked.from?.token !== undefined && { authorization: `Bearer ${asked.from.token}` }) },
      body: json ? JSON.stringify(asked.body) : (asked.bytes ?? null),
      ...(asked.signal && { signal: asked.signal }),
    });
  } catch (cause) {
    if (asked.signal?.aborted) throw cause;
    throw unanswered(method === 'GET' ? 'server-busy' : 'outcome-unknown', cause);
  }
}

/** What it means that there was no reply at all. */
export function unanswered(code: FailureCode, cause?: unknown): Failure {
  return new Failure(code, { cause, detail: msg('The server did not answer.') });
}

/** What a refused reply means. */
export function failureOf(status: number, body: unknown): Failure {
  const refusal = (body as { refusal?: Refusal } | undefined)?.refusal;
  if (refusal !== undefined && refusal.code in FAILURES) return new Failure(refusal.code, { detail: refusal.text, retryAfterMs: refusal.retryAfterMs });
  return new Failure(codeOfStatus(status));
}

/** For answers that something between the page and the server gave. */
function codeOfStatus(status: number): FailureCode {
  if (status === 401) return 'session-ended';
  if (status === 404) return 'not-found';
  if (status === 413) return 'too-large';
  if (status === 429) return 'rate-limited';
  return status >= 500 ? 'server-busy' : 'invalid-command';
}

/** The sentence for a refusal: what is said of this one, else the table's. What the server says is English, so whoever may read another language is not told it. */
export function wordsOf(refusal: Refusal): string {
  return refusal.text ?? msg(FAILURES[refusal.code].text);
}
