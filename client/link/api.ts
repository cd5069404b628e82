import { msg } from '@lit/localize';
import { Failure, FAILURES } from '../../contracts/failures.ts';
import type { FailureCode, Refusal } from '../../contracts/failures.ts';
import type { RouteBody, RouteName, RouteReply, ROUTES } from '../../contracts/routes.ts';

/** Routes that are asked once and reply once. One is listened to, by those who follow the audit log, and visitors need not load its address. */
export type AskedRoute = Exclude<RouteName, 'auditFollow'>;

type Address<N extends RouteName> = { readonly method: (typeof ROUTES)[N]['method']; readonly path: (typeof ROUTES)[N]['path'] };

/** Methods and paths as the contract has them. They are written again because the contract's table brings the schemas along; the compiler compares the two. */
const ADDRESSES = {
  welcome: { method: 'GET', path: '/api/welcome' },
  register: { method: 'POST', path: '/api/register' },
  signIn: { method: 'POST', path: '/api/sign-in' },
  signOut: { method: 'POST', path: '/api/sign-out' },
  signOutEverywhere: { method: 'POST', path: '/api/sign-out-everywhere' },
  sessions: { method: 'GET', path: '/api/sessions' },
  endSession: { method: 'DELETE', path: '/api/sessions/:session' },
  conversations: { method: 'GET', path: '/api/conversations' },
  conversation: { method: 'GET', path: '/api/conversations/:conversation' },
  search: { method: 'GET', path: '/api/search' },
  models: { method: 'GET', path: '/api/models' },
  settings: { method: 'PUT', path: '/api/settings' },
  rename: { method: 'PUT', path: '/api/person' },
  keys: { method: 'GET', path: '/api/keys' },
  setKey: { method: 'PUT', path: '/api/keys/:provider' },
  removeKeys: { method: 'DELETE', path: '/api/keys' },
  removeKey: { method: 'DELETE', path: '/api/keys/:provider' },
  upload: { method: 'POST', path: '/api/conversations/:conversation/files' },
  file: { method: 'GET', path: '/api/files/:file' },
  sites: { method: 'GET', path: '/api/sites' },
  siteModels: { method: 'GET', path: '/api/site-models' },
  makeSite: { method: 'POST', path: '/api/sites' },
  changeSite: { method: 'PUT', path: '/api/sites/:site' },
  removeSite: { method: 'DELETE', path: '/api/sites/:site' },
  siteNumbers: { method: 'GET', path: '/api/sites/:site/numbers' },
  makeSiteKey: { method: 'POST', path: '/api/sites/:site/keys' },
  removeSiteKey: { method: 'DELETE', path: '/api/sites/:site/keys/:key' },
  inbox: { method: 'GET', path: '/api/inbox' },
  blockVisitor: { method: 'PUT', path: '/api/inbox/:conversation/blocked' },
  notes: { method: 'GET', path: '/api/inbox/:conversation/notes' },
  inboxFile: { method: 'GET', path: '/api/inbox/:conversation/files/:file' },
  blockedVisitors: { method: 'GET', path: '/api/sites/:site/blocked' },
  unblockVisitor: { method: 'DELETE', path: '/api/sites/:site/blocked/:visitor' },
  people: { method: 'GET', path: '/api/people' },
  setRole: { method: 'PUT', path: '/api/people/:user/role' },
  removePerson: { method: 'DELETE', path: '/api/people/:user' },
  cases: { method: 'GET', path: '/api/cases' },
  openCase: { method: 'POST', path: '/api/cases' },
  closeCase: { method: 'POST', path: '/api/cases/:case/close' },
  placeHold: { method: 'POST', path: '/api/cases/:case/holds' },
  releaseHold: { method: 'POST', path: '/api/cases/:case/holds/:hold/release' },
  names: { method: 'POST', path: '/api/review/names' },
  find: { method: 'POST', path: '/api/review/find' },
  readForCase: { method: 'POST', path: '/api/review/read' },
  exports: { method: 'GET', path: '/api/cases/:case/exports' },
  orderExport: { method: 'POST', path: '/api/exports' },
  approveExport: { method: 'POST', path: '/api/exports/:export/approve' },
  refuseExport: { method: 'POST', path: '/api/exports/:export/refuse' },
  cancelExport: { method: 'POST', path: '/api/exports/:export/cancel' },
  downloadExport: { method: 'POST', path: '/api/exports/:export/download' },
  auditLog: { method: 'GET', path: '/api/audit' },
  auditFeeds: { method: 'GET', path: '/api/audit/feeds' },
  auditExport: { method: 'GET', path: '/api/audit/export' },
  logCheckpoint: { method: 'GET', path: '/api/log/checkpoint' },
  masterKey: { method: 'GET', path: '/api/log/master-key' },
  logCopies: { method: 'GET', path: '/api/log/copies' },
  logInclusion: { method: 'GET', path: '/api/log/inclusion' },
  logConsistency: { method: 'GET', path: '/api/log/consistency' },
  retention: { method: 'GET', path: '/api/retention' },
  changeLogKey: { method: 'POST', path: '/api/log/keys' },
  shownSite: { method: 'GET', path: '/api/widget/:site' },
  challenge: { method: 'GET', path: '/api/widget/:site/challenge' },
  visit: { method: 'POST', path: '/api/widget/:site/visit' },
  visitorUpload: { method: 'POST', path: '/api/widget/:site/conversations/:conversation/files' },
  visitorFile: { method: 'GET', path: '/api/widget/:site/files/:file' },
} as const satisfies { [N in AskedRoute]: Address<N> };

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

/** The same-origin address of a route with its values in place. */
export function addressOf(name: AskedRoute, asked: Pick<Asked<RouteName>, 'params' | 'query'> = {}): string {
  const path = ADDRESSES[name].path.replace(/:([a-z]+)/g, (_, key: string) => encodeURIComponent(asked.params?.[key] ?? ''));
  const query = Object.entries(asked.query ?? {}).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return query.length === 0 ? path : `${path}?${new URLSearchParams(query)}`;
}

/**
 * Asks the server. Resolves with the route's reply, rejects with a `Failure` of the table and with nothing else, save an
 * `AbortError` when `signal` was used. Without an answer a reading is `server-busy` and a change `outcome-unknown`.
 */
export async function call<N extends AskedRoute>(name: N, asked: Asked<N> = {}): Promise<RouteReply<N>> {
  const reply = await fetchReply(name, asked);
  const body = await reply.json().catch(() => undefined);
  if (!reply.ok) throw failureOf(reply.status, body);
  return body as RouteReply<N>;
}

/** The reply as it comes, for whoever reads it otherwise. Rejects as `call` does when there is none. */
export async function fetchReply<N extends AskedRoute>(name: N, asked: Asked<N>): Promise<Response> {
  const { method } = ADDRESSES[name];
  const json = asked.body !== undefined;
  try {
    return await fetch((asked.from?.server ?? '') + addressOf(name, asked), {
      method,
      credentials: asked.from === undefined ? 'same-origin' : 'omit',
      cache: 'no-store',
      headers: { accept: 'application/json', ...(json && { 'content-type': 'application/json' }), ...(asked.bytes && { 'content-type': asked.bytes.type }), ...(asked.from?.token !== undefined && { authorization: `Bearer ${asked.from.token}` }) },
      body: json ? JSON.stringify(asked.body) : (asked.bytes ?? null),
      ...(asked.signal && { signal: asked.signal }),
    });
  } catch (cause) {
    if (asked.signal?.aborted) throw cause;
    throw new Failure(method === 'GET' ? 'server-busy' : 'outcome-unknown', { cause, detail: 'The server did not answer.' });
  }
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

/** The sentence for a refusal: the server's own words where it has any, else the table's. */
export function wordsOf(refusal: Refusal): string {
  return refusal.text ?? msg(FAILURES[refusal.code].text);
}
