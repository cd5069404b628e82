import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isDeepStrictEqual } from 'node:util';
import { expect, it } from 'vitest';
import { removeAgain } from '../../server/accounts/removing-again.ts';
import { restore, type Restored } from '../../server/conversations/restoring.ts';
import { erasedSince, type Since } from '../../server/journal/erased-since.ts';
import { masterKey, masterKeys } from '../../server/journal/master-keys.ts';
import type { Copies } from '../../server/store/copies.ts';
import { databaseCopies, erasedInDatabase } from '../../server/store/mongo/copies.ts';
import { mongoStore } from '../../server/store/mongo.ts';
import { folderCopies } from '../../server/store/sqlite/copies.ts';
import { sqliteStore } from '../../server/store/sqlite.ts';
import type { Change, Store } from '../../server/store/store.ts';
import { filesIn } from '../support/archive-files.ts';
import { filesOf } from '../support/bytes-kept.ts';
import { newDeployment, newPlace, type Deployment, type Place } from '../support/deployment.ts';
import { faultyStore } from '../support/faults.ts';
import { heldIn } from '../support/held.ts';
import { ask } from '../support/reviewer.ts';
import { isOnCluster } from '../support/shared.ts';
import { newAccount } from '../support/tab.ts';
import { erase, talk } from '../support/talking.ts';
import { until } from '../support/until.ts';

/** A backup, and a time after it in which a conversation was erased, somebody was removed and erased, and somebody else removed, before which the keys were copied once more; the product has ended. Resolves with the name of the backup. */
async function haveLived(deployment: Deployment, place: Place): Promise<string> {
  await deployment.start(place);
  const admin = await newAccount(deployment.url, 'admin@example.org');
  const mara = await newAccount(deployment.url, 'mara@example.org');
  const [jens, elin] = [await newAccount(deployment.url, 'jens@example.org'), await newAccount(deployment.url, 'elin@example.org')];
  const { tab } = await talk(mara, 'to be erased');
  const backUp = async (): Promise<void> => expect(await deployment.command(place, 'backup', deployment.backups)).toMatchObject({ code: 0 });
  await backUp();
  await erase(tab);
  await tab[Symbol.asyncDispose]();
  await ask(admin, 'removePerson', { user: elin.person.id });
  const isErased = async (): Promise<boolean> => (await ask<{ entries: { type: string }[] }>(admin, 'auditLog')).entries.some(({ type }) => type === 'person-erased');
  await until(isErased, 'nothing is left of who was removed', 250);
  await backUp();
  await ask(admin, 'removePerson', { user: jens.person.id });
  await deployment.end();
  return readdirSync(join(deployment.backups, 'content')).toSorted()[0]!;
}

/** All that is there: of a folder the bytes of its files, of a database its documents. */
async function heldBy({ folder, database }: Place): Promise<readonly string[]> {
  if (database === undefined) return [...filesIn(folder)].filter(([name]) => !/owner\.lock$|-(?:wal|shm)$/u.test(name)).map(([name, bytes]) => `${name} ${createHash('sha256').update(bytes).digest('hex')}`);
  const names = (await database.db.listCollections().toArray()).map(({ name }) => name).toSorted();
  const held = await Promise.all(names.map(async (name) => (await database.db.collection(name).find().toArray()).map((document) => `${name} ${JSON.stringify(document)}`)));
  return held.flat().filter((one) => !/^_schema .*"(?:layout|whole)"/u.test(one));
}

/** As `gorunchat restore` goes about it where another master key has taken the place of the one of the backup: a folder in its place, a database into another one; `around` is put around the store of it. */
async function restored(deployment: Deployment, { from, into, name, next }: { from: Place; into: Place; name: string; next: string }, around: (store: Store) => Store): Promise<Restored> {
  const { database } = into;
  const copies: Copies = database === undefined
    ? folderCopies({ folder: into.folder, aside: 'before-restore', open: async (folder) => around(await sqliteStore({ folder })) })
    : databaseCopies({ uri: database.uri, open: async () => around(await mongoStore({ uri: database.uri, restores: true, report: () => undefined })) });
  const since: Since = from.database === undefined ? await erasedSince(from.folder) : { place: from.name, ...(await erasedInDatabase(from.name)) };
  const masters = masterKeys(masterKey('', next), masterKey('', deployment.environmentOf(from)['GORUNCHAT_MASTER_KEY']));
  return restore(copies, { folder: deployment.backups, name, at: Date.now(), by: 'an operator', masters, since: [since], removeAgain, verify: () => Promise.resolve([]) });
}

/** What a commit puts on record: the type of its record, or that of the checkpoint over them. */
const onRecord = (changes: readonly Change[]): string | undefined => changes.flatMap((change) => (change.do === 'add' && change.kind === 'record' ? [change.body.type] : change.kind === 'checkpoint' ? ['checkpoint'] : []))[0];

it('[RE1] [RE15] a restore of which any record is refused changes nothing, and goes through when none is', async () => {
  await using deployment = await newDeployment();
  await using old = await newPlace();
  await using fresh = await newPlace();
  const name = await haveLived(deployment, old);
  const next = randomBytes(32).toString('hex');
  const into = isOnCluster ? fresh : old;
  const before = await heldBy(into);
  const refused: string[] = [];
  let done: Restored | undefined;
  for (let nth = 0; done === undefined; nth++) {
    let seen = 0;
    const plan = (changes: readonly Change[]): 'refuse' | undefined => {
      const type = onRecord(changes);
      if (type === undefined || seen++ !== nth) return undefined;
      refused.push(type);
      return 'refuse';
    };
    const outcome = await restored(deployment, { from: old, into, name, next }, (store) => faultyStore(store, plan)).catch((error: Error) => error);
    if (!(outcome instanceof Error)) done = outcome;
    const [last, isRefused] = [refused.at(-1), refused.length > nth];
    const says = outcome instanceof Error ? outcome.message : 'restored';
    expect({ last, isRefused, says }).toEqual({ last, isRefused, says: expect.stringMatching(isRefused ? /could not be (?:put on record|signed)/u : /^restored$/u) });
    expect({ last, isUntouched: isDeepStrictEqual(await heldBy(into), before) }).toEqual({ last, isUntouched: isRefused });
  }
  expect(done).toMatchObject({ generation: 1, erased: 1, removed: { people: 2 } });
  expect(new Set(refused)).toEqual(new Set(['signed-out', 'person-removed', 'person-erased', 'content-removed', 'conversation-erased', 'restored', 'checkpoint']));
  await deployment.start(into, { GORUNCHAT_MASTER_KEY: next });
});

/** From here on the database that is restored takes no record of a restore. */
async function refuseRecord(deployment: Deployment, { database }: Place): Promise<void> {
  if (database !== undefined) {
    await database.db.createCollection('record', { validator: { json: { $not: /"type":"restored"/u } } });
    return;
  }
  const folder = join(deployment.backups, 'content', readdirSync(join(deployment.backups, 'content')).toSorted().at(-1)!);
  const db = new DatabaseSync(join(folder, 'gorunchat.db'));
  db.exec("CREATE TRIGGER refused BEFORE INSERT ON record WHEN json_extract(new.body, '$.type') = 'restored' BEGIN SELECT raise(ABORT, 'refused'); END");
  db.exec('PRAGMA journal_mode = DELETE');
  db.close();
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as { files: { name: string; bytes: number; sha256: string }[] };
  const bytes = readFileSync(join(folder, 'gorunchat.db'));
  Object.assign(manifest.files.find(({ name }) => name === 'gorunchat.db')!, { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
}

it('[RE1] [RE15] gorunchat restore says that nothing was restored when its record is refused, and nothing was', async () => {
  await using deployment = await newDeployment();
  await using old = await newPlace();
  await using fresh = await newPlace();
  await haveLived(deployment, old);
  const into = isOnCluster ? fresh : old;
  const how = isOnCluster ? ['--erased-since', old.name] : ['--replace'];
  await refuseRecord(deployment, into);
  const before = await heldBy(into);
  expect(await deployment.command(into, 'restore', deployment.backups, ...how)).toEqual({ code: 1, said: expect.stringMatching(/^Nothing was restored: it could not be put on record, and nothing is restored without that: commit unavailable: (?:refused|Document failed validation)\n$/u) });
  expect(await heldBy(into)).toEqual(before);
});

/** Data with a conversation, which takes no record of a backup. */
async function withoutBackups(deployment: Deployment, place: Place): Promise<void> {
  await place.database?.db.createCollection('record', { validator: { json: { $not: /"type":"backup-begun"/u } } });
  await deployment.start(place);
  const { tab } = await talk(await newAccount(deployment.url), 'Hello');
  await tab[Symbol.asyncDispose]();
  await deployment.end();
  if (place.database === undefined) inFolder(place, "CREATE TRIGGER refused BEFORE INSERT ON record WHEN json_extract(new.body, '$.type') = 'backup-begun' BEGIN SELECT raise(ABORT, 'refused'); END");
}

function inFolder({ folder }: Place, sql: string): void {
  const db = new DatabaseSync(join(folder, 'gorunchat.db'));
  db.exec(sql);
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  db.close();
}

/** Twice, and nothing is copied or changed. */
async function backUpInVain(deployment: Deployment, place: Place): Promise<readonly string[]> {
  const before = await heldIn(place);
  for (let tries = 0; tries < 2; tries += 1) {
    expect(await deployment.command(place, 'backup', deployment.backups)).toEqual({ code: 1, said: expect.stringMatching(/^No backup was made: it could not be put on record, and nothing is copied without that: The record could not be written, so nothing was done\.\n$/u) });
    expect([filesOf(deployment.backups), await heldIn(place)]).toEqual([[], before]);
  }
  return before;
}

it('[RE1] [RE32] gorunchat backup says that none was made when its record is refused, and copies nothing', async () => {
  await using deployment = await newDeployment();
  await using place = await newPlace();
  await withoutBackups(deployment, place);
  expect((await backUpInVain(deployment, place)).length).toBeGreaterThan(0);
});

it('[RE1] [RE32] gorunchat backup makes one once its record is taken, and gorunchat verify changes nothing', async () => {
  await using deployment = await newDeployment(undefined, 'folder');
  await using place = await newPlace('folder');
  await withoutBackups(deployment, place);
  const before = await backUpInVain(deployment, place);
  inFolder(place, 'DROP TRIGGER refused');
  expect(await deployment.command(place, 'backup', deployment.backups)).toMatchObject({ code: 0 });
  const after = await heldIn(place);
  expect(after.filter((one) => !before.includes(one))).toEqual([expect.stringContaining('backup-begun')]);
  expect(await deployment.command(place, 'verify', place.name)).toMatchObject({ code: 0 });
  expect(await heldIn(place)).toEqual(after);
});
