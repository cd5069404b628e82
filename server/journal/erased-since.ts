import { createReadStream, existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { AuditRecord, KeptRecord } from '../../contracts/records.ts';
import { linesOf } from '../byte-lines.ts';
import type { Change } from '../store/store.ts';
import { archivesIn } from './verify/archive.ts';

/** What is known of the time after a backup: which conversations were erased, who was removed, and the highest epoch above which anything was claimed. */
export interface Since {
  readonly place: string;
  readonly erased: ReadonlySet<string>;
  /** The records of it; whom they name is under the deployment's key. */
  readonly removals: readonly KeptRecord[];
  readonly epoch: number;
}

/** What a restore made of it: how many people were removed again, and whether an administrator is left; if not, whoever registers next is one. */
export interface RemovedAgain {
  readonly people: number;
  readonly hasAdmin: boolean;
}

/** How a restore makes changes: with their record in the audit log. */
export type Recording = (said: AuditRecord, changes: readonly Change[]) => Promise<void>;

/**
 * Reads what was erased and who was removed, which stands in the types of records and needs no key: out of a data folder, a copy outside (with those of earlier restores in it), or a list with the id of a conversation in each
 * line. Throws a sentence when it is none of them.
 */
export async function erasedSince(place: string): Promise<Since> {
  if (!existsSync(place)) throw new Error(`${place} is not there.`);
  if (!statSync(place).isDirectory()) return { place, erased: await listed(place), removals: [], epoch: 0 };
  if (existsSync(join(place, 'gorunchat.db'))) return inFolder(place);
  const archives = archivesIn(place);
  if (archives.length === 0) throw new Error(`${place} is neither a data folder nor a copy of the log.`);
  const erased = new Set<string>();
  const removals: KeptRecord[] = [];
  for (const archive of archives) {
    for await (const record of recordsIn(join(archive, 'records'))) {
      if (record.type === ERASED) erased.add(record.chain);
      if (record.type === REMOVED) removals.push(record);
    }
  }
  return { place, erased, removals, epoch: 0 };
}

const ERASED = 'conversation-erased';
const REMOVED = 'person-removed';

function inFolder(place: string): Since {
  const db = new DatabaseSync(join(place, 'gorunchat.db'), { readOnly: true, timeout: 10_000 });
  try {
    const chains = db.prepare("SELECT DISTINCT json_extract(body, '$.chain') AS chain FROM record WHERE json_valid(body) AND json_extract(body, '$.type') = ?").all(ERASED);
    const removals = db.prepare("SELECT body FROM record WHERE json_valid(body) AND json_extract(body, '$.type') = ?").all(REMOVED).map(({ body }) => JSON.parse(String(body)) as KeptRecord);
    const hasGenerations = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'generation'").get() !== undefined;
    const { epoch } = (hasGenerations ? db.prepare("SELECT coalesce(max(json_extract(body, '$.epoch')), 0) AS epoch FROM generation").get() : { epoch: 0 }) as { epoch: number };
    return { place, erased: new Set(chains.map(({ chain }) => String(chain))), removals, epoch };
  } catch (error) {
    throw new Error(`What was erased cannot be read in ${place} (${error instanceof Error ? error.message : String(error)}).`, { cause: error });
  } finally {
    db.close();
  }
}

async function* recordsIn(folder: string): AsyncIterable<KeptRecord> {
  for (const shard of readdirSync(folder).toSorted()) {
    for (const name of readdirSync(join(folder, shard)).toSorted()) {
      for await (const line of linesOf(createReadStream(join(folder, shard, name)))) yield (JSON.parse(line.toString()) as { record: KeptRecord }).record;
    }
  }
}

async function listed(file: string): Promise<Set<string>> {
  const ids = new Set<string>();
  for await (const line of linesOf(createReadStream(file))) {
    const id = line.toString().trim();
    if (id === '') continue;
    if (!/^[\w-]{22}$/u.test(id)) throw new Error(`${file} is no list of conversations: it has the line ${id.slice(0, 100)}.`);
    ids.add(id);
  }
  return ids;
}
