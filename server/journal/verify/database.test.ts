import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConversationId } from '../../../contracts/ids.ts';
import type { Finding } from '../../../contracts/proofs/verdict.ts';
import type { Head } from '../../store/kinds.ts';
import { newId } from '../../ids.ts';
import type { Change } from '../../store/store.ts';
import { nextRecord, START } from '../journal.ts';
import { newKey } from '../seal.ts';
import { verifyRecords } from './database.ts';

type Row = { id: string; body: string };

function rowOf(changes: readonly Change[]): Row {
  const [record] = changes as [Extract<Change, { do: 'add' }>];
  return { id: record.id, body: JSON.stringify(record.body) };
}

function chainOf(length: number): { rows: Row[]; heads: Map<string, Head>; chain: ConversationId } {
  const chain = newId<ConversationId>();
  const key = newKey();
  const rows: Row[] = [];
  let head = START;
  for (let index = 0; index < length; index++) {
    const actor = { user: null, session: null, address: '', agent: '' };
    const next = nextRecord(head, { chain, epoch: 1, at: index, keyId: chain, key }, { actor, said: { type: 'conversation-restored', v: 1 } });
    rows.push(rowOf(next.changes));
    head = next.head;
  }
  return { rows, heads: new Map([[chain, head]]), chain };
}

const found = (rows: Row[], heads: Map<string, Head>): Pick<Finding, 'kind' | 'number'>[] => verifyRecords(rows, heads).findings.map(({ kind, number }) => ({ kind, number }));

describe('[RE4] the verifier', () => {
  it('finds nothing in chains that nobody touched', () => {
    const { rows, heads } = chainOf(20);
    expect(verifyRecords(rows, heads)).toEqual({ records: 20, chains: 1, findings: [] });
  });

  it('names the record in which any single character was changed', () => {
    const { rows, heads } = chainOf(8);
    fc.assert(
      fc.property(fc.nat(7), fc.nat(10_000), (index, at) => {
        const changed = rows.map((row) => ({ ...row }));
        const { body } = changed[index]!;
        const place = at % body.length;
        const replacement = body[place] === '0' ? '1' : '0';
        changed[index]!.body = body.slice(0, place) + replacement + body.slice(place + 1);
        expect(found(changed, heads)[0]).toMatchObject({ number: index + 1 });
      }),
      { numRuns: 500, seed: 11 },
    );
  });

  it('names what is missing, swapped, cut off, or added behind the head', () => {
    const { rows, heads, chain } = chainOf(8);
    expect(found(rows.toSpliced(3, 1), heads)).toEqual([{ kind: 'missing', number: 4 }]);
    expect(found(rows.slice(0, 6), heads)).toEqual([{ kind: 'truncated', number: 7 }]);
    expect(found([], heads)).toEqual([{ kind: 'missing', number: 1 }]);
    const swapped = rows.map((row) => ({ ...row }));
    [swapped[1]!.body, swapped[4]!.body] = [swapped[4]!.body, swapped[1]!.body];
    expect(found(swapped, heads)).toEqual(expect.arrayContaining([{ kind: 'swapped', number: 2 }, { kind: 'swapped', number: 5 }]));
    expect(found(rows, new Map([[chain, { ...heads.get(chain)!, number: 7 }]]))).toEqual([{ kind: 'altered', number: 8 }]);
  });

  it('finds a record that was replaced by another whole one', () => {
    const { rows, heads, chain } = chainOf(5);
    const other = nextRecord({ ...START, number: 2 }, { chain, epoch: 1, at: 0, keyId: chain, key: newKey() }, { actor: { user: null, session: null, address: '', agent: '' }, said: { type: 'conversation-restored', v: 1 } });
    const changed = rows.toSpliced(2, 1, { id: rows[2]!.id, body: rowOf(other.changes).body });
    expect(found(changed, heads)[0]).toEqual({ kind: 'altered', number: 3 });
  });
});
