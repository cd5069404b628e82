import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** One request to a raw provider, answered piece by piece when the test says so. */
export interface RawCall {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The JSON that was sent; `undefined` without a body. */
  readonly body: unknown;
  /** Resolves when the connection has closed, from either side. */
  readonly closed: Promise<void>;
  /** A whole answer at once; an object is sent as JSON. */
  reply(status: number, body: unknown, headers?: Record<string, string>): void;
  /** Begins a stream of events. */
  open(headers?: Record<string, string>): void;
  /** Sends text as it stands, and resolves when it has left. */
  write(...texts: string[]): Promise<void>;
  /** Ends the body in an orderly way. */
  end(): void;
  /** Cuts the connection. */
  reset(): void;
}

/** A server that says exactly what a test tells it to, when it tells it to: broken, slow and wrong answers included. */
export interface RawProvider extends AsyncDisposable {
  readonly url: string;
  readonly calls: readonly RawCall[];
  /** The next request that nobody has taken yet. */
  next(): Promise<RawCall>;
}

export async function newRawProvider(): Promise<RawProvider> {
  const calls: RawCall[] = [];
  let taken = 0;
  const waiting: ((call: RawCall) => void)[] = [];
  const server = createServer((request, response) => {
    void callOf(request, response).then((call) => {
      calls.push(call);
      const taker = waiting.shift();
      if (taker === undefined) return;
      taken += 1;
      taker(call);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    next() {
      const call = calls[taken];
      if (call === undefined) return new Promise((resolve) => waiting.push(resolve));
      taken += 1;
      return Promise.resolve(call);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function callOf(request: IncomingMessage, response: ServerResponse): Promise<RawCall> {
  const closed = new Promise<void>((resolve) => response.once('close', resolve));
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    headers: request.headers,
    body: text === '' ? undefined : (JSON.parse(text) as unknown),
    closed,
    reply(status, body, headers = {}) {
      response.writeHead(status, { 'content-type': typeof body === 'string' ? 'text/plain' : 'application/json', ...headers });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    },
    open(headers = {}) {
      response.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
      response.flushHeaders();
    },
    async write(...texts) {
      // Whoever has heard the end may hang up before the last byte is acknowledged.
      for (const one of texts) await Promise.race([closed, new Promise<void>((resolve) => response.write(one, () => resolve()))]);
    },
    end: () => void response.end(),
    reset: () => void response.destroy(),
  };
}

/** A server-sent event. */
export function event(data: unknown, name?: string): string {
  return `${name === undefined ? '' : `event: ${name}\n`}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
}

/** What a person asked in a call of Chat Completions: their last message. */
export function questionOf({ body }: RawCall): string {
  const { messages } = body as { messages: { role: string; content: string }[] };
  return messages.findLast(({ role }) => role === 'user')?.content ?? '';
}

/** A piece of a reply in Chat Completions, and with `finish` its end. */
export const chunk = (content: string, finish: 'stop' | null = null): string => event({ id: 'c', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content }, finish_reason: finish }] });

/** Ends a reply that was begun in Chat Completions as it should end. */
export async function finish(call: RawCall): Promise<void> {
  await call.write(chunk('', 'stop'), event('[DONE]'));
  call.end();
}
