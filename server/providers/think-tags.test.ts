import { expect, it } from 'vitest';
import type { ProviderPart } from './provider.ts';
import { withoutThinkTags } from './think-tags.ts';

async function read(texts: readonly string[], breaks = false): Promise<{ text: string; reasoning: string; broke: boolean; last: string | undefined }> {
  async function* parts(): AsyncIterable<ProviderPart> {
    for (const text of texts) yield { type: 'text', text };
    await Promise.resolve();
    if (breaks) throw new Error('broken');
    yield { type: 'end', reason: 'done' };
  }
  const found = { text: '', reasoning: '', broke: false, last: undefined as string | undefined };
  try {
    for await (const part of withoutThinkTags(parts())) {
      if (part.type === 'text' || part.type === 'reasoning') found[part.type] += part.text;
      found.last = part.type;
    }
  } catch {
    found.broke = true;
  }
  return found;
}

it('thoughts in tags are reasoning, wherever the stream is cut into pieces', async () => {
  const whole = '\n<think>\nIs 1 < 2? </thin Yes.\n</think>\n\nYes, <think>ing</think> helps.';
  for (let size = 1; size <= whole.length; size++) {
    const pieces = whole.match(new RegExp(`[\\s\\S]{1,${size}}`, 'gu')) ?? [];
    const { text, reasoning, last } = await read(pieces);
    expect([size, text, reasoning.trimStart(), last]).toEqual([size, 'Yes, <think>ing</think> helps.', 'Is 1 < 2? </thin Yes.\n', 'end']);
  }
});

it('text without tags at its beginning passes as it is', async () => {
  for (const whole of ['', '  ', '<', '<thing>', ' <b>bold</b>', 'First <think>no</think>']) expect(await read(whole.split(''))).toMatchObject({ text: whole, reasoning: '' });
});

it('nothing is lost when the stream breaks off within a tag', async () => {
  expect(await read(['<think>Hm', 'm </thi'], true)).toEqual({ text: '', reasoning: 'Hmm </thi', broke: true, last: 'reasoning' });
  expect(await read(['<th'], true)).toEqual({ text: '<th', reasoning: '', broke: true, last: 'text' });
});
