import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants } from 'node:sqlite';
import type { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { KINDS } from '../kinds.ts';
import type { Outcome, WiredChange, WiredCommit } from './calls.ts';
import { keyReader, keysIn } from './keys.ts';
import type { Keys } from './keys.ts';
import { mainFile } from './main-file.ts';
import type { MainFile } from './main-file.ts';
import { openFile } from './migrations.ts';
import { declareKinds, FILES, mainKinds, MIGRATIONS } from './schema.ts';
import { wordsIn } from './words.ts';
import type { Words } from './words.ts';

const kinds = mainKinds(KINDS);
let folder: string;
let db: { main: DatabaseSync; keys: DatabaseSync; search: DatabaseSync };
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'main-file-'));
  db = await openFiles();
});
afterEach(() => {
  closeFiles();
  rmSync(folder, { recursive: true });
});

async function openFiles(): Promise<typeof db> {
  const open = (file: 'main' | 'keys' | 'search'): Promise<DatabaseSync> => openFile({ path: join(folder, FILES[file]), migrations: MIGRATIONS[file], synchronous: 'FULL' });
  const opened = { main: await open('main'), keys: await open('keys'), search: await open('search') };
  declareKinds(opened.main, kinds);
  return opened;
}

function closeFiles(): void {
  for (const file of Object.values(db)) file.close();
}

async function reopen(): Promise<{ main: MainFile; words: Words }> {
  closeFiles();
  db = await openFiles();
  return start();
}

/** The parts as the writing thread puts them together; a test replaces one to let it fail. */
function start(replaced: { keys?: Partial<Keys>; words?: Words } = {}): { main: MainFile; words: Words } {
  const mainMark = (db.main.prepare('SELECT mark FROM _words').get() as { mark: number }).mark;
  const words = replaced.words ?? wordsIn(db.search, { mainPath: join(folder, FILES.main), mainMark, kinds });
  return { main: mainFile(db.main, { keys: { ...keysIn(db.keys), ...replaced.keys }, words, kinds }), words };
}

/** The writing thread died before it could do this. */
const died: Words = { write: () => {}, behind: () => [], isBehindWith: () => false, scrub: () => {} };

const key = (act: WiredChange['do'], wrapped: string | null): WiredChange => ({ do: act, kind: 'key', id: 'k', body: wrapped === null ? null : JSON.stringify({ owner: 'ann', wrapped }), version: null, text: null });
const message = (act: WiredChange['do'], id: string, words: string | null): WiredChange =>
  ({ do: act, kind: 'message', id, body: act === 'remove' ? null : JSON.stringify({ conversation: 'talk', at: 1 }), version: null, text: words === null ? null : { owner: 'ann', words } });

let number = 0;
const commit = (...changes: WiredChange[]): WiredCommit => {
  number += 1;
  const head = { epoch: number, seq: 0, number: 0, hash: '' };
  return { changes, drafts: [], fence: { chain: 'talk', from: number === 1 ? null : { ...head, epoch: number - 1 }, to: head } };
};
beforeEach(() => { number = 0; });

const resultOf = (outcomes: readonly Outcome[]): string[] => outcomes.map((outcome) => (outcome.is === 'refused' ? outcome.reason : outcome.is));
const wrappedKey = (): string | undefined => keyReader(db.main, db.keys)('k')?.[2];
const slots = (): number => Number(db.keys.prepare('SELECT count(*) AS count FROM wrapped').get()?.['count']);
const missing = (words: Words): string[] => words.behind(10).map(({ id }) => id);
const found = (word: string): unknown[] => db.search.prepare('SELECT entry.id FROM text JOIN entry ON entry.number = text.rowid WHERE text MATCH ? ORDER BY entry.id').all(`words : ${word}`).map(({ id }) => id);

it('a key whose document never came is not there, and stands in nobody\'s way', async () => {
  const { main } = start();
  db.main.setAuthorizer((action, operation) => (action === constants.SQLITE_TRANSACTION && operation === 'COMMIT' ? constants.SQLITE_DENY : constants.SQLITE_OK));
  expect(resultOf(main.commit([commit(key('add', 'lost'))]))).toEqual(['unavailable']);
  db.main.setAuthorizer(null);
  expect([slots(), wrappedKey()]).toEqual([1, undefined]);
  number = 0;
  const again = (await reopen()).main;
  expect(resultOf(again.commit([commit(key('add', 'kept'))]))).toEqual(['done']);
  expect(wrappedKey()).toContain('kept');
});

it('a replaced key is not replaced when the commit fails', () => {
  const { main } = start();
  main.commit([commit(key('add', 'first'))]);
  db.main.setAuthorizer((action, operation) => (action === constants.SQLITE_TRANSACTION && operation === 'COMMIT' ? constants.SQLITE_DENY : constants.SQLITE_OK));
  expect(resultOf(main.commit([commit(key('put', 'second'))]))).toEqual(['unavailable']);
  db.main.setAuthorizer(null);
  expect(wrappedKey()).toContain('first');
  number -= 1;
  main.commit([commit(key('put', 'third'))]);
  expect(wrappedKey()).toContain('third');
});

it('no document comes without its key: keys that cannot be written refuse the group', () => {
  const { main } = start({ keys: { keep: () => { throw new Error('the disk of keys is full'); } } });
  expect(resultOf(main.commit([commit(message('add', 'm', null)), commit(key('add', 'x'))]))).toEqual(['unavailable', 'unavailable']);
  expect(db.main.prepare('SELECT count(*) AS count FROM message').get()?.['count']).toBe(0);
});

it('a removed key that cannot be destroyed is owned up to, and destroyed at the next opening', async () => {
  const { main } = start({ keys: { destroy: () => { throw new Error('the disk of keys does not answer'); } } });
  main.commit([commit(key('add', 'x'))]);
  expect(resultOf(main.commit([commit(message('add', 'm', null)), commit(key('remove', null))]))).toEqual(['done', 'unknown']);
  expect([slots(), wrappedKey()]).toEqual([1, undefined]);
  await reopen();
  expect(slots()).toBe(0);
});

it('a key that is removed and added again in one group is there', () => {
  const { main } = start();
  main.commit([commit(key('add', 'first'))]);
  expect(resultOf(main.commit([commit(key('remove', null)), commit(key('add', 'second'))]))).toEqual(['done', 'done']);
  expect(wrappedKey()).toContain('second');
  expect(slots()).toBe(1);
});

it('keys that are newer than the documents, as after a restore, are still found', () => {
  const { main } = start();
  main.commit([commit(key('add', 'first'))]);
  db.keys.exec(`DELETE FROM wrapped; INSERT INTO wrapped VALUES ('k', 'later', '{"wrapped":"again"}')`);
  expect(wrappedKey()).toContain('again');
});

it('words that were lost between the two files are known to be missing until they are given again', async () => {
  const { main } = start();
  main.commit([commit(message('add', 'one', 'whale'))]);
  const dying = start({ words: died }).main;
  dying.commit([commit(message('add', 'two', 'whale')), commit(message('put', 'one', 'shark'))]);
  const { main: next, words } = await reopen();
  expect([missing(words), found('whale')]).toEqual([['one', 'two'], ['one']]);
  next.commit([commit(message('add', 'three', 'whale'))]);
  expect([missing(words), found('whale')]).toEqual([['one', 'two'], ['one', 'three']]);
  next.commit([commit(message('put', 'one', 'shark'))]);
  const { main: last, words: lastWords } = await reopen();
  expect(missing(lastWords)).toEqual(['two']);
  last.commit([commit(message('put', 'two', 'whale'))]);
  expect([missing(lastWords), found('whale'), found('shark')]).toEqual([[], ['three', 'two'], ['one']]);
});

it('words of documents that are gone do not outlive a crash between the two files', async () => {
  start().main.commit([commit(message('add', 'one', 'whale')), commit(message('add', 'two', 'whale'))]);
  start({ words: died }).main.commit([commit(message('remove', 'one', null))]);
  expect(found('whale')).toEqual(['one', 'two']);
  const { words } = await reopen();
  expect([missing(words), found('whale')]).toEqual([[], ['two']]);
});

it('words that cannot be written make search fall behind, not the commit fail; it catches up by itself as far as it can', () => {
  const { main, words } = start();
  db.search.exec('PRAGMA query_only = ON');
  expect(resultOf(main.commit([commit(message('add', 'one', 'whale'))]))).toEqual(['done']);
  expect(() => missing(words)).toThrow('readonly');
  db.search.exec('PRAGMA query_only = OFF');
  main.commit([commit(message('add', 'two', 'whale'))]);
  expect([missing(words), found('whale')]).toEqual([['one'], ['two']]);
  main.commit([commit(message('remove', 'one', null))]);
  expect([missing(words), found('whale')]).toEqual([[], ['two']]);
});

it('words given again are found, survive the next comparison, and take the place of nothing that is newer', async () => {
  start().main.commit([commit(message('add', 'one', 'whale'))]);
  start({ words: died }).main.commit([commit(message('add', 'two', 'whale'), message('add', 'three', 'whale'), message('add', 'four', 'whale'))]);
  const again = (id: string, words: string): WiredCommit => ({ changes: [{ do: 'words', kind: 'message', id, body: null, version: null, text: { owner: 'ann', words } }], drafts: [], fence: null });
  const { main } = await reopen();
  expect(resultOf(main.commit([again('one', 'stale'), again('two', 'whale'), commit(message('put', 'three', 'shark')), again('three', 'whale'), again('nowhere', 'whale'), commit(message('remove', 'four', null)), again('four', 'whale')])))
    .toEqual(Array.from({ length: 7 }, () => 'done'));
  const { words } = await reopen();
  expect([missing(words), found('whale'), found('shark'), found('stale')]).toEqual([[], ['one', 'two'], ['three'], []]);
});

it('a lost file of words is known to be behind with everything', async () => {
  start().main.commit([commit(message('add', 'one', 'whale'))]);
  db.search.exec('DELETE FROM text; DELETE FROM entry; UPDATE mark SET mark = 0');
  expect(missing((await reopen()).words)).toEqual(['one']);
});

it('drafts whose removal is committed are remembered until somebody says that they are gone', async () => {
  const { main } = start();
  const [outcome] = main.commit([{ ...commit(message('add', 'm', null)), drafts: ['d1', 'd2'] }]);
  const left = (outcome as { value: { number: number; drafts: string[] } }).value;
  expect(left.drafts).toEqual(['d1', 'd2']);
  const next = (await reopen()).main;
  expect(next.unfinished()).toEqual([left]);
  next.finish([left.number]);
  next.commit([commit(message('put', 'm', null))]);
  expect((await reopen()).main.unfinished()).toEqual([]);
});
