import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { writePlace } from '../cursor.ts';
import { KINDS } from '../kinds.ts';
import type { Kind } from '../kinds.ts';
import { planFind } from './find.ts';
import { declareKinds, mainKinds } from './schema.ts';

const db = new DatabaseSync(':memory:');
declareKinds(db, KINDS);
const declared = Object.entries(mainKinds(KINDS)).flatMap(([kind, { indexes }]) => Object.entries(indexes).map(([index, fields]) => [kind as Kind, index, fields as readonly string[]] as const));

it.each(declared)('a query of %s %s walks along its index and sorts nothing, on every page', (kind, index, fields) => {
  const where = fields.slice(1).map((_, place) => [true, 'x', null][place % 3] as boolean | string | null);
  for (const order of ['up', 'down'] as const) {
    for (const after of [undefined, writePlace(['x', 'id']), writePlace([null, 'id'])]) {
      for (const bounds of [{}, { from: 1 }, { to: 9 }, { from: 1, to: 9 }]) {
        for (const { sql, values } of planFind({ kind, index, where, order, after, limit: 10, ...bounds }, KINDS)) {
          const plan = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values, 10).map(({ detail }) => String(detail)).join('; ');
          expect(plan).toMatch(new RegExp(`^${sql.includes('= ?') || where.length > 0 ? 'SEARCH' : '(SEARCH|SCAN)'} ${kind} USING INDEX ${kind}\\.${index}`, 'u'));
          expect(plan).not.toContain('TEMP B-TREE');
        }
      }
    }
  }
});

it('a page in the middle begins at its place, and does not walk there', () => {
  const [step] = planFind({ kind: 'message', index: 'byConversation', where: ['c'], after: writePlace([5, 'id']), limit: 10 }, KINDS);
  const plan = db.prepare(`EXPLAIN QUERY PLAN ${step?.sql ?? ''}`).all(...(step?.values ?? []), 10).map(({ detail }) => String(detail)).join('; ');
  expect(plan).toContain('(<expr>=? AND <expr>>?)');
});
