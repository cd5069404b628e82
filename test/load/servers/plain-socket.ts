import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { demoProvider } from '../../../server/providers/demo.ts';
import type { Prompt } from '../../../server/providers/provider.ts';
import { serveParent } from '../child.ts';

/** The comparator for delivery, replay and idle tabs: Socket.IO as it comes, rooms, nothing kept. */
const server = createServer();
const io = new Server(server);
let entries: readonly (readonly unknown[])[] = [];

io.on('connection', (socket) => {
  socket.on('join', (room: string, answer: () => void) => {
    void socket.join(room);
    answer();
  });
  socket.on('replay', () => {
    for (const entry of entries) socket.emit('t', ...entry);
  });
});

interface Streams {
  readonly count: number;
  readonly wordsPerSecond: number;
}

/** The same text at the same pace from the same generator as the product's, straight to a room. */
async function stream({ count, wordsPerSecond }: Streams): Promise<void> {
  const provider = demoProvider(wordsPerSecond);
  const prompt: Prompt = { purpose: 'reply', model: 'demo', messages: [{ author: 'person', parts: [{ type: 'text', text: 'long' }] }], parameters: {} };
  const signal = new AbortController().signal;
  await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const room = `room-${index}`;
      for await (const part of provider.stream(prompt, signal)) if (part.type === 'text') io.to(room).emit('token', part.text);
    }),
  );
}

serveParent(
  {
    start: () => new Promise<string>((resolve) => server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as { port: number }).port}`))),
    stream,
    keep: (given: readonly (readonly unknown[])[]) => {
      entries = given;
    },
  },
  () => io.close(),
);
