import type { ProviderPart } from './provider.ts';

const OPENS = '<think>';
const CLOSES = '</think>';

/**
 * Turns thoughts that a server leaves in the text, as `<think>…</think>` at its very beginning, into reasoning parts. Everything else passes as it is.
 * Only a piece that may yet become a tag is held back, and it is said when the stream ends or breaks within it.
 */
export async function* withoutThinkTags(parts: AsyncIterable<ProviderPart>): AsyncIterable<ProviderPart> {
  const reader = tagReader();
  try {
    for await (const part of parts) {
      if (part.type === 'text') yield* reader.read(part.text);
      else if (part.type === 'reasoning') yield part;
      else {
        yield* reader.rest();
        yield part;
      }
    }
  } catch (error) {
    yield* reader.rest();
    throw error;
  }
  yield* reader.rest();
}

interface TagReader {
  read(text: string): ProviderPart[];
  /** What was held back. */
  rest(): ProviderPart[];
}

function tagReader(): TagReader {
  let at: 'beginning' | 'thought' | 'gap' | 'answer' = 'beginning';
  let held = '';
  const take = (type: 'text' | 'reasoning', length: number): ProviderPart[] => {
    const text = held.slice(0, length);
    held = held.slice(length);
    return text === '' ? [] : [{ type, text }];
  };
  const begin = (): void => {
    const bare = held.trimStart();
    if (OPENS.startsWith(bare)) return;
    at = bare.startsWith(OPENS) ? 'thought' : 'answer';
    if (at === 'thought') held = bare.slice(OPENS.length).trimStart();
  };
  const think = (): ProviderPart[] => {
    const end = held.indexOf(CLOSES);
    const said = take('reasoning', end < 0 ? held.length - tailOf(held) : end);
    if (end >= 0) {
      held = held.slice(CLOSES.length);
      at = 'gap';
    }
    return said;
  };
  return {
    read(text) {
      held += text;
      if (at === 'beginning') begin();
      const thought = at === 'thought' ? think() : [];
      if (at === 'gap') {
        held = held.trimStart();
        if (held !== '') at = 'answer';
      }
      return at === 'answer' ? [...thought, ...take('text', held.length)] : thought;
    },
    rest: () => take(at === 'thought' ? 'reasoning' : 'text', held.length),
  };
}

/** How many letters at the end may be the beginning of the closing tag. */
function tailOf(text: string): number {
  for (let length = Math.min(CLOSES.length - 1, text.length); length > 0; length--) {
    if (CLOSES.startsWith(text.slice(-length))) return length;
  }
  return 0;
}
