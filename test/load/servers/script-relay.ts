import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Redis } from 'ioredis';
import OpenAI from 'openai';
import { serveParent } from '../child.ts';

/**
 * The shape that LibreChat uses, on one of several processes: the official SDK, for each token one script that numbers it, appends it to a log and publishes it, and
 * server-sent events to whoever listens on any process. No account, no record and nothing kept in a database; and generous: the loop that reads the provider never
 * waits for a script, and the log has no housekeeping.
 */
const PER_TOKEN = `
local seq = redis.call('INCR', KEYS[1])
redis.call('XADD', KEYS[2], 'MAXLEN', '~', 10000, '*', 's', seq, 'd', ARGV[1])
redis.call('PUBLISH', KEYS[3], seq .. ' ' .. ARGV[1])
return seq`;
const KEPT_SECONDS = 600;

interface Scripts {
  sayToken(seq: string, log: string, channel: string, text: string): Promise<number>;
}

let client: OpenAI;
let redis: Redis & Scripts;
let ear: Redis;
const listening = new Map<string, Set<ServerResponse>>();
let failure: unknown;

const server = createServer((request, response) => void (request.method === 'POST' ? say(request, response) : listen(request, response)).catch((error: unknown) => (failure ??= error)));

async function say(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { conversation, messages } = JSON.parse(Buffer.concat(chunks).toString()) as { conversation: string; messages: OpenAI.ChatCompletionMessageParam[] };
  const stream = await client.chat.completions.create({ model: 'fake', messages, stream: true });
  response.writeHead(202).end();
  const keys = [`seq:${conversation}`, `log:${conversation}`, `tell:${conversation}`] as const;
  for await (const chunk of stream) {
    const text = chunk.choices[0]?.delta.content;
    if (text) redis.sayToken(...keys, JSON.stringify(text)).catch((error: unknown) => (failure ??= error));
  }
  for (const key of keys.slice(0, 2)) await redis.expire(key, KEPT_SECONDS);
}

async function listen(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const channel = `tell:${new URL(request.url ?? '', 'http://localhost').searchParams.get('conversation') ?? ''}`;
  const readers = listening.get(channel) ?? new Set();
  listening.set(channel, readers.add(response));
  response.on('close', () => readers.delete(response));
  if (readers.size === 1) await ear.subscribe(channel);
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  response.write(': here\n\n');
}

function heard(channel: string, message: string): void {
  const space = message.indexOf(' ');
  const frame = `id: ${message.slice(0, space)}\ndata: {"text":${message.slice(space + 1)}}\n\n`;
  for (const reader of listening.get(channel) ?? []) reader.write(frame);
}

serveParent(
  {
    start: async ({ provider, redis: url }: { provider: string; redis: string }) => {
      client = new OpenAI({ baseURL: provider, apiKey: 'none', maxRetries: 0 });
      redis = new Redis(url) as Redis & Scripts;
      redis.defineCommand('sayToken', { numberOfKeys: 3, lua: PER_TOKEN });
      ear = new Redis(url);
      ear.on('message', heard);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
    },
    /** Throws what went wrong. */
    check: () => {
      if (failure !== undefined) throw failure;
    },
  },
  () => server.closeAllConnections(),
);
