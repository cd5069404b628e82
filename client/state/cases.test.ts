import type { ReactiveControllerHost } from 'lit';
import { describe, expect, it } from 'vitest';
import type { Case, Names } from '../../contracts/cases.ts';
import { Failure } from '../../contracts/failures.ts';
import type { CaseId, UserId } from '../../contracts/ids.ts';
import type { Asked } from '../link/api.ts';
import { call } from '../link/app-api.ts';
import type { RouteName } from '../../contracts/routes.ts';
import { CasesController } from './cases.ts';
import { ReviewController } from './review.ts';

const CASE: Case = { id: 'case' as CaseId, name: 'Roe v. Kiln', openedAt: 1, closedAt: null, holds: [] };
const PELLE = 'abcdefghij0123456789_-' as UserId;
const NAMES: Names = { people: [{ id: PELLE, name: 'Pelle', email: 'pelle@example.org' }], sites: [] };
const host = { requestUpdate: () => undefined } as unknown as ReactiveControllerHost;

/** Both controllers with a server that answers these, and what it was asked. */
function newReviewer(replies: Partial<Record<RouteName, () => unknown>>) {
  const asked: [RouteName, unknown][] = [];
  const answer = (async (name: RouteName, { body }: Asked<RouteName>) => {
    asked.push([name, body]);
    return replies[name]?.();
  }) as typeof call;
  const review = new ReviewController(host, { call: answer });
  return { asked, review, cases: new CasesController(host, { call: answer, names: (one) => review.namesFor(one) }) };
}
const hold = { do: 'hold', case: CASE.id, type: 'person', from: null, to: null, reason: 'Named' } as const;

describe('a hold', () => {
  it('on an address asks who is here, with its own reason, and on an id asks nobody', async () => {
    const { asked, cases } = newReviewer({ names: () => NAMES, placeHold: () => CASE });
    await cases.run({ ...hold, whom: 'pelle@example.org' });
    const placed = ['placeHold', { scope: { of: { type: 'person', id: PELLE }, from: null, to: null }, reason: 'Named' }];
    expect(asked).toEqual([['names', { case: CASE.id, reason: 'Named' }], placed]);
    await cases.run({ ...hold, whom: PELLE });
    expect(asked.slice(2)).toEqual([placed]);
    expect(cases.list.value).toEqual([CASE]);
  });

  it('on nobody is not placed, and says so', async () => {
    const { asked, cases } = newReviewer({ names: () => NAMES });
    await expect(cases.run({ ...hold, whom: 'nobody@example.org' })).rejects.toThrow('Nobody here has this address');
    expect(asked.map(([name]) => name)).toEqual(['names']);
  });
});

describe('everybody', () => {
  it('is held and looked for between dates alone, nobody is asked who is here for it, and more is looked for where the last answer stopped', async () => {
    const goesOn = { after: 'further', at: 5 };
    const answers = [{ found: ['a'], isWhole: false, goesOn }, { found: ['b'], isWhole: true }];
    const { asked, cases, review } = newReviewer({ names: () => NAMES, placeHold: () => CASE, find: () => answers.shift() });
    const of = { type: 'everybody' } as const;
    await expect(cases.run({ ...hold, ...of, whom: '' })).rejects.toThrow('Of everybody there has to be a date');
    await cases.run({ ...hold, ...of, whom: '', to: 7 });
    expect(asked).toEqual([['placeHold', { scope: { of, from: null, to: 7 }, reason: 'Named' }]]);

    const search = { ...of, whom: '', from: 1, to: null, models: '', words: 'canary' };
    await review.run(CASE.id, { do: 'begin', reason: 'Letter' });
    await expect(review.run(CASE.id, { do: 'find', search: { ...search, from: null } })).rejects.toThrow('Of everybody there has to be a date');
    await review.run(CASE.id, { do: 'find', search });
    const question = { case: CASE.id, reason: 'Letter', of, from: 1, to: null, models: [], words: 'canary' };
    expect(asked.at(-1)).toEqual(['find', question]);
    await review.run(CASE.id, { do: 'go-on' });
    expect(asked.at(-1)).toEqual(['find', { ...question, after: 'further' }]);
    expect(review.of(CASE.id)?.results).toEqual({ found: ['a', 'b'], isWhole: true });
  });
});

it('what ends before it begins is neither held nor looked for, whoever it is of, and says so', async () => {
  const { asked, cases, review } = newReviewer({ names: () => NAMES });
  const reversed = { from: 7, to: 5 };
  await review.run(CASE.id, { do: 'begin', reason: 'Letter' });
  for (const type of ['everybody', 'person'] as const) {
    await expect(cases.run({ ...hold, type, whom: 'Pelle', ...reversed })).rejects.toThrow('The last day is before the first one.');
    await expect(review.run(CASE.id, { do: 'find', search: { type, whom: 'Pelle', models: '', words: '', ...reversed } })).rejects.toThrow('The last day is before the first one.');
  }
  expect(new Set(asked.map(([name]) => name))).toEqual(new Set(['names']));
});

describe('what others wrote', () => {
  it('is not asked for before a reason is on record, and each question has the reason with it', async () => {
    const refusal = new Failure('record-unavailable');
    let isRefused = true;
    const { asked, review } = newReviewer({ names: () => { if (isRefused) throw refusal; return NAMES; }, find: () => ({ found: [], isWhole: true }) });
    const search = { type: 'person', whom: 'Pelle', from: null, to: null, models: 'demo/demo, openai/gpt-5', words: '' } as const;
    await expect(review.run(CASE.id, { do: 'begin', reason: 'Letter' })).rejects.toBe(refusal);
    await expect(review.run(CASE.id, { do: 'find', search })).rejects.toThrow('nothing is read without a reason');
    expect([review.of(CASE.id), asked.map(([name]) => name)]).toEqual([undefined, ['names']]);
    isRefused = false;
    await review.run(CASE.id, { do: 'begin', reason: 'Letter' });
    await review.run(CASE.id, { do: 'find', search });
    expect(asked.at(-1)).toEqual(['find', { case: CASE.id, reason: 'Letter', of: [{ type: 'person', id: PELLE }], from: null, to: null, models: ['demo/demo', 'openai/gpt-5'], words: '' }]);
    expect(review.of(CASE.id)).toMatchObject({ reason: 'Letter', results: { isWhole: true } });
    review.signedOut();
    expect(review.of(CASE.id)).toBeUndefined();
  });
});
