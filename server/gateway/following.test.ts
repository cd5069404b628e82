import { expect, it } from 'vitest';
import type { AuditEntry } from '../../contracts/records.ts';
import { followed, type Following } from './following.ts';

const entry = (number: number): AuditEntry => ({ number, at: 0, type: 'signed-out', result: 'done', actor: null, said: null });
const nothing = (after: number) => Promise.resolve({ entries: [], upTo: after, isWhole: true });

/** All that is sent until it ends; it is over after so many pauses. */
async function sent(after: number, pauses: number, parts: Partial<Following>): Promise<string[]> {
  let left = pauses;
  const all: string[] = [];
  for await (const chunk of followed(after, { since: nothing, mayGoOn: () => Promise.resolve(true), pause: () => Promise.resolve(left-- > 0), ...parts })) all.push(chunk);
  return all;
}

it('what fits comes once and in order; of the rest only the number is told, so that it is not looked at again', async () => {
  const looks: number[] = [];
  const since = (after: number) => {
    looks.push(after);
    if (after === 4) return Promise.resolve({ entries: [entry(5), entry(7)], upTo: 8, isWhole: false });
    return after === 8 ? Promise.resolve({ entries: [entry(9)], upTo: 9, isWhole: true }) : nothing(after);
  };
  const [retry, first, second, ...rest] = await sent(4, 1, { since });
  expect([retry, rest]).toEqual(['retry: 2000\n\n', []]);
  expect(first).toBe(`id: 5\ndata: ${JSON.stringify(entry(5))}\n\nid: 7\ndata: ${JSON.stringify(entry(7))}\n\nid: 8\n\n`);
  expect(second).toBe(`id: 9\ndata: ${JSON.stringify(entry(9))}\n\n`);
  expect(looks).toEqual([4, 8, 9]);
});

it('while nothing happens a comment is sent after every fifteen looks', async () => {
  expect(await sent(1, 29, {})).toEqual(['retry: 2000\n\n', ': still here\n\n', ': still here\n\n']);
});

it('what was found is not sent to who may not see it any more, and nothing is when the store does not answer', async () => {
  const since = () => Promise.resolve({ entries: [entry(5)], upTo: 5, isWhole: true });
  expect(await sent(4, 9, { since, mayGoOn: () => Promise.resolve(false) })).toEqual(['retry: 2000\n\n']);
  expect(await sent(4, 9, { since, mayGoOn: () => Promise.reject(new Error('away')) })).toEqual(['retry: 2000\n\n']);
  expect(await sent(4, 9, { since: () => Promise.reject(new Error('away')) })).toEqual(['retry: 2000\n\n']);
});
