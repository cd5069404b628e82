import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';

/** What a client asked for. */
export interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body: string | Buffer;
}

/** `403`, `429` and `503` are said and nothing is done; `reset` cuts the connection before anything is done, `lost` once it is done; `slow` answers in drops, `hangs` never. */
export const FAULTS = ['429', '503', 'reset', 'lost', 'slow'] as const;
export type Fault = (typeof FAULTS)[number] | '403' | 'hangs';
/** How services of Google's, and others that speak as they do, say that there is no room. */
export const NO_ROOM = [403, 429, 507] as const;
/** What puts something there. */
const PUTS = /^\/upload\/|\/insertAll$/u;

/** The far end of a real wire, which can go wrong. */
export interface FaultyServer extends AsyncDisposable {
  readonly url: string;
  /** All that was asked, each as `what` names it. */
  readonly asked: readonly string[];
  /** The `authorization` headers that came, if any did. */
  readonly authorizations: readonly string[];
  /** The bytes of all that was asked, one after another: addresses and bodies. */
  heard(): Buffer;
  /** What goes wrong with the next that is asked of this kind; `undefined`: nothing. */
  faultOf: (what: string) => Fault | undefined;
  /** While it is set there is no room: whoever puts something is told so when half of it has come, and nothing of it is kept. */
  fullWith: (typeof NO_ROOM)[number] | undefined;
}

/** `what` names a request for the test; `answer` does what is asked. */
export async function newFaultyServer(what: (asked: Asked) => string, answer: (asked: Asked) => Promise<Reply>): Promise<FaultyServer> {
  const asked: string[] = [];
  const authorizations: string[] = [];
  const heard: Buffer[] = [];
  const faulty: Pick<FaultyServer, 'asked' | 'authorizations' | 'faultOf' | 'heard' | 'fullWith'> = { asked, authorizations, faultOf: () => undefined, fullWith: undefined, heard: () => Buffer.concat(heard) };
  const reply = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const head = { method: request.method ?? 'GET', url: new URL(request.url ?? '/', 'http://localhost'), headers: request.headers };
    if (faulty.fullWith !== undefined && PUTS.test(head.url.pathname)) return refuseHalfway(request, response, faulty.fullWith);
    const one: Asked = { ...head, body: await buffer(request) };
    const name = what(one);
    asked.push(name);
    heard.push(Buffer.from(`${one.url.href}\n`), one.body);
    const fault = faulty.faultOf(name);
    if (request.headers.authorization !== undefined) authorizations.push(request.headers.authorization);
    if (fault === 'hangs') return;
    if (fault === 'reset') return void request.socket.destroy();
    const { status, headers, body } = fault !== undefined && /^\d+$/u.test(fault) ? refusal(Number(fault)) : await answer(one);
    if (fault === 'lost') return void request.socket.destroy();
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    const bytes = Buffer.from(body);
    for (const [from, to] of fault === 'slow' ? [[0, 1], [1, 2], [2, bytes.length]] as const : [[0, bytes.length]] as const) {
      response.write(bytes.subarray(from, to));
      await new Promise((resolve) => setImmediate(resolve));
    }
    response.end();
  };
  const server = createServer((request, response) => {
    reply(request, response).catch((error: unknown) => response.writeHead(500, { 'content-type': 'application/json' }).end(JSON.stringify({ error: { code: 500, message: String(error), errors: [{ reason: 'backendError' }] } })));
  });
  server.keepAliveTimeout = 120_000; // as Google's, which ends no connection just as it is asked
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(faulty, {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  });
}

/** Says no when half of a body has come, and lets the rest go by. */
async function refuseHalfway(request: IncomingMessage, response: ServerResponse, status: number): Promise<void> {
  const half = Number(request.headers['content-length'] ?? 0) / 2;
  let came = 0;
  for await (const bytes of request.iterator({ destroyOnReturn: false })) if ((came += (bytes as Buffer).length) >= half) break;
  const { body } = refusal(status, 'There is no room for more.', 'quotaExceeded');
  response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  request.resume();
}

/** As services of Google's say it. */
export function refusal(status: number, message = `said ${status}`, reason = status === 429 ? 'rateLimitExceeded' : 'backendError'): Reply {
  return { status, body: JSON.stringify({ error: { code: status, message, errors: [{ message, domain: 'global', reason }] } }) };
}
