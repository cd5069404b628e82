import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sqliteStore } from '../../server/store/sqlite.ts';
import type { SqliteOptions } from '../../server/store/sqlite.ts';
import { UNFENCED } from '../../server/store/store.ts';
import type { Change, Store } from '../../server/store/store.ts';
import { conversationBody, draft, fence, gate, messageBody, record, sample, SAMPLES } from '../fixtures/store/documents.ts';
import { openSqlite } from '../support/sqlite-store.ts';
import { storeSuite } from './store.suite.ts';

storeSuite('SQLite', openSqlite);

describe('the SQLite store', () => {
  let folder: string;
  const cleanUps: (() => unknown)[] = [];
  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), 'store-')), 'data');
    cleanUps.push(() => rmSync(join(folder, '..'), { recursive: true }));
  });
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
  });

  async function open(options: Partial<SqliteOptions> = {}): Promise<Store> {
    const store = await sqliteStore({ folder, ...options });
    cleanUps.push(() => store.close());
    return store;
  }

  function run(script: string, ...rest: string[]): ChildProcessWithoutNullStreams {
    return child(process.execPath, [join(import.meta.dirname, '../fixtures/store', script), folder, ...rest]);
  }

  function child(command: string, given: readonly string[]): ChildProcessWithoutNullStreams {
    const started = spawn(command, given);
    started.stderr.pipe(process.stderr);
    cleanUps.push(() => ended(started));
    cleanUps.push(() => started.kill('SIGKILL'));
    return started;
  }

  describe('has its folder for itself', () => {
    it('makes it when it is missing, for this user alone', async () => {
      await open();
      expect(statSync(folder).mode & 0o777).toBe(0o700);
      for (const file of readdirSync(folder)) expect([file, statSync(join(folder, file)).mode & 0o777]).toEqual([file, 0o600]);
    });

    it('refuses a folder that another process has, and names that process', async () => {
      const holder = run('hold-folder.ts');
      await nextLine(holder);
      await expect(sqliteStore({ folder })).rejects.toThrow(new RegExp(`${folder} is in use by another process \\(pid ${holder.pid ?? 0}, since 20`, 'u'));
      holder.stdin.end();
      await ended(holder);
      await open();
    });

    it('refuses a second store in the same process, and the first keeps the folder', async () => {
      const store = await open();
      await expect(sqliteStore({ folder })).rejects.toThrow(`in use by another process (pid ${process.pid}`);
      await expect(sqliteStore({ folder })).rejects.toThrow('in use');
      const other = run('hold-folder.ts');
      expect(await endedWith(other)).not.toBe(0);
      await store.commit([sample('lease')], UNFENCED);
    });

    it('takes the folder of a process that was killed, whatever its pid file says', async () => {
      const holder = run('hold-folder.ts');
      await nextLine(holder);
      holder.kill('SIGKILL');
      await ended(holder);
      expect(existsSync(join(folder, 'owner.pid'))).toBe(true);
      writeFileSync(join(folder, 'owner.pid'), `${process.pid} 2026-01-01T00:00:00.000Z\n`);
      await (await open()).close();
      expect(existsSync(join(folder, 'owner.pid'))).toBe(false);
    });

    it('says in a sentence that it cannot write there', async () => {
      writeFileSync(join(folder, '..', 'file'), '');
      for (const impossible of [join(folder, '..', 'file', 'data'), '/proc/gorunchat', '/proc/self']) {
        await expect(sqliteStore({ folder: impossible })).rejects.toThrow(/^The data folder \/.* cannot be written \(.+\)\. Choose another folder/u);
      }
    });

    it('ends by itself once it is closed', async () => {
      const holder = run('hold-folder.ts');
      await nextLine(holder);
      holder.stdin.end();
      expect(await endedWith(holder)).toBe(0);
      expect(readdirSync(folder).toSorted()).toEqual(['drafts.db', 'gorunchat.db', 'keys.db', 'owner.lock', 'search.db']);
    });
  });

  describe('reads what earlier versions wrote', () => {
    it('layout 1', async () => {
      mkdirSync(folder);
      for (const name of ['gorunchat', 'keys', 'search', 'drafts']) {
        const db = new DatabaseSync(join(folder, `${name}.db`));
        db.exec(readFileSync(join(import.meta.dirname, `../fixtures/store/layout-1/${name}.sql`), 'utf8'));
        db.close();
      }
      const store = await open();
      const { runs: _since, ...body } = conversationBody('talk');
      expect(await store.get('conversation', 'talk')).toEqual({ id: 'talk', version: 1, body });
      const { under: _after, ...key } = SAMPLES.key;
      expect(await store.get('key', 'talk')).toEqual({ id: 'talk', version: 1, body: key });
      expect((await store.find({ kind: 'key', index: 'byMaster', where: [], limit: 10 })).items).toEqual([{ id: 'talk', version: 1, body: key }]);
      expect(await store.get('draft', 'turn:1')).toEqual({ id: 'turn:1', version: 1, body: SAMPLES.draft });
      expect((await store.search({ kinds: ['conversation'], owner: 'ann', words: 'whale', limit: 1 })).items).toHaveLength(1);
      expect(await store.behind(1)).toEqual([]);
      await store.commit([record('talk', 2)], fence('talk', 2));
    });

    it.each(['gorunchat', 'keys', 'search', 'drafts'])('and leaves a newer %s.db alone', async (name) => {
      await (await open()).close();
      const path = join(folder, `${name}.db`);
      const db = new DatabaseSync(path);
      db.exec('PRAGMA user_version = 99');
      db.close();
      const before = readFileSync(path);
      await expect(sqliteStore({ folder })).rejects.toThrow(`${path} was made by a newer version of GoRunChat (its layout is 99`);
      expect(readFileSync(path).equals(before)).toBe(true);
    });
  });

  describe('when the disk does not take it', () => {
    it('a full file refuses what did not fit as unavailable; nothing of that is there, and all that was answered is', async () => {
      const store = await open({ mostPages: 400 });
      const lease = (place: number): Change => ({ do: 'add', kind: 'lease', id: `${place}`, body: { instance: 'x'.repeat(20_000) } });
      const first = store.commit([lease(0), { do: 'add', kind: 'read-marker', id: '0', body: { owner: 'ann', at: 1 } }], UNFENCED);
      await first; // what comes after it may well be one group, and then all of it is refused
      const outcomes = await Promise.allSettled(Array.from({ length: 200 }, (_, place) => place === 0 ? first : store.commit([lease(place), { do: 'add', kind: 'read-marker', id: `${place}`, body: { owner: 'ann', at: 1 } }], UNFENCED)));
      expect(new Set(outcomes.map((outcome) => (outcome.status === 'rejected' ? (outcome.reason as { reason: string }).reason : 'done')))).toEqual(new Set(['done', 'unavailable']));
      for (const [place, { status }] of outcomes.entries()) {
        const isThere = [await store.get('lease', `${place}`), await store.get('read-marker', `${place}`)].map((found) => found !== undefined);
        expect([place, ...isThere]).toEqual([place, status === 'fulfilled', status === 'fulfilled']);
      }
      await store.commit([{ do: 'remove', kind: 'lease', id: '0' }], UNFENCED);
      await store.commit([lease(0)], UNFENCED);
    });

    it('writes that fail lose nothing that was answered, and leave nothing of what was refused', async () => {
      const script = join(import.meta.dirname, '../fixtures/store/commit-stream.ts');
      const limited = child('/bin/sh', ['-c', `trap '' XFSZ; ulimit -f 2048; exec "$0" "$@"`, process.execPath, script, folder, '3000']);
      const said = await allLines(limited);
      expect(said.filter((line) => line.startsWith('unavailable message')).length).toBeGreaterThan(0);
      await expectAsSaid(await open(), said);
    });

    it('a killed process loses nothing that was answered, and keeps no half of anything', async () => {
      for (const lines of [1, 150, 700]) {
        const writer = run('commit-stream.ts');
        const said: string[] = [];
        for await (const line of createInterface(writer.stdout)) if (said.push(line) === lines) writer.kill('SIGKILL');
        expect(said.length).toBeGreaterThanOrEqual(lines);
        const store = await sqliteStore({ folder });
        await expectAsSaid(store, said);
        await store.close();
        rmSync(folder, { recursive: true });
      }
    });

    it('a writing thread that dies leaves its commits unknown; later ones are refused, and the next opening goes on', async () => {
      const workers: Worker[] = [];
      const note = (worker: Worker): void => { workers.push(worker); };
      process.on('worker', note);
      const store = await open();
      process.off('worker', note);
      const asked = Array.from({ length: 50 }, (_, place) => store.commit([{ do: 'add', kind: 'lease', id: `${place}`, body: { instance: 'x' } }], UNFENCED));
      const dying = workers[0]?.terminate();
      const outcomes = await Promise.allSettled(asked);
      await dying;
      for (const outcome of outcomes) expect(outcome.status === 'fulfilled' || (outcome.reason as { reason: string }).reason === 'unknown').toBe(true);
      await expect(store.commit([sample('lease')], UNFENCED)).rejects.toMatchObject({ reason: 'unavailable' });
      await expect(store.commit([draft('turn', 1)], UNFENCED)).rejects.toMatchObject({ reason: 'unavailable' });
      await store.close();
      const next = await open();
      for (const [place, { status }] of outcomes.entries()) expect(status === 'rejected' || (await next.get('lease', `${place}`)) !== undefined).toBe(true);
    });
  });

  describe('forgets what is removed', () => {
    const secret = 'Xylophonkatze';
    const isInFiles = (...names: string[]): boolean => readdirSync(folder).filter((file) => names.some((name) => file.startsWith(name))).some((file) => readFileSync(join(folder, file)).includes(secret));

    it('a key stands in the file of keys alone, and nowhere once it is removed', async () => {
      const store = await open();
      await store.commit([{ do: 'add', kind: 'key', id: 'k', body: { owner: 'ann', wrapped: secret } }], UNFENCED);
      expect([isInFiles('keys'), isInFiles('gorunchat', 'search', 'drafts')]).toEqual([true, false]);
      await store.commit([record('log', 1), { do: 'remove', kind: 'key', id: 'k' }, gate()], UNFENCED);
      expect(isInFiles('')).toBe(false);
    });

    it('what a crash has left of a key that was wrapped anew goes with the next opening, or with the key', async () => {
      const leave = (): void => {
        const keys = new DatabaseSync(join(folder, 'keys.db'), { timeout: 10_000 });
        keys.prepare('INSERT INTO wrapped (id, slot, body) VALUES (?, ?, ?)').run('k', 'of a commit that was not made', JSON.stringify({ owner: 'ann', wrapped: secret }));
        keys.close();
      };
      const store = await open();
      await store.commit([{ do: 'add', kind: 'key', id: 'k', body: { owner: 'ann', wrapped: 'as it is' } }], UNFENCED);
      await store.close();
      leave();
      const again = await open();
      expect([(await again.get('key', 'k'))?.body.wrapped, isInFiles('')]).toEqual(['as it is', false]);
      leave();
      await again.commit([record('log', 1), { do: 'remove', kind: 'key', id: 'k' }, gate()], UNFENCED);
      expect([await again.get('key', 'k'), isInFiles('')]).toEqual([undefined, false]);
    });

    it('words stand in the file of search alone, and nowhere once their document is removed', async () => {
      const store = await open();
      await store.commit([record('talk', 1), { do: 'add', kind: 'message', id: 'm', body: messageBody('talk'), text: { owner: 'ann', words: `${secret} one` } }], fence('talk', 1));
      expect([isInFiles('search'), isInFiles('gorunchat', 'keys', 'drafts')]).toEqual([true, false]);
      await store.commit([record('talk', 2), { do: 'remove', kind: 'message', id: 'm' }, gate()], fence('talk', 2));
      expect(isInFiles('')).toBe(false);
    });
  });
});

/** Holds the store against what a `commit-stream` said: every answered commit is there whole, no refused one is, and of the others all or nothing. */
async function expectAsSaid(store: Store, said: readonly string[]): Promise<void> {
  const last = new Map<string, string>();
  for (const line of said) {
    const [outcome = '', ...what] = line.split(' ');
    last.set(what.join(' '), outcome);
  }
  const wrong: string[] = [];
  for (const [what, outcome] of last) {
    const [kind, ...words] = what.split(' ');
    const [chain, number] = [words.slice(0, -1).join(' '), words.at(-1) ?? ''];
    const parts = kind === 'draft' ? [await store.get('draft', `${chain}:${number}`)]
      : [await store.get('message', `${chain} ${number}`), await store.get('key', `${chain} ${number}`), await store.get('record', `${chain}:${number}`)];
    const there = parts.filter((part) => part !== undefined).length;
    // A conversation whose message was refused removes its draft, to send both again.
    const isAsSaid = kind === 'draft' ? there === 1 || last.get(`message ${chain} ${number}`) !== 'done'
      : outcome === 'done' ? there === 3 : outcome === 'unavailable' ? there === 0 : there % 3 === 0;
    if (!isAsSaid) wrong.push(`${outcome} ${what}: ${there} parts`);
  }
  expect(wrong).toEqual([]);
  for (const chain of new Set([...last.keys()].map((what) => what.split(' ').slice(1, -1).join(' ')))) {
    const head = await store.get('head', chain);
    const records = await store.find({ kind: 'record', index: 'byChain', where: [chain], limit: 1_000 });
    expect([chain, records.items.map(({ body }) => body.number)]).toEqual([chain, Array.from({ length: head?.body.number ?? 0 }, (_, place) => place + 1)]);
  }
}

async function nextLine(child: ChildProcessWithoutNullStreams): Promise<string> {
  for await (const line of createInterface(child.stdout)) return line;
  throw new Error('the process ended without a word');
}

async function allLines(child: ChildProcessWithoutNullStreams): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout)) lines.push(line);
  return lines;
}

function endedWith(child: ChildProcessWithoutNullStreams): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => { child.once('exit', resolve); });
}

async function ended(child: ChildProcessWithoutNullStreams): Promise<void> {
  await endedWith(child);
}
