import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { canonical } from '../../contracts/proofs/canonical.ts';
import { run } from '../../server/cli.ts';
import { masterKey, openKeys } from '../../server/journal/keys.ts';
import { GrowingRoot, leafHash } from '../../server/journal/merkle.ts';
import { openSigner, signedCheckpoint } from '../../server/journal/signed-note.ts';
import { verifyDatabase } from '../../server/journal/verify/database.ts';
import { sqliteStore } from '../../server/store/sqlite.ts';
import { rowsIn, setRows, TABLES, unguarded, type Row, type Table } from '../support/log-database.ts';
import { newServerProcess, type ServerProcess } from '../support/process.ts';
import { newAccount, Tab } from '../support/tab.ts';

interface Signed {
  readonly size: number;
  readonly note: string;
  readonly keys: readonly string[];
}

/** The log as an attacker has it who can write the database and has the signing key. */
interface Attacker {
  readonly db: DatabaseSync;
  sign(size: number, root: Buffer): string;
}

let server: ServerProcess;
let kept: string;
let signed: Signed;
let attacker: Attacker;

/** A deployment in which somebody has talked, and which has ended in order; a checkpoint was kept elsewhere. */
beforeAll(async () => {
  server = await newServerProcess();
  const account = await newAccount(server.url);
  await using tab = await new Tab(account).ready();
  for (const text of ['Hello', 'And again']) {
    await tab.begin(text);
    await tab.until(() => tab.view?.conversation.titledBy === 'model' && tab.view.turn === null);
  }
  const read = async (): Promise<Signed> => (await (await fetch(`${server.url}/api/log/checkpoint`, { headers: { cookie: account.cookie } })).json()) as Signed;
  await vi.waitUntil(async () => (await read()).size > 10, { timeout: 30_000, interval: 100 });
  signed = await read();
  kept = join(mkdtempSync(join(tmpdir(), 'kept-')), 'checkpoint');
  writeFileSync(kept, signed.note);
  if ((await server.signal('SIGTERM')) !== 0) throw new Error('the server did not end in order');
  const store = await sqliteStore({ folder: server.folder });
  const seed = await openKeys(store, masterKey(join(server.folder, 'master.key'), undefined)).of('signer:1');
  await store.close();
  const db = unguarded(join(server.folder, 'gorunchat.db'));
  attacker = { db, sign: (size, root) => signedCheckpoint({ size, root }, [openSigner(seed!)]) };
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  attacker.db.close();
});

const rowsOf = (table: Table): readonly Row[] => rowsIn(attacker.db, table);
const set = (table: Table, id: string, body: string): unknown => attacker.db.prepare(`UPDATE "${table}" SET body = ? WHERE id = ?`).run(body, id);
const drop = (table: Table, id: string): unknown => attacker.db.prepare(`DELETE FROM "${table}" WHERE id = ?`).run(id);

/** Does what `change` does, and takes it back once `look` has looked. */
function tried<T>(change: () => void, look: () => T): T {
  const before = TABLES.map((table) => [table, rowsOf(table)] as const);
  try {
    change();
    return look();
  } finally {
    attacker.db.exec('BEGIN');
    for (const [table, rows] of before) setRows(attacker.db, table, rows);
    attacker.db.exec('COMMIT');
  }
}

function verified(...args: string[]): Promise<{ code: number; said: string }> {
  let said = '';
  return run(['verify', server.folder, ...args], (text) => (said += text)).then((code) => ({ code, said }));
}

/** Seals what the tables hold now, as if nothing else had ever been there, and signs it. */
function signAnew(): void {
  const places = rowsOf('sealed').map((row) => ({ ...(JSON.parse(row.body) as { chain: string; number: number; place: number }), id: row.id })).toSorted((a, b) => a.place - b.place);
  const records = new Map(rowsOf('record').map(({ id, body }) => [id, leafHash(canonical(JSON.parse(body)))]));
  const leaves = places.map(({ id }) => records.get(id)!);
  const growing = new GrowingRoot();
  for (const leaf of leaves) growing.push(leaf);
  set('tile', '0/0', JSON.stringify({ hashes: Buffer.concat(leaves).toString('base64') }));
  const head = JSON.parse(rowsOf('head').find(({ id }) => id === 'log')!.body) as object;
  set('head', 'log', JSON.stringify({ ...head, seq: growing.size, number: growing.size, hash: growing.root().toString('hex') }));
  const latest = JSON.parse(rowsOf('checkpoint')[0]!.body) as object;
  set('checkpoint', 'latest', JSON.stringify({ ...latest, size: growing.size, note: attacker.sign(growing.size, growing.root()) }));
}

/** The last record of the log, gone without a trace in what is kept here. */
function cutBack(): void {
  const last = rowsOf('sealed').map((row) => ({ id: row.id, ...(JSON.parse(row.body) as { chain: string; number: number; place: number }) })).toSorted((a, b) => b.place - a.place)[0]!;
  const { previous } = JSON.parse(rowsOf('record').find(({ id }) => id === last.id)!.body) as { previous: string };
  const head = JSON.parse(rowsOf('head').find(({ id }) => id === last.chain)!.body) as object;
  set('head', last.chain, JSON.stringify({ ...head, number: last.number - 1, hash: previous }));
  drop('record', last.id);
  drop('sealed', last.id);
}

describe('[RE6] a deployment that ended in order', () => {
  it('is intact, all of it is in the log, and the log begins with the checkpoint that was kept elsewhere', async () => {
    const { code, said } = await verified('--checkpoint', kept, '--key', signed.keys[0]!);
    expect([code, said]).toEqual([0, expect.stringMatching(/^Intact: (\d+) records in \d+ chains\.\nThe log holds \1 records under its signed checkpoint\.\n$/u)]);
  });

  it('that was cut back, sealed and signed again is found out by that checkpoint, and by nothing else', async () => {
    const rewritten = (): void => {
      while (rowsOf('sealed').length >= signed.size) cutBack();
      signAnew();
    };
    expect(tried(rewritten, () => verifyDatabase(server.folder)).findings).toEqual([]);
    const { findings } = tried(rewritten, () => verifyDatabase(server.folder, { checkpoints: [signed.note] }));
    expect(findings).toEqual([expect.objectContaining({ kind: 'truncated', says: expect.stringContaining('the log was cut back') })]);
  });

  it('whose first sign-in was written anew, with all that follows it, is found out by that checkpoint', () => {
    const rewritten = (): void => {
      const places = rowsOf('sealed').map((row) => ({ row, place: (JSON.parse(row.body) as { place: number }).place })).toSorted((a, b) => a.place - b.place);
      const [first, second] = places as [(typeof places)[0], (typeof places)[0]];
      const swapped = (row: Row, place: number): unknown => set('sealed', row.id, JSON.stringify({ ...(JSON.parse(row.body) as object), place }));
      swapped(first.row, second.place);
      swapped(second.row, first.place);
      signAnew();
    };
    expect(tried(rewritten, () => verifyDatabase(server.folder)).findings).toEqual([]);
    expect(tried(rewritten, () => verifyDatabase(server.folder, { checkpoints: [signed.note] })).findings).toEqual([expect.objectContaining({ kind: 'altered', says: expect.stringContaining('kept elsewhere') })]);
  });

  it('is told apart from one that somebody else signs', () => {
    const other = openSigner(Buffer.alloc(32, 1));
    expect(verifyDatabase(server.folder, { keys: [other.verifierKey] }).findings).toEqual([expect.objectContaining({ kind: 'unreadable', says: expect.stringContaining('no key that is known') })]);
    expect(verifyDatabase(server.folder, { checkpoints: [signedCheckpoint({ size: 3, root: Buffer.alloc(32) }, [other])] }).findings).toEqual([expect.objectContaining({ kind: 'unreadable' })]);
  });
});
