import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { event } from './raw-provider.ts';
import { newSettingsFile } from './settings-file.ts';

/** A response as the provider keeps it: its events, and who listens to them. */
interface Kept {
  readonly id: string;
  readonly events: { type: string; sequence_number: number }[];
  readonly listeners: Set<ServerResponse>;
  isOver: boolean;
}

/** A server that speaks OpenAI's Responses API in background mode: a response goes on whoever listens, and can be listened to again. What it says is up to the test. */
export interface KeptProvider extends AsyncDisposable {
  /** What a server needs to be told to have it as `openai`, with the model `gpt-5`. */
  readonly environment: Record<string, string>;
  /** What was asked of it, in order; titles, which nothing here is about, left out. */
  readonly asked: readonly string[];
  /** Adds text to the response that was asked for last. */
  say(text: string): void;
  finish(): void;
  /** Ends it as one that the provider could not make just now. */
  fail(): void;
  /** Loses every response, as one that has kept them too long. */
  forgetAll(): void;
  /** Whoever wants to listen next is told to come again in two seconds. */
  isBusyOnce(): void;
}

/** `more`: what else its settings file says. */
export async function newKeptProvider(more = ''): Promise<KeptProvider> {
  const responses = new Map<string, Kept>();
  const asked: string[] = [];
  let last: Kept | undefined;
  let isBusy = false;
  const add = (kept: Kept | undefined, type: string, more: object): void => {
    if (kept === undefined) throw new Error('nothing was asked for yet');
    const said = { type, sequence_number: kept.events.length, ...more };
    kept.events.push(said);
    for (const listener of kept.listeners) listener.write(event(said, type));
  };
  const end = (kept: Kept | undefined, type: string, more: object = {}): void => {
    add(kept, type, { response: { id: kept?.id, status: type.slice('response.'.length), ...more, usage: { input_tokens: 3, output_tokens: 5, total_tokens: 8 } } });
    if (kept === undefined) return;
    kept.isOver = true;
    for (const listener of kept.listeners) listener.end();
  };
  const listen = (kept: Kept, response: ServerResponse, after: number): void => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    for (const said of kept.events) if (said.sequence_number > after) response.write(event(said, said.type));
    if (kept.isOver) return void response.end();
    kept.listeners.add(response);
    response.once('close', () => kept.listeners.delete(response));
  };
  const create = (background: boolean, response: ServerResponse): void => {
    const kept: Kept = { id: `resp_${responses.size + 1}`, events: [], listeners: new Set(), isOver: false };
    add(kept, 'response.created', { response: { id: kept.id, status: 'in_progress', background } });
    listen(kept, response, -1);
    if (background) {
      responses.set(kept.id, kept);
      last = kept;
      return;
    }
    add(kept, 'response.output_text.delta', { delta: 'A title' });
    end(kept, 'response.completed');
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    const [, , , id, what] = pathname.split('/');
    const body = request.method === 'POST' && id === undefined ? ((await json(request)) as { background?: boolean; store?: boolean }) : {};
    const isTitle = id === undefined && body.background !== true;
    if (!isTitle) asked.push(`${request.method} ${what ?? (id === undefined ? `create, store ${body.store}` : id)}${searchParams.size === 0 ? '' : ` ${searchParams}`}`);
    if (id === undefined) return create(body.background === true, response);
    const kept = responses.get(id);
    if (kept === undefined) return void response.writeHead(404, { 'content-type': 'application/json' }).end(JSON.stringify({ error: { message: `Response with id '${id}' not found.`, type: 'invalid_request_error', code: null } }));
    if (isBusy) {
      isBusy = false;
      return void response.writeHead(503, { 'content-type': 'application/json', 'retry-after-ms': '2000' }).end(JSON.stringify({ error: { message: 'The engine is currently overloaded', type: 'server_error' } }));
    }
    if (request.method === 'GET') return listen(kept, response, Number(searchParams.get('starting_after') ?? -1));
    if (what === 'cancel') end(kept, 'response.cancelled');
    else responses.delete(id);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ id, object: 'response', deleted: what === undefined }));
  };
  const server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const settings = newSettingsFile(`${more}providers:\n  openai:\n    kind: openai\n    baseUrl: http://127.0.0.1:${port}/v1\n    key: sk-0123456789\n    models: [gpt-5]\n    background: true\n`);
  return {
    environment: settings.environment,
    asked,
    say: (text) => add(last, 'response.output_text.delta', { delta: text }),
    finish: () => end(last, 'response.completed'),
    fail: () => end(last, 'response.failed', { error: { code: 'server_error', message: 'The model is overloaded.' } }),
    forgetAll: () => responses.clear(),
    isBusyOnce: () => void (isBusy = true),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      settings[Symbol.dispose]();
    },
  };
}
