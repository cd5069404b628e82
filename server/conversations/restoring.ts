import { join } from 'node:path';
import type { Finding } from '../../contracts/proofs/verdict.ts';
import { AUDIT_CHAIN, type Actor, type AuditRecord } from '../../contracts/records.ts';
import { DEPLOYMENT } from '../journal/audit.ts';
import { backupsIn } from '../journal/backup.ts';
import type { Recording, RemovedAgain, Since } from '../journal/erased-since.ts';
import { nextRecord, START } from '../journal/journal.ts';
import { openKeys, type Keys } from '../journal/keys.ts';
import type { MasterKeys } from '../journal/master-keys.ts';
import { rewrapAll } from '../journal/rewrapping.ts';
import { commitKnown } from '../journal/known.ts';
import { generationsOf, nextEpochs } from '../journal/lineage.ts';
import { areOfOneLine, checkFiles, readManifest, type Manifest } from '../journal/manifest.ts';
import { readCheckpoint, type Signer } from '../journal/signed-note.ts';
import { keptSigners } from '../journal/signers.ts';
import { Sealer } from '../journal/sealer.ts';
import type { Key } from '../journal/seal.ts';
import type { Copies } from '../store/copies.ts';
import { CommitRefused } from '../store/refused.ts';
import type { Change, Store } from '../store/store.ts';
import { walk } from '../store/walk.ts';
import { eraseAgain } from './erasing-again.ts';
import { repairSearch } from './words.ts';

export interface RestoreOrder {
  /** Where backups are, as `backUp` has them. */
  readonly folder: string;
  /** Which one; without it the latest. */
  readonly name: string | undefined;
  readonly at: number;
  /** Who restores, and where. */
  readonly by: string;
  /** The current one, and the one that the keys of the backup may be wrapped by. */
  readonly masters: MasterKeys;
  /** What is known of the time since the backup. */
  readonly since: readonly Since[];
  /** Removes who had been removed since; each change with its record. */
  removeAgain(store: Store, keys: Keys, since: readonly Since[], at: number, record: Recording): Promise<RemovedAgain>;
  /** What is wrong with the records of the content. */
  verify(content: string, checkpoints: readonly string[]): Promise<readonly Finding[]>;
}

export interface Restored {
  readonly name: string;
  readonly at: number;
  readonly generation: number;
  /** The backup that the keys are of: the latest one that has some. */
  readonly keys: string;
  /** How many conversations were erased again. */
  readonly erased: number;
  /** Who was removed again. */
  readonly removed: RemovedAgain;
  /** Where what was there before is now. */
  readonly aside: string | undefined;
}

/** The parts that are restored, each checked as far as it can be without a key. */
interface Chosen {
  readonly content: Manifest & { readonly sha256: string };
  readonly keys: Manifest;
  readonly folders: { readonly content: string; readonly keys: string };
}

/**
 * Makes the store of a backup, in a new generation: what has been erased since, as far as that is known, is erased again, search has its words, and what happened is on record and signed. All of that is
 * done beside what is there, which is put aside as the last step; a refusal, and a process that dies before, change nothing. Throws a sentence for whoever restores.
 */
export async function restore(copies: Copies, order: RestoreOrder): Promise<Restored> {
  const chosen = await choose(copies, order);
  try {
    await copies.take();
    const store = await copies.place(chosen.folders);
    const done = await begin(store, chosen, order).finally(() => store.close());
    return { name: chosen.content.name, at: chosen.content.at, keys: chosen.keys.name, ...done, aside: await copies.keep() };
  } finally {
    await copies.close();
  }
}

async function choose(copies: Copies, { folder, name, verify }: RestoreOrder): Promise<Chosen> {
  const there = backupsIn(folder, 'content');
  const wanted = name ?? there.at(-1);
  if (wanted === undefined) throw new Error(`There is no backup in ${folder}.`);
  if (!there.includes(wanted)) throw new Error(`There is no backup ${wanted} in ${folder}. There are: ${there.join(', ') || 'none'}.`);
  const content = readManifest(join(folder, 'content', wanted));
  const folders = { content: join(folder, 'content', wanted), keys: join(folder, 'keys', keysFor(folder, content)) };
  const keys = readManifest(folders.keys);
  for (const part of [content, keys]) checkVersion(copies, part);
  if (content.part !== 'content' || content.name !== wanted || keys.part !== 'keys') throw new Error(`The parts of the backup ${wanted} were exchanged.`);
  await checkFiles(folders.content, content);
  await checkFiles(folders.keys, keys);
  const findings = await verify(folders.content, content.checkpoint === null ? [] : [content.checkpoint.note]);
  if (findings.length > 0) throw new Error(`The records of the backup ${wanted} are not intact: ${findings[0]?.says}. Run gorunchat verify on ${folders.content} for all that was found, and restore another one.`);
  return { content, keys, folders };
}

/**
 * The latest keys of the line that the content is of: what was erased since has none in them, while earlier ones lack those of what was begun since. Keys that were copied after another restore know
 * nothing of what was begun before it, and that is not erased.
 */
function keysFor(folder: string, content: Manifest): string {
  const name = latestKeys(folder, content);
  if (name !== undefined) return name;
  const readable = backupsIn(folder, 'content').findLast((one) => latestKeys(folder, readManifest(join(folder, 'content', one))) !== undefined);
  throw new Error(`The keys of the backup ${content.name} are not there (they are kept for fewer days, or elsewhere): what people wrote cannot be read without them, and nothing was restored. ${readable === undefined ? 'Put them back into' : `The latest backup with keys is ${readable}; or put those of ${content.name} back into`} ${join(folder, 'keys')}. What is on record can be verified without keys: gorunchat verify ${join(folder, 'content', content.name)}`);
}

function latestKeys(folder: string, content: Manifest): string | undefined {
  return backupsIn(folder, 'keys').findLast((name) => name >= content.name && areOfOneLine(readManifest(join(folder, 'keys', name)), content));
}

function checkVersion(copies: Copies, { name, adapter, layout, product }: Manifest): void {
  if (adapter !== copies.adapter) throw new Error(`The backup ${name} is of a ${adapter === 'sqlite' ? 'data folder' : 'MongoDB database'}, and this deployment has none of those.`);
  const newer = Object.entries(layout).find(([file, version]) => version > (copies.layout[file] ?? 0));
  if (newer !== undefined) throw new Error(`The backup ${name} was made by a newer version of GoRunChat (${product}). Restore it with that version.`);
}

async function begin(store: Store, { content, keys: taken }: Chosen, order: RestoreOrder): Promise<Pick<Restored, 'generation' | 'erased' | 'removed'>> {
  const { at, since } = order;
  const masters = { ...order.masters, wrapping: order.masters.current };
  const rewrapped = await rewrapAll(store, masters);
  const keys = openKeys(store, masters);
  const signers = await expectKeys(store, keys);
  await expectCheckpoint(store, content, signers.map(({ verifierKey }) => verifierKey));
  const before = await generationsOf(store);
  const epoch = nextEpochs(at, Math.max(0, ...before.map((one) => one.epoch), ...since.map((one) => one.epoch)));
  const record: Recording = (said, changes) => putOnRecord(store, keys, said, changes, { at, epoch });
  const removed = await onRecord(order.removeAgain(store, keys, since, at, record));
  const erased = await onRecord(eraseAgain(store, keys, new Set([...since.flatMap((one) => [...one.erased]), ...(await keyless(store, keys))]), { at, epoch }));
  const generation = (before.at(-1)?.number ?? 0) + 1;
  const said: AuditRecord = {
    type: 'restored', v: 1, by: order.by, backup: content.name, backupAt: content.at, manifest: content.sha256, checkpoint: content.checkpoint?.note ?? null, generation, keys: taken.name,
    checked: since.map(({ place }) => place), erased, ...(rewrapped > 0 && { rewrapped }),
  };
  await onRecord(record(said, [{ do: 'add', kind: 'generation', id: String(generation), body: { number: generation, at, after: content.checkpoint?.size ?? 0, epoch } }]));
  await repairSearch(store, keys, new AbortController().signal);
  await seal(store, signers, at);
  return { generation, erased, removed };
}

/** Says in words that it was a record which was refused. */
function onRecord<T>(done: Promise<T>): Promise<T> {
  return done.catch((error: unknown) => {
    if (!(error instanceof CommitRefused)) throw error;
    throw new Error(`it could not be put on record, and nothing is restored without that: ${error.message}`, { cause: error });
  });
}

/** Conversations whose key was destroyed by the time that the keys are of: that happens with their erasure alone. */
async function keyless(store: Store, keys: Keys): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of walk(store, { kind: 'conversation', index: 'byErasure', where: [false], limit: 1_000 })) if ((await keys.of(id)) === undefined) ids.push(id);
  return ids;
}

/** The keys can be opened, and the one is there that the log is signed with. */
async function expectKeys(store: Store, keys: Keys): Promise<readonly Signer[]> {
  const { now } = await keptSigners(store, keys).catch((error: unknown) => {
    throw new Error('The master key is not the one that the backup was written with. Put that one into the data folder (master.key), or give it with GORUNCHAT_MASTER_KEY. Nothing was restored.', { cause: error });
  });
  return now().catch((error: unknown) => {
    throw new Error('The key that the log is signed with is not among the keys of the backup. Nothing was restored.', { cause: error });
  });
}

async function expectCheckpoint(store: Store, { name, checkpoint }: Manifest, keys: readonly string[]): Promise<void> {
  const own = (await store.get('checkpoint', 'latest'))?.body;
  if (own?.note !== checkpoint?.note) throw new Error(`The checkpoint that the backup ${name} names is not the one in it.`);
  if (own !== undefined) readCheckpoint(own.note, keys);
}

const ITSELF: Actor = { user: null, session: null, address: '', agent: 'gorunchat restore' };

/** Changes and their record, under an epoch that nothing before had. */
async function putOnRecord(store: Store, keys: Keys, said: AuditRecord, changes: readonly Change[], { at, epoch }: { at: number; epoch: number }): Promise<void> {
  const kept = await keys.of(DEPLOYMENT.id);
  const made = kept === undefined ? keys.make(DEPLOYMENT.id, DEPLOYMENT.id) : undefined;
  const from = (await store.get('head', AUDIT_CHAIN))?.body ?? null;
  const frame = { chain: AUDIT_CHAIN, epoch: epoch + 1, at, keyId: DEPLOYMENT.id, key: (kept ?? made?.key) as Key } as const;
  const { changes: recorded, head } = nextRecord(from ?? START, frame, { actor: ITSELF, said });
  await commitKnown(store, [...(made === undefined ? [] : [made.change]), ...changes, ...recorded], { chain: AUDIT_CHAIN, from, to: head });
}

/** So that the log says from its first moment on that it is of a new generation. */
async function seal(store: Store, signers: readonly Signer[], at: number): Promise<void> {
  const failed: unknown[] = [];
  await new Sealer({ store, clock: { now: () => at }, signers: () => Promise.resolve(signers), warn: (error) => failed.push(error), sealed: () => undefined }).close();
  if (failed.length > 0) throw new Error('The log of the backup could not be signed. Nothing was restored.', { cause: failed[0] });
}
