import { createAdapter } from '@socket.io/redis-adapter';
import { createServer } from 'node:http';
import { Redis } from 'ioredis';
import OpenAI from 'openai';
import { Server } from 'socket.io';
import { serveParent } from '../child.ts';

/** Socket.IO as it comes on one of several processes: the official SDK, rooms over `@socket.io/redis-adapter`, one emit for each token. Nothing is numbered and nothing kept. */
const server = createServer();
let client: OpenAI;
let failure: unknown;

function serve(io: Server): void {
  io.on('connection', (socket) => {
    socket.on('join', (room: string, answer: () => void) => {
      void Promise.resolve(socket.join(room)).then(answer);
    });
    socket.on('say', ({ room, messages }: { room: string; messages: OpenAI.ChatCompletionMessageParam[] }, answer: () => void) => {
      say(io, room, messages, answer).catch((error: unknown) => (failure ??= error));
    });
  });
}

async function say(io: Server, room: string, messages: OpenAI.ChatCompletionMessageParam[], answer: () => void): Promise<void> {
  const stream = await client.chat.completions.create({ model: 'fake', messages, stream: true });
  answer();
  for await (const chunk of stream) {
    const text = chunk.choices[0]?.delta.content;
    if (text) io.to(room).emit('token', text);
  }
}

serveParent({
  start: async ({ provider, redis }: { provider: string; redis: string }) => {
    client = new OpenAI({ baseURL: provider, apiKey: 'none', maxRetries: 0 });
    serve(new Server(server, { adapter: createAdapter(new Redis(redis), new Redis(redis)) }));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  },
  /** Throws what went wrong. */
  check: () => {
    if (failure !== undefined) throw failure;
  },
});
