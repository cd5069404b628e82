import type { Prompt, Provider, ProviderPart } from '../../../server/providers/provider.ts';

/** How often a provider was asked. */
export interface Calls {
  replies: number;
  titles: number;
}

const WORDS = ['one ', 'order ', 'for ', 'every ', 'tab, ', 'and ', 'nothing ', 'twice. '];

/** The whole reply to a question, as an uninterrupted run gives it: each question has another. */
export function wordsFor(question: string): string[] {
  const seed = Buffer.from(question).reduce((sum, byte) => (sum * 31 + byte) % 9_973, 7);
  return Array.from({ length: 8 + (seed % 30) }, (_, index) => `${index}:${WORDS[(seed + index * 3) % WORDS.length]}`);
}

const EVERY_MS = [5, 20, 60, 150];

export function scriptedProvider(calls: Calls): Provider {
  return {
    async *stream(prompt, signal) {
      if (prompt.purpose === 'title') {
        calls.titles += 1;
        yield { type: 'text', text: 'A title' };
      } else {
        calls.replies += 1;
        yield* paced(questionOf(prompt), signal);
        if (signal.aborted) return;
      }
      yield { type: 'end', reason: 'done' };
    },
    models: () => Promise.resolve([]),
  };
}

async function* paced(question: string, signal: AbortSignal): AsyncIterable<ProviderPart> {
  const words = wordsFor(question);
  const everyMs = EVERY_MS[words.length % EVERY_MS.length];
  for (const text of words) {
    await new Promise((resolve) => setTimeout(resolve, everyMs));
    if (signal.aborted) return;
    yield { type: 'text', text };
  }
}

function questionOf({ messages }: Prompt): string {
  return (messages.at(-1)?.parts ?? []).map((part) => (part.type === 'text' ? part.text : '')).join('');
}
