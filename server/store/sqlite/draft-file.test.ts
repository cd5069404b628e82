import { DatabaseSync } from 'node:sqlite';
import { beforeEach, expect, it } from 'vitest';
import { writePlace } from '../cursor.ts';
import { KINDS } from '../kinds.ts';
import type { WiredChange } from './calls.ts';
import { draftFile } from './draft-file.ts';
import type { DraftFile } from './draft-file.ts';
import { planFind } from './find.ts';
import { MIGRATIONS } from './schema.ts';

let db: DatabaseSync;
let drafts: DraftFile;
beforeEach(() => {
  db = new DatabaseSync(':memory:');
  for (const migration of MIGRATIONS.drafts) migration(db);
  drafts = draftFile(db);
});

const body = (conversation: string, seq: number): string => JSON.stringify({ conversation, turn: 't', epoch: 1, seq, sealed: 'x' });
const add = (...flat: [conversation: string, seq: number][]): null => drafts.change({ do: 'add', flat: flat.flatMap(([conversation, seq]) => [`${conversation}:${seq}`, conversation, body(conversation, seq)]) });
const change = (what: 'put' | 'remove', id: string, version: number | null = null): WiredChange => ({ do: what, kind: 'draft', id, body: what === 'put' ? body('a', 9) : null, version, text: null });

function found(conversation: string, rest: Partial<Parameters<typeof planFind>[0]> = {}): string[] {
  const steps = planFind({ kind: 'draft', index: 'byConversation', where: [conversation], limit: 10, ...rest }, KINDS);
  return drafts.find(conversation, steps, 10).map(([id]) => id);
}

it('finds the drafts of a conversation in order, from a place on, and backwards', () => {
  add(['a', 10], ['b', 1], ['a', 2], ['a', 3]);
  expect(found('a')).toEqual(['a:2', 'a:3', 'a:10']);
  expect(found('a', { after: writePlace([2, 'a:2']) })).toEqual(['a:3', 'a:10']);
  expect(found('a', { order: 'down', to: 3 })).toEqual(['a:3', 'a:2']);
  expect(found('nobody')).toEqual([]);
});

it('what is refused has changed nothing, not even half', () => {
  add(['a', 1]);
  drafts.ended(true);
  const refused = (run: () => null): void => {
    db.exec('SAVEPOINT member');
    expect(run).toThrow(/is there already|has version 0, not 1/u);
    db.exec('ROLLBACK TO member; RELEASE member');
  };
  refused(() => add(['a', 2], ['a', 1]));
  refused(() => drafts.change({ do: 'change', changes: [change('remove', 'a:1'), change('remove', 'a:3', 1)] }));
  expect([drafts.get('a:2'), drafts.get('a:1')?.[1]]).toEqual([null, 1]);
});

it('a transaction that is gone takes along all that was changed in it', () => {
  add(['a', 1]);
  drafts.ended(true);
  db.exec('BEGIN');
  add(['a', 2]);
  drafts.change({ do: 'change', changes: [change('put', 'a:9')] });
  drafts.change({ do: 'forget', ids: ['a:1', 'a:2', 'unknown'] });
  expect(found('a')).toEqual(['a:9']);
  db.exec('ROLLBACK');
  drafts.ended(false);
  expect(found('a')).toEqual(['a:1']);
});

it('knows after a start where everything stands; of a draft that is there twice the later one counts', () => {
  add(['a', 1], ['b', 1]);
  db.prepare('INSERT INTO piece (id, version, body) VALUES (?, 1, ?)').run('a:1', body('a', 7));
  drafts = draftFile(db);
  expect([found('a'), found('b')]).toEqual([['a:1'], ['b:1']]);
  expect(JSON.parse(drafts.get('a:1')?.[2] ?? '')).toMatchObject({ seq: 7 });
  expect(db.prepare('SELECT count(*) AS count FROM piece').get()).toEqual(expect.objectContaining({ count: 2 }));
});
