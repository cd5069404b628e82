import { describe, expect, it } from 'vitest';
import type { Subject } from '../../../contracts/cases.ts';
import type { SiteId, UserId } from '../../../contracts/ids.ts';
import { StatementCheck } from '../../../contracts/proofs/statement-check.ts';
import { nodePrimitives } from '../node-primitives.ts';

const MARA: Subject = { type: 'person', id: 'mara' as UserId };
const SHOP: Subject = { type: 'site', id: 'shop' as SiteId };
const RANGE = { from: 1, to: null };
const HEAD = { statement: 'gorunchat', v: 1, at: 9, scope: { type: 'whole', of: { type: 'everybody' }, ...RANGE }, checkpoint: { note: '' } };

const conversation = (id: string, owner: string, site: string | null = null) => ({ conversation: id, owner, site, records: 2, isIncluded: true });
const count = (subject: Subject, conversations: number, included = conversations) => ({ subject, ...RANGE, conversations, included, records: 2 * conversations });

/** What is found in these lines, but for signatures: nothing here is signed. */
function foundIn(...lines: readonly object[]): string[] {
  return foundUnder(HEAD, ...lines);
}

function foundUnder(head: object, ...lines: readonly object[]): string[] {
  const found: string[] = [];
  const check = new StatementCheck(nodePrimitives, [], (kind, what) => found.push(`${kind}: ${what}`));
  for (const line of [head, ...lines]) check.line(JSON.stringify(line));
  check.check();
  return found.filter((one) => !/signed|checkpoint|cut off/u.test(one));
}

describe('[RE13] a statement of everybody', () => {
  it('is taken where each conversation is counted once, with its person or its site', () => {
    expect(foundIn(conversation('a', 'mara'), count(MARA, 1), conversation('b', 'visitor', 'shop'), count(SHOP, 1))).toEqual([]);
  });

  it.each([
    ['a conversation with somebody it is not of', [conversation('a', 'jens'), count(MARA, 1)], 'altered: the statement counts conversation a as one of person mara, and it is not'],
    ['a visitor’s conversation with a person', [conversation('a', 'mara', 'shop'), count(MARA, 1)], 'altered: the statement counts conversation a as one of person mara, and it is not'],
    ['a conversation of another site', [conversation('a', 'visitor', 'other'), count(SHOP, 1)], 'altered: the statement counts conversation a as one of site shop, and it is not'],
    ['a conversation twice', [conversation('a', 'mara'), conversation('a', 'mara'), count(MARA, 2)], 'altered: the statement counts conversation a twice'],
    ['somebody twice', [conversation('a', 'mara'), count(MARA, 1), count(MARA, 0)], 'altered: the statement counts somebody twice'],
    ['one that is not in the package', [{ ...conversation('a', 'mara'), isIncluded: false }, count(MARA, 1, 0)], 'missing: the statement leaves out what was asked for'],
    ['a conversation with nobody', [count(MARA, 0), conversation('a', 'mara')], 'altered: the statement names conversation a and counts it with nobody'],
    ['nobody', [], 'missing: the statement does not count everybody who was asked for'],
  ])('is not taken where it counts %s', (_, lines, found) => {
    expect(foundIn(...lines)).toEqual([found]);
  });
});

it('[RE13] a statement of whom is named is not taken where it counts a conversation twice with one of them, or with nobody', () => {
  const named = { ...HEAD, scope: { type: 'whole', of: [MARA, SHOP], ...RANGE } };
  expect(foundUnder(named, conversation('a', 'mara', 'shop'), count(MARA, 1), conversation('a', 'mara', 'shop'), count(SHOP, 1))).toEqual([]);
  expect(foundUnder(named, conversation('a', 'mara'), conversation('a', 'mara'), count(MARA, 2), count(SHOP, 0))).toEqual(['altered: the statement counts conversation a twice']);
  expect(foundUnder(named, count(MARA, 0), count(SHOP, 0), conversation('a', 'mara'))).toEqual(['altered: the statement names conversation a and counts it with nobody']);
});
