import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ExportId } from '../../contracts/ids.ts';
import { openMongo } from '../support/mongo-store.ts';
import { isOnCluster } from '../support/shared.ts';
import { openSqlite } from '../support/sqlite-store.ts';
import type { OpenStore } from '../ports/store.suite.ts';
import { openAudit } from '../../server/journal/audit.ts';
import { exportKey } from '../../server/journal/exports/pieces.ts';
import { ITSELF } from '../../server/journal/journal.ts';
import { openKeys } from '../../server/journal/keys.ts';
import { newKey } from '../../server/journal/seal.ts';
import { openSealedLog } from '../../server/journal/sealed-log.ts';
import { around } from '../../server/store/around.ts';
import { UNFENCED, type Change, type Store } from '../../server/store/store.ts';
import { all } from '../../server/store/walk.ts';
import { newId } from '../../server/ids.ts';
import { openCases } from '../../server/accounts/cases.ts';
import { exportBody, type ExportContent } from '../../server/accounts/export-documents.ts';
import { openExportWork } from '../../server/accounts/export-work.ts';

/** What one sweep removes of a package: so many commits of so many pieces. */
const COMMITS = 25;
const PIECES = 8;
const MORE = COMMITS * PIECES + 3;

let opened: OpenStore;
let commits: (readonly Change[])[];
let fails: (changes: readonly Change[]) => boolean;
beforeEach(async () => {
  opened = await (isOnCluster ? openMongo() : openSqlite());
  commits = [];
  fails = () => false;
});
afterEach(() => opened.close());

/** An instance that removes what is over. */
function newInstance() {
  return instanceOn(around(opened.store, { commit: async (changes, fence) => {
    if (fails(changes)) throw new Error('it was lost');
    await opened.store.commit(changes, fence);
    commits.push(changes);
  } }));
}

function instanceOn(store: Store) {
  return openExportWork({ ...worldOn(store), log: openSealedLog(store), signers: () => Promise.reject(new Error('nothing is made here')), now: () => 1_000, nameOf: () => Promise.resolve(undefined), warn: () => undefined });
}

const master = newKey();
function worldOn(store: Store) {
  const clock = { now: () => 1_000 };
  const keys = openKeys(store, master);
  return { store, keys, clock, audit: openAudit(store, keys, clock) };
}

const piecesOf = async (id: string): Promise<number> => (await all(opened.store, { kind: 'export-chunk', index: 'byExport', where: [id], limit: 1_000 })).length;
const isDone = async (id: string): Promise<boolean> => (await opened.store.get('export-work', id)) === undefined;
const removesPieces = (changes: readonly Change[]): boolean => changes.some((change) => change.kind === 'export-chunk' && change.do === 'remove');

/** A package that is over, with so many pieces left. */
async function newEnded(pieces: number): Promise<string> {
  const id = newId();
  const adds = Array.from({ length: pieces }, (_, place): Change => ({ do: 'put', kind: 'export-chunk', id: `${id}:${place}`, body: { export: id, place, conversation: '', label: 'sealed', sealed: 'sealed' } }));
  await opened.store.commit([...adds, { do: 'add', kind: 'export-work', id, body: { task: 'clear', due: 0, step: 0, from: 0, of: null, attempts: 0 } }], UNFENCED);
  return id;
}

describe('[RE13] what is left of a package that is over', () => {
  it('is removed a bounded part at a time, so that nothing else that is due waits for it: another package, and one that expires', async () => {
    const [large, small] = [await newEnded(MORE), await newEnded(3)];
    const expiring = await newReady();
    const work = newInstance();
    await work.sweep();
    expect([await piecesOf(large), await isDone(large), await piecesOf(small), await isDone(small)]).toEqual([3, false, 0, true]);
    expect(commits.filter(removesPieces).map(({ length }) => length).toSorted((a, b) => b - a)).toEqual([...Array<number>(COMMITS).fill(PIECES), 3]);
    expect([(await opened.store.get('export', expiring))?.body.state, await opened.store.get('key', exportKey(expiring))]).toEqual(['expired', undefined]);
    await work.sweep();
    expect([await piecesOf(large), await isDone(large)]).toEqual([0, true]);
    await work.close();
  });

  it('is removed from where it was by whichever instance comes next, and by two at once', async () => {
    const id = await newEnded(3 * PIECES);
    fails = (changes) => removesPieces(changes) && commits.filter(removesPieces).length === 1;
    await expect(newInstance().sweep()).rejects.toThrow('it was lost');
    expect([await piecesOf(id), await isDone(id)]).toEqual([2 * PIECES, false]);
    fails = () => false;
    await Promise.all([newInstance().sweep(), newInstance().sweep()]);
    expect([await piecesOf(id), await isDone(id)]).toEqual([0, true]);
  });

  it('is still due when it was made due anew in the same moment', async () => {
    const id = await newEnded(1);
    const kept = (await opened.store.get('export-work', id))!;
    const racing = around(opened.store, { commit: async (changes, fence) => {
      if (changes.some((change) => change.kind === 'export-work' && change.do === 'remove')) await opened.store.commit([{ do: 'put', kind: 'export-work', id, body: kept.body }], UNFENCED);
      return opened.store.commit(changes, fence);
    } });
    await instanceOn(racing).sweep();
    expect([await piecesOf(id), await isDone(id)]).toEqual([0, false]);
    await newInstance().sweep();
    expect(await isDone(id)).toBe(true);
  });
});

/** A package that was made, and expires now. */
async function newReady(): Promise<ExportId> {
  const { store, keys, audit, clock } = worldOn(opened.store);
  const { id: of } = await openCases(store, keys, audit, clock).open('Roe v. Kiln', 'Letter', ITSELF);
  const id = newId<ExportId>();
  const content = { reason: 'Letter', by: newId(), scope: { type: 'chosen', conversations: [] }, forms: [], manifestFrom: 0, made: null, expiresAt: 1_000, endedAt: null } as unknown as ExportContent;
  const key = keys.make(exportKey(id), id);
  const body = await exportBody(keys, { id, case: of, at: 1 }, 'ready', content);
  await audit.commit([key.change, { do: 'add', kind: 'export', id, body }, { do: 'add', kind: 'export-work', id, body: { task: 'expire', due: 1_000, step: 0, from: 0, of: null, attempts: 0 } }], { type: 'audit-read', v: 1, query: {} }, ITSELF, { id: 'deployment' });
  return id;
}
