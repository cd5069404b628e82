import { createAdapter } from '@socket.io/redis-adapter';
import { Redis } from 'ioredis';
import { createServer } from 'node:http';
import OpenAI from 'openai';
import { Server } from 'socket.io';
import { demoProvider } from '../../../server/providers/demo.ts';
import type { Prompt } from '../../../server/providers/provider.ts';
import { serveParent } from '../child.ts';
import { heldCalls, watchServers } from './held.ts';

/** The comparator that is Socket.IO as it comes: rooms, one emit for each token, nothing numbered and nothing kept. Given a Redis it is one of several, over `@socket.io/redis-adapter`. */
watchServers();
const server = createServer();
let io: Server | undefined;
let client: OpenAI;
let entries: readonly (readonly unknown[])[] = [];
let failure: unknown;

function serve(to: Server): void {
  to.on('connection', (socket) => {
    socket.on('join', (room: string, answer: () => void) => {
      void Promise.resolve(socket.join(room)).then(answer);
    });
    socket.on('end', (room: string) => to.in(room).disconnectSockets(true));
    socket.on('say', ({ room, messages }: { room: string; messages: OpenAI.ChatCompletionMessageParam[] }, answer: () => void) => {
      say(room, messages, answer).catch((error: unknown) => (failure ??= error));
    });
    socket.on('replay', () => {
      for (const entry of entries) socket.emit('t', ...entry);
    });
  });
}

/** What a provider says, over the official SDK. */
async function say(room: string, messages: OpenAI.ChatCompletionMessageParam[], answer: () => void): Promise<void> {
  const stream = await client.chat.completions.create({ model: 'fake', messages, stream: true });
  answer();
  for await (const chunk of stream) {
    const text = chunk.choices[0]?.delta.content;
    if (text) io?.to(room).emit('token', text);
  }
}

interface Streams {
  readonly count: number;
  readonly wordsPerSecond: number;
}

/** The same text at the same pace from the same generator as the product's demo, straight to a room. */
async function stream({ count, wordsPerSecond }: Streams): Promise<void> {
  const provider = demoProvider(wordsPerSecond);
  const prompt: Prompt = { purpose: 'reply', model: 'demo', messages: [{ author: 'person', parts: [{ type: 'text', text: 'long' }] }], parameters: {} };
  const signal = new AbortController().signal;
  await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const room = `room-${index}`;
      for await (const part of provider.stream(prompt, signal)) if (part.type === 'text') io?.to(room).emit('token', part.text);
    }),
  );
}

interface Start {
  /** The endpoint that `say` asks. */
  readonly provider?: string;
  /** What this server shares with others; without it, it is the only one. */
  readonly redis?: string;
}

serveParent(
  {
    start: async (given: Start | null) => {
      const { provider, redis } = given ?? {};
      if (provider !== undefined) client = new OpenAI({ baseURL: provider, apiKey: 'none', maxRetries: 0 });
      io = new Server(server, redis === undefined ? {} : { adapter: createAdapter(new Redis(redis), new Redis(redis)) });
      serve(io);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
    },
    stream,
    keep: (given: readonly (readonly unknown[])[]) => {
      entries = given;
    },
    /** Throws what went wrong. */
    check: () => {
      if (failure !== undefined) throw failure;
    },
    ...heldCalls,
  },
  () => io?.close(),
);
