import { describe, expect, it } from 'vitest';
import type { ConversationId } from '../../contracts/ids.ts';
import { newId } from '../../server/ids.ts';
import { nextRecord, START } from '../../server/journal/journal.ts';
import { newKey } from '../../server/journal/seal.ts';
import { verifyRecords } from '../../server/journal/verify/database.ts';
import type { Head } from '../../server/store/kinds.ts';
import type { Change } from '../../server/store/store.ts';
import { ALL_FOUND, corpus, SEEDS } from '../support/corpus.ts';
import { random, type Dice } from '../support/random.ts';

type Row = { id: string; body: string };

interface Kept {
  readonly rows: readonly Row[];
  readonly head: Head;
  readonly chain: ConversationId;
}

const actor = { user: null, session: null, address: '', agent: '' };

function rowOf(changes: readonly Change[]): Row {
  const [record] = changes as [Extract<Change, { do: 'add' }>];
  return { id: record.id, body: JSON.stringify(record.body) };
}

function chainOf(length: number): Kept {
  const chain = newId<ConversationId>();
  const key = newKey();
  const rows: Row[] = [];
  let head = START;
  for (let index = 0; index < length; index++) {
    const next = nextRecord(head, { chain, epoch: 1, at: index, keyId: chain, key }, { actor, said: { type: 'conversation-restored', v: 1 } });
    rows.push(rowOf(next.changes));
    head = next.head;
  }
  return { rows, head, chain };
}

const verified = ({ rows, head, chain }: Kept) => verifyRecords(rows, new Map([[chain, head]]));

/** A chain once somebody was there, and how a finding may name what they did. */
type Made = readonly [after: Partial<Kept>, ...named: string[]];
type Corruption = (kept: Kept, dice: Dice) => Made;

const set = (rows: readonly Row[], at: number, body: string): Row[] => rows.with(at, { ...rows[at]!, body }) as Row[];
const other = (dice: Dice, character: string | undefined): string => dice.pick(Array.from('0123456789abcxyz"{}:, ').filter((one) => one !== character));

function withCharacter(text: string, dice: Dice): string {
  const at = dice.below(text.length);
  return text.slice(0, at) + other(dice, text[at]) + text.slice(at + 1);
}

const CORRUPTIONS: Readonly<Record<string, Corruption>> = {
  'a character changed': ({ rows }, dice) => {
    const at = dice.below(rows.length);
    return [{ rows: set(rows, at, withCharacter(rows[at]!.body, dice)) }, `record ${rows[at]!.id}`];
  },
  'a record removed': ({ rows, chain }, dice) => {
    const at = dice.below(rows.length - 1);
    return [{ rows: rows.toSpliced(at, 1) }, `record ${at + 1} is missing in ${chain}`];
  },
  'several that follow each other removed': ({ rows, chain }, dice) => {
    const at = dice.below(rows.length - 2);
    const count = 2 + dice.below(rows.length - at - 2);
    return [{ rows: rows.toSpliced(at, count) }, at + count < rows.length ? `records ${at + 1} to ${at + count} are missing in ${chain}` : at > 0 ? `${chain} was cut off after record ${at} of ${rows.length}` : `records 1 to ${rows.length} of ${chain} are missing`];
  },
  'the end cut off': ({ rows, chain }, dice) => {
    const left = 1 + dice.below(rows.length - 1);
    return [{ rows: rows.slice(0, left) }, `${chain} was cut off after record ${left} of ${rows.length}`];
  },
  'all of it removed': ({ rows, chain }) => [{ rows: [] }, `records 1 to ${rows.length} of ${chain} are missing`],
  'what two of them say exchanged': ({ rows }, dice) => {
    const one = dice.below(rows.length - 1);
    const two = one + 1 + dice.below(rows.length - one - 1);
    return [{ rows: set(set(rows, one, rows[two]!.body), two, rows[one]!.body) }, `record ${rows[one]!.id} says that it is ${rows[two]!.id}`];
  },
  'one more behind the head': ({ rows, head, chain }) => [{ head: { ...head, number: rows.length - 1 } }, `${chain} has records after its head at ${rows.length - 1}`],
  'another whole record in the place of one': ({ rows, chain }, dice) => {
    const at = dice.below(rows.length);
    const { changes } = nextRecord({ ...START, number: at }, { chain, epoch: 1, at: dice.below(1_000), keyId: chain, key: newKey() }, { actor, said: { type: 'conversation-restored', v: 1 } });
    return [{ rows: set(rows, at, rowOf(changes).body) }, at === 0 ? `record ${chain}:2 does not follow` : `record ${chain}:${at + 1} does not follow`];
  },
  'a head that names another last record': ({ head, chain }, dice) => {
    const at = dice.below(head.hash.length);
    return [{ head: { ...head, hash: head.hash.slice(0, at) + other(dice, head.hash[at]) + head.hash.slice(at + 1) } }, `the last record of ${chain} is not the one its head names`];
  },
};

describe('[RE4] a chain', () => {
  const chains = Array.from({ length: SEEDS }, (_, seed) => chainOf(3 + random(seed).below(20)));

  it(`that nobody touched is intact, each of ${SEEDS}`, () => {
    for (const kept of chains) expect(verified(kept)).toEqual({ records: kept.rows.length, chains: 1, findings: [] });
  });

  it.each(Object.entries(CORRUPTIONS))(`is found to be changed, and where, by ${SEEDS} seeded corruptions: %s`, async (_what, corrupt) => {
    const outcome = await corpus((dice, seed) => {
      const kept = chains[seed - 1]!;
      const [after, ...named] = corrupt(kept, dice);
      return { done: JSON.stringify([kept.chain, after]), named, findings: verified({ ...kept, ...after }).findings };
    });
    expect(outcome).toEqual(ALL_FOUND);
  });
});
