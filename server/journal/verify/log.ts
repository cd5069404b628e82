// Runs without any dependency, as everything of `gorunchat verify` does.
import type { DatabaseSync } from 'node:sqlite';
import type { Finding } from '../../../contracts/proofs/verdict.ts';
import { canonical } from '../../../contracts/proofs/canonical.ts';
import { linesOf } from '../../../contracts/proofs/generations.ts';
import { afterRestore } from './restored.ts';
import { GrowingRoot, leafHash } from '../merkle.ts';
import { readCheckpoint, type Checkpoint } from '../signed-note.ts';
import { packed, TILE_WIDTH, tileId, unpacked } from '../tiles.ts';

/** What the log of a database was found to be. */
export interface LogVerdict {
  /** Records that have a place in it. */
  readonly sealed: number;
  /** Records that have none yet. */
  readonly unsealed: number;
  readonly findings: readonly Finding[];
}

type Row = { id: string; body: string };
type Find = (kind: Finding['kind'], number: number, says: string) => void;
const LOG = 'log';

/** Whether the database was written by a version that has a log. */
export function hasLog(db: DatabaseSync): boolean {
  return ['sealed', 'tile', 'checkpoint', 'pending'].every((name) => hasTable(db, name));
}

function hasTable(db: DatabaseSync, name: string): boolean {
  return db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(name) !== undefined;
}

/**
 * Holds the signed checkpoint against the records: each stands at its place as it was sealed, none is missing among them, and the root over all is the one that was signed. `kept` are
 * checkpoints that were kept elsewhere: with one of them, a log that was cut back or written anew and signed again is found, too. `keys` are the public keys that are
 * trusted; without any, those that the database names.
 */
export function verifyLog(db: DatabaseSync, kept: readonly string[], keys: readonly string[]): LogVerdict {
  const findings: Finding[] = [];
  const find: Find = (kind, number, says) => void findings.push({ chain: LOG, number, kind, says });
  const latest = checkpointIn(db, keys, find);
  const trusted = keys.length > 0 ? keys : (latest?.keys ?? []);
  const others = kept.flatMap((note) => keptCheckpoint(note, trusted, find));
  const most = latest?.checkpoint.size ?? 0;
  const roots = rootsAt(db, new Set([...others.map(({ size }) => Math.min(size, most)), most]), find);
  if (latest !== undefined) compare(latest.checkpoint, roots, 'the signed checkpoint', find);
  if (latest !== undefined) checkRestores(db, latest.checkpoint, find);
  for (const other of others) compareKept(other, latest?.checkpoint, roots, find);
  const sealed = checkPlaces(db, find);
  if (latest !== undefined) checkEnd(db, sealed, latest.checkpoint, find);
  else if (keys.length > 0 && findings.length === 0) find('missing', 1, 'there is no checkpoint that the key which is trusted has signed');
  return { sealed, unsealed: checkUnsealed(db, sealed, find), findings };
}

function checkpointIn(db: DatabaseSync, keys: readonly string[], find: Find): { checkpoint: Checkpoint; keys: readonly string[] } | undefined {
  const row = db.prepare("SELECT id, body FROM checkpoint WHERE id = 'latest'").get() as Row | undefined;
  if (row === undefined && isEmpty(db)) return undefined; // nothing has been sealed yet
  if (row === undefined) {
    find('missing', 1, 'the signed checkpoint of the log is missing');
    return undefined;
  }
  try {
    const body = JSON.parse(row.body) as { note: string; keys: string[] };
    return { checkpoint: readCheckpoint(body.note, keys.length > 0 ? keys : body.keys), keys: body.keys };
  } catch (error) {
    find('unreadable', 1, `the checkpoint of the log does not hold: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

function isEmpty(db: DatabaseSync): boolean {
  return db.prepare("SELECT 1 FROM sealed UNION ALL SELECT 1 FROM tile UNION ALL SELECT 1 FROM head WHERE id = 'log' LIMIT 1").get() === undefined;
}

function keptCheckpoint(note: string, keys: readonly string[], find: Find): Checkpoint[] {
  try {
    return [readCheckpoint(note, keys)];
  } catch (error) {
    find('unreadable', 1, `the checkpoint that was kept elsewhere does not hold: ${error instanceof Error ? error.message : String(error)}`);
    return [];
  }
}

/** The root over the first records, for each of these numbers of them, as far as there are so many. */
function rootsAt(db: DatabaseSync, sizes: ReadonlySet<number>, find: Find): ReadonlyMap<number, Buffer> {
  const roots = new Map<number, Buffer>();
  const growing = new GrowingRoot();
  const most = Math.max(...sizes);
  const tile = db.prepare('SELECT body FROM tile WHERE id = ?');
  if (sizes.has(0)) roots.set(0, growing.root());
  for (let index = 0; growing.size < most; index++) {
    const hashes = hashesOf(tile.get(tileId(0, index)) as Row | undefined);
    if (hashes === undefined) {
      find('missing', growing.size + 1, `the hashes of the log end after record ${growing.size} of ${most}`);
      break;
    }
    for (const hash of hashes) {
      growing.push(hash);
      if (sizes.has(growing.size)) roots.set(growing.size, growing.root());
    }
  }
  return roots;
}

function hashesOf(row: Row | undefined): Buffer[] | undefined {
  try {
    const { hashes } = JSON.parse(row?.body ?? '') as { hashes: string };
    return hashes === packed(unpacked(hashes)) && hashes !== '' ? unpacked(hashes) : undefined;
  } catch {
    return undefined; // said as a finding by whoever asked
  }
}

function compare({ size, root }: Checkpoint, roots: ReadonlyMap<number, Buffer>, what: string, find: Find): void {
  const found = roots.get(size);
  if (found !== undefined && !found.equals(root)) find('altered', size, `the first ${size} records of the log are not those of ${what}`);
}

function compareKept(kept: Checkpoint, latest: Checkpoint | undefined, roots: ReadonlyMap<number, Buffer>, find: Find): void {
  const what = 'the checkpoint that was kept elsewhere';
  if (latest === undefined) find('missing', 1, `there is no log that ${what} could be held against`);
  else if (latest.origin !== kept.origin) find('swapped', 1, `${what} is of another log, ${kept.origin}`);
  else if (afterRestore(kept, latest, find)) return; // what it names is gone, and it is said why
  else if (kept.size > latest.size) find('truncated', latest.size + 1, `the log was cut back: it holds ${latest.size} records, ${what} names ${kept.size}`);
  else compare(kept, roots, what, find);
}

/** Each restore that is signed is on record, and each that is on record is signed. */
function checkRestores(db: DatabaseSync, { generations, size }: Checkpoint, find: Find): void {
  const { count } = db.prepare(`SELECT count(*) AS count FROM record JOIN sealed ON sealed.id = record.id WHERE json_valid(record.body) AND json_extract(record.body, '$.type') = 'restored'`).get() as { count: number };
  if (count !== generations.length) find('altered', size, `${count} restores are on record, and the signed checkpoint names ${generations.length}`);
  const kept = generationsIn(db);
  if (kept === undefined) return find('unreadable', size, 'a restore that the database names cannot be read');
  if (linesOf(kept).join() !== linesOf(generations).join()) find('altered', size, 'the restores that the database names are not those that were signed');
}

function generationsIn(db: DatabaseSync): Checkpoint['generations'] | undefined {
  if (!hasTable(db, 'generation')) return [];
  try {
    const kept = db.prepare('SELECT body FROM generation').all().map(({ body }) => JSON.parse(String(body)) as Checkpoint['generations'][number]);
    linesOf(kept); // throws for what is none
    return kept.toSorted((a, b) => a.number - b.number);
  } catch {
    return undefined;
  }
}

/** As many places as were signed, and the head that the next place is given from. */
function checkEnd(db: DatabaseSync, sealed: number, { size, root }: Checkpoint, find: Find): void {
  if (sealed < size) find('truncated', sealed + 1, `the log was cut off: ${sealed} of the ${size} places that were signed are there`);
  if (sealed > size) find('altered', size + 1, `the log has places after the ${size} that were signed`);
  const head = db.prepare('SELECT body FROM head WHERE id = ?').get(LOG) as { body: string } | undefined;
  if (head === undefined) return find('missing', size, 'the head of the log is missing');
  try {
    const { seq, hash } = JSON.parse(head.body) as { seq: unknown; hash: unknown };
    if (seq !== size || hash !== root.toString('hex')) find('altered', size, 'the head of the log is not what was signed');
  } catch {
    find('unreadable', size, 'the head of the log cannot be read');
  }
}

/** A record is made together with what waits for its place, so one that has neither had a place that was taken away. Returns how many have no place. */
function checkUnsealed(db: DatabaseSync, sealed: number, find: Find): number {
  const { count, lost } = db.prepare('SELECT count(*) AS count, count(*) FILTER (WHERE id NOT IN (SELECT id FROM pending)) AS lost FROM record WHERE id NOT IN (SELECT id FROM sealed)').get() as { count: number; lost: number };
  if (lost > 0) find('missing', sealed + 1, `${lost === 1 ? 'a record has no place in the log and waits' : `${lost} records have no place in the log and wait`} for none`);
  return count;
}

/** Each record at its place against the hash that was sealed there. Resolves with the number of places. */
function checkPlaces(db: DatabaseSync, find: Find): number {
  const rows = db.prepare("SELECT sealed.id AS id, sealed.body AS says, CASE WHEN json_valid(sealed.body) THEN json_extract(sealed.body, '$.place') END AS place, record.body AS body FROM sealed LEFT JOIN record ON record.id = sealed.id ORDER BY place").iterate() as Iterable<{ id: string; says: string; place: number | null; body: string | null }>;
  const tile = db.prepare('SELECT body FROM tile WHERE id = ?');
  let next = 0;
  let hashes: Buffer[] | undefined;
  for (const { id, says, place, body } of rows) {
    if (place === null || !isPlaceOf(id, says, place)) {
      find('unreadable', next + 1, `the place of record ${id} in the log cannot be read`);
      continue;
    }
    if (place !== next) find('missing', next + 1, `places ${next + 1} to ${place} of the log name no record`);
    next = place + 1;
    if (place % TILE_WIDTH === 0 || hashes === undefined) hashes = hashesOf(tile.get(tileId(0, Math.floor(place / TILE_WIDTH))) as Row | undefined) ?? [];
    const hash = leafOf(body);
    if (body === null) find('missing', place + 1, `record ${id}, place ${place + 1} of the log, is missing`);
    else if (hash === undefined || hashes[place % TILE_WIDTH]?.equals(hash) !== true) find('altered', place + 1, `record ${id} is not what was sealed at place ${place + 1} of the log`);
  }
  return next;
}

function isPlaceOf(id: string, says: string, place: number): boolean {
  const { chain, number } = JSON.parse(says) as { chain: unknown; number: unknown };
  return Number.isInteger(place) && `${String(chain)}:${String(number)}` === id;
}

function leafOf(body: string | null): Buffer | undefined {
  try {
    return body === null ? undefined : leafHash(canonical(JSON.parse(body)));
  } catch {
    return undefined; // cannot be what was sealed
  }
}
