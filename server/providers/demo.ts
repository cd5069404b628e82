import type { Prompt, Provider, ProviderPart } from './provider.ts';
import { scriptFor } from './demo-script.ts';

/** Scripted answers at a human pace, for a deployment without any key. It says that it is scripted, and shows what the screen can draw. */
export function demoProvider(wordsPerSecond: number): Provider {
  return {
    async *stream(prompt, signal) {
      if (prompt.purpose === 'title') yield* whole(titleOf(prompt));
      else yield* paced(prompt, 1_000 / wordsPerSecond, signal);
    },
    models: () => Promise.resolve([{ name: 'demo', label: 'Demo (scripted)', vision: true }]),
  };
}

async function* paced(prompt: Prompt, everyMs: number, signal: AbortSignal): AsyncIterable<ProviderPart> {
  let outputTokens = 0;
  const began = performance.now();
  for (const { type, text } of scriptFor(prompt)) {
    for (const word of text.match(/\s*\S+\s*?(?=\s|$)|\s+/gu) ?? []) {
      await until(began + ++outputTokens * everyMs, signal);
      if (signal.aborted) return;
      yield { type, text: word };
    }
  }
  yield { type: 'usage', usage: { inputTokens: lastQuestion(prompt).split(/\s+/u).length, outputTokens } };
  yield { type: 'end', reason: 'done' };
}

async function* whole(text: string): AsyncIterable<ProviderPart> {
  yield { type: 'text', text };
  yield { type: 'end', reason: 'done' };
}

function until(time: number, signal: AbortSignal): Promise<void> {
  const wait = time - performance.now();
  if (wait <= 0 || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, wait);
    signal.addEventListener('abort', done);
  });
}

function lastQuestion(prompt: Prompt): string {
  return (prompt.messages.at(-1)?.parts ?? []).map((part) => (part.type === 'text' ? part.text : '')).join(' ');
}

/** The first words of the question. */
function titleOf(prompt: Prompt): string {
  return lastQuestion(prompt).split('\n\n---\n\n')[0]?.trim().split(/\s+/u).slice(0, 6).join(' ') ?? '';
}
