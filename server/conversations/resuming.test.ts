import { describe, expect, it } from 'vitest';
import type { Part } from '../../contracts/conversation.ts';
import { appendText } from '../../contracts/view.ts';
import type { ProviderPart } from '../providers/provider.ts';
import type { Run } from './draft.ts';
import { asResumed, beyond } from './resuming.ts';

const END: ProviderPart = { type: 'end', reason: 'done' };
const said = (...runs: Run[]): ProviderPart[] => runs.map(([type, text]) => ({ type, text }));

async function heard(shown: readonly Run[], parts: readonly ProviderPart[]): Promise<ProviderPart[]> {
  const all: ProviderPart[] = [];
  const known = shown.reduce<Part[]>((grown, [type, text]) => appendText(grown, type, text), []);
  for await (const part of beyond(known, streamOf(parts))) all.push(part);
  return all;
}

async function* streamOf(parts: readonly ProviderPart[]): AsyncGenerator<ProviderPart> {
  for (const part of parts) yield await Promise.resolve(part);
}

describe('[RP1] of a response that is listened to again', () => {
  it.each([
    ['nothing was shown', [], said(['text', 'one '], ['text', 'two'])],
    ['pieces of other sizes were shown', [['text', 'on'], ['text', 'e t']] as Run[], said(['text', 'wo'])],
    ['all of it was shown', [['text', 'one two']] as Run[], []],
  ])('only what was not shown is passed on: %s', async (_what, shown, rest) => {
    expect(await heard(shown, [...said(['text', 'one '], ['text', 'two']), END])).toEqual([...rest, END]);
  });

  it('thoughts and words are told apart', async () => {
    const parts = [...said(['reasoning', 'hm, '], ['reasoning', 'yes'], ['text', 'yes, it is']), END];
    expect(await heard([['reasoning', 'hm, yes'], ['text', 'yes']], parts)).toEqual([...said(['text', ', it is']), END]);
    await expect(heard([['text', 'hm, ']], parts)).rejects.toMatchObject({ code: 'provider-broke-off' });
  });

  it.each([
    ['says something else', said(['text', 'one twice and more'])],
    ['ends before what was shown does', said(['text', 'one '])],
  ])('nothing is passed on when it %s', async (_what, parts) => {
    await expect(heard([['text', 'one two']], [...parts, END])).rejects.toMatchObject({ code: 'provider-broke-off' });
  });

  it('half a character at the end of a piece is what was shown for it', async () => {
    expect(await heard([['text', 'a\ufffd']], [...said(['text', 'a\ud83d'], ['text', '\ude00b']), END])).toEqual([...said(['text', '\ufffdb']), END]);
  });
});

it('what kept it from being taken up again is told as an interruption, and what the provider said of its content as that', () => {
  const attempt = { mayRepeat: false, waitMs: 0 };
  expect(asResumed({ ...attempt, outcome: { kind: 'failed', code: 'provider-refused' } }).outcome).toEqual({ kind: 'interrupted', code: 'server-restarted' });
  expect(asResumed({ ...attempt, outcome: { kind: 'failed', code: 'content-refused' } }).outcome).toEqual({ kind: 'failed', code: 'content-refused' });
  expect(asResumed({ ...attempt, outcome: { kind: 'completed' } }).outcome).toEqual({ kind: 'completed' });
});
