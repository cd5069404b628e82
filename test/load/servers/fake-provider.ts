import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { serveParent } from '../child.ts';
import { nowMs } from '../processor.ts';
import { scriptOf, tokenAt } from '../script.ts';

/** An endpoint that speaks chat completions. What it says and when is in the question, so that every contender meets the same provider. */
const server = createServer((request, response) => {
  if (request.method === 'POST') void readBody(request).then((body) => say(JSON.parse(body) as Asked, response));
  else response.setHeader('content-type', 'application/json').end(JSON.stringify({ object: 'list', data: [{ id: 'fake', object: 'model', created: 0, owned_by: 'load' }] }));
});

interface Asked {
  readonly messages: readonly { readonly content: string | readonly { readonly text?: string }[] }[];
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function questionOf({ messages }: Asked): string {
  const content = messages.at(-1)?.content ?? '';
  return typeof content === 'string' ? content : content.map(({ text }) => text ?? '').join('');
}

/** When each named reply was asked for, and how many of their tokens have been said in all. */
let begins = new Map<string, number>();
let told = 0;

function say(asked: Asked, response: ServerResponse): void {
  const script = scriptOf(questionOf(asked));
  const began = performance.now();
  if (script.name !== undefined) begins.set(script.name, nowMs());
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  let said = 0;
  const due = (token: number): number => script.firstMs + token * script.everyMs;
  const step = (): void => {
    if (response.destroyed) return;
    let chunk = '';
    for (; said < script.tokens && performance.now() - began >= due(said); said++, told += script.name === undefined ? 0 : 1) chunk += event({ content: tokenAt(script, said) }, null);
    if (said < script.tokens) {
      if (chunk !== '') response.write(chunk);
      setTimeout(step, Math.max(0, due(said) - (performance.now() - began)));
    } else if (script.staysOpen) response.write(chunk);
    else response.end(`${chunk}${event({}, 'stop')}data: [DONE]\n\n`);
  };
  setTimeout(step, script.firstMs);
}

function event(delta: object, finish: string | null): string {
  return `data: ${JSON.stringify({ id: 'fake', object: 'chat.completion.chunk', created: 0, model: 'fake', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
}

serveParent({
  said: () => told,
  /** Of all since the last time. */
  begins: () => {
    const all = Object.fromEntries(begins);
    begins = new Map();
    return all;
  },
  start: () => new Promise<string>((resolve) => server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as { port: number }).port}/v1`))),
});
