import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import OpenAI from 'openai';
import { serveParent } from '../child.ts';

/** The comparator for first tokens: a request, the official SDK, and its text as server-sent events. No account, no record, no second tab. */
let client: OpenAI;

const server = createServer((request, response) => void relay(request, response));

async function relay(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { messages } = JSON.parse(Buffer.concat(chunks).toString()) as { messages: OpenAI.ChatCompletionMessageParam[] };
  const stream = await client.chat.completions.create({ model: 'fake', messages, stream: true });
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  for await (const chunk of stream) {
    const text = chunk.choices[0]?.delta.content;
    if (text) response.write(`data: ${JSON.stringify({ text })}\n\n`);
  }
  response.end('data: [DONE]\n\n');
}

serveParent({
  start: (provider: string) => {
    client = new OpenAI({ baseURL: provider, apiKey: 'none', maxRetries: 0 });
    return new Promise<string>((resolve) => server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as { port: number }).port}`)));
  },
});
