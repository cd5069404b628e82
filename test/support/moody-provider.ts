import { createServer } from 'node:http';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { random } from './random.ts';

/** A call as it came, and what was on record by then. */
export interface Call {
  readonly purpose: 'reply' | 'title';
  /** What was asked last, by the name that its words begin with. */
  readonly question: string;
  /** The ids of the records that a call is begun with. */
  readonly onRecord: readonly string[];
}

export interface MoodyProvider extends AsyncDisposable {
  readonly url: string;
  readonly calls: readonly Call[];
  /** Answers of each kind that were given. */
  readonly moods: Readonly<Record<string, number>>;
  /** Resolves once so many calls have come. */
  called(times: number): Promise<void>;
}

export const QUESTION = /ask-[\w-]{22}/gu;
const TITLE = 'at most six words';
const PACE_MS = 4;

const chunk = (content: string, finish: string | null = null): string => `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 0, model: 'tiny', choices: [{ index: 0, delta: { content }, finish_reason: finish }] })}\n\n`;

/**
 * A model that is busy, breaks, refuses, or is cut off in the middle, as the seed and what it is asked say; the same question asked once more may be answered otherwise. Before it answers it looks with `begun` at what is on record.
 */
export async function newMoodyProvider(seed: number, begun: () => readonly string[] | Promise<readonly string[]>): Promise<MoodyProvider> {
  const calls: Call[] = [];
  const moods: Record<string, number> = {};
  const waiting = new Map<number, () => void>();
  const server = createServer((request, response) => {
    response.on('error', () => undefined); // whoever asked may be dead
    void (async () => {
      const body = Buffer.concat(await request.toArray() as Buffer[]).toString();
      const onRecord = await begun();
      const purpose = body.includes(TITLE) ? 'title' : 'reply';
      const question = body.match(QUESTION)?.at(-1) ?? '';
      calls.push({ purpose, question, onRecord });
      waiting.get(calls.length)?.();
      const dice = random(seed + calls.filter((one) => one.question === question && one.purpose === purpose).length * 7_919 + Buffer.from(question).reduce((sum, byte) => Math.imul(sum, 31) + byte, 0));
      const mood = dice.pick(['429', '500', '400', 'cut', 'cut-at-once', 'short', 'short', 'short', 'long', 'long', 'long', 'long']);
      moods[mood] = (moods[mood] ?? 0) + 1;
      if (/^\d/u.test(mood)) return void response.writeHead(Number(mood), { 'content-type': 'application/json', 'retry-after': '0' }).end(JSON.stringify({ error: { message: 'not now', code: 'invalid_prompt', type: 'invalid_prompt' } }));
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const words = mood === 'cut-at-once' ? 0 : mood === 'long' ? 25 : 1 + dice.below(6);
      for (let word = 0; word < words && !response.destroyed; word++) {
        response.write(chunk('word '));
        await setTimeout(PACE_MS);
      }
      if (mood.startsWith('cut')) response.destroy();
      else response.end(`${chunk('end', 'stop')}data: [DONE]\n\n`);
    })();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`, calls, moods,
    called: (times) => (calls.length >= times ? Promise.resolve() : new Promise((resolve) => waiting.set(times, resolve))),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
