// Runs without any dependency: only types and the proofs come from contracts, and the hash is the one that records are made with.
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { NO_HASH } from '../../../contracts/proofs/canonical.ts';
import type { Finding, KeptElsewhere, Verdict } from '../../../contracts/proofs/verdict.ts';
import type { KeptRecord } from '../../../contracts/records.ts';
import { hashOf } from '../record-hash.ts';
import { hasLog, verifyLog } from './log.ts';

/** Read from the id, which is there whatever the body has become. */
const CHAIN = "rtrim(id, '0123456789')";

type Row = { id: string; body: string };
type Head = { number: number; hash: string };

/**
 * Reads every record of a data folder (or its `gorunchat.db`) and names each that was altered, is missing, was swapped, or was cut off against the stored head.
 * Needs no secret: hashes are over cipher text. Somebody who has the signing key and rewrites everything is found out by a checkpoint that was kept elsewhere, and by nothing else.
 */
export function verifyDatabase(place: string, { checkpoints = [], keys = [] }: KeptElsewhere = {}): Verdict {
  const file = existsSync(place) && statSync(place).isDirectory() ? join(place, 'gorunchat.db') : place;
  if (!existsSync(file)) throw new Error(`there is no database at ${file}`);
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    db.exec('BEGIN'); // all of it as it was at one moment, though the product may be writing
    const heads = new Map((db.prepare("SELECT id, body FROM head WHERE id <> 'log'").all() as Row[]).map((row) => [row.id, headIn(row)]));
    const rows = db.prepare(`SELECT id, body FROM record ORDER BY ${CHAIN}, CAST(substr(id, length(${CHAIN}) + 1) AS INTEGER)`).iterate() as Iterable<Row>;
    const verdict = verifyRecords(rows, heads);
    if (!hasLog(db)) return { ...verdict, findings: [...verdict.findings, NO_LOG] };
    const { findings, ...log } = verifyLog(db, checkpoints, keys);
    return { ...verdict, findings: [...verdict.findings, ...findings], log };
  } finally {
    db.close();
  }
}

const NO_LOG: Finding = { chain: 'log', number: 1, kind: 'missing', says: 'there is no log, in which each record would have its place' };

interface Chain {
  readonly name: string;
  number: number;
  hash: string;
}

/** The same over rows in order of chain and number. */
export function verifyRecords(rows: Iterable<Row>, heads: ReadonlyMap<string, Head | undefined>): Verdict {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  let records = 0;
  let chain: Chain | undefined;
  for (const row of rows) {
    records += 1;
    const record = parse<KeptRecord>(row);
    const name = row.id.slice(0, row.id.lastIndexOf(':'));
    if (chain?.name !== name) {
      if (chain !== undefined) findings.push(...checkEnd(chain, heads));
      chain = { name, number: 0, hash: NO_HASH };
      seen.add(name);
    }
    findings.push(...checkRecord(row.id, record, chain));
  }
  if (chain !== undefined) findings.push(...checkEnd(chain, heads));
  for (const [name, head] of heads) {
    if (seen.has(name)) continue;
    if (head === undefined) findings.push({ chain: name, number: 1, kind: 'unreadable', says: `the head of ${name} cannot be read` });
    else if (head.number > 0) findings.push({ chain: name, number: 1, kind: 'missing', says: `records 1 to ${head.number} of ${name} are missing` });
  }
  return { records, chains: seen.size, findings };
}

function parse<T extends object>(row: Row): T | undefined {
  try {
    const value = JSON.parse(row.body) as T | null;
    return typeof value === 'object' ? (value ?? undefined) : undefined;
  } catch {
    return undefined; // said as a finding by whoever asked
  }
}

/** One that does not say how far its chain goes is none: nothing could be held against it. */
function headIn(row: Row): Head | undefined {
  const head = parse<Head>(row);
  return Number.isSafeInteger(head?.number) && typeof head?.hash === 'string' ? head : undefined;
}

function checkRecord(id: string, record: KeptRecord | undefined, chain: Chain): Finding[] {
  const number = Number(id.slice(id.lastIndexOf(':') + 1));
  const expected = chain.number + 1;
  const findings: Finding[] = [];
  const find = (kind: Finding['kind'], says: string, at = number): void => void findings.push({ chain: chain.name, number: at, kind, says });
  if (number > expected) find('missing', `${number === expected + 1 ? `record ${expected} is` : `records ${expected} to ${number - 1} are`} missing in ${chain.name}`, expected);
  const isFirstAfterGap = number !== expected;
  chain.number = number;
  if (record === undefined) {
    find('unreadable', `record ${id} cannot be read`);
    chain.hash = '';
    return findings;
  }
  const { hash, ...unhashed } = record;
  const isWhole = hashOf(unhashed) === hash;
  if (record.chain !== chain.name || record.number !== number) find('swapped', `record ${id} says that it is ${record.chain}:${record.number}`);
  else if (!isWhole) find('altered', `record ${id} was altered`);
  else if (!isFirstAfterGap && chain.hash !== '' && record.previous !== chain.hash) find('altered', `record ${id} does not follow the one before it`);
  chain.hash = isWhole ? hash : '';
  return findings;
}

function checkEnd(chain: Chain, heads: ReadonlyMap<string, Head | undefined>): Finding[] {
  const head = heads.get(chain.name);
  const find = (kind: Finding['kind'], number: number, says: string): Finding[] => [{ chain: chain.name, number, kind, says }];
  if (head === undefined && heads.has(chain.name)) return find('unreadable', chain.number, `the head of ${chain.name} cannot be read`);
  if (head === undefined) return find('missing', chain.number, `the head of ${chain.name} is missing`);
  if (head.number > chain.number) return find('truncated', chain.number + 1, `${chain.name} was cut off after record ${chain.number} of ${head.number}`);
  if (head.number < chain.number) return find('altered', head.number + 1, `${chain.name} has records after its head at ${head.number}`);
  if (chain.hash !== '' && head.hash !== chain.hash) return find('altered', chain.number, `the last record of ${chain.name} is not the one its head names`);
  return [];
}
