// Runs without any dependency, as everything of `gorunchat verify` does.
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { cosignedAt, nameIn } from '../../../contracts/proofs/cosignature.ts';
import type { Finding } from '../../../contracts/proofs/verdict.ts';
import { nodePrimitives } from '../node-primitives.ts';

/** A checkpoint that a witness has cosigned. */
export interface Witnessed {
  readonly witness: string;
  readonly note: string;
  readonly size: number;
  /** In milliseconds since the epoch. */
  readonly at: number;
}

/**
 * The last checkpoint of these notes, and of those that a database has kept, that each of these witnesses has cosigned; that it holds is found out by whoever holds it against the records. Finds that there is none.
 * Throws a sentence for what is no key of a witness.
 */
export function witnessedIn(place: string, witnessKeys: readonly string[], notes: readonly string[]): { witnessed: readonly Witnessed[]; findings: readonly Finding[] } {
  const all = witnessKeys.length === 0 ? [] : [...notes, ...notesIn(place)];
  const witnessed: Witnessed[] = [];
  const findings: Finding[] = [];
  for (const key of witnessKeys) {
    const witness = nameIn(key.trim());
    const own = all.flatMap((note) => {
      const seconds = cosignedAt(nodePrimitives, note, key);
      return seconds === undefined ? [] : [{ witness, note, size: Number(note.split('\n')[1]), at: seconds * 1_000 }];
    });
    const last = own.toSorted((a, b) => b.size - a.size)[0];
    if (last === undefined) findings.push({ chain: 'log', number: 1, kind: 'missing', says: `no checkpoint that was given or is kept there was cosigned by ${witness}` });
    else witnessed.push(last);
  }
  return { witnessed, findings };
}

/** That a package is not of the moment that a witness has cosigned, and so proves nothing by it. */
export function ofAnotherMoment({ witness, size }: Witnessed, packageSize: number | undefined): Finding {
  return { chain: 'package', number: 1, kind: 'missing', says: `the package is under the checkpoint over ${packageSize ?? 0} records, and ${witness} has cosigned the one over ${size}: one of the same moment is needed` };
}

/** The cosigned checkpoints that a data folder keeps. */
function notesIn(place: string): string[] {
  const file = existsSync(place) && statSync(place).isDirectory() ? join(place, 'gorunchat.db') : place;
  if (!existsSync(file) || !file.endsWith('.db')) return [];
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    const isThere = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'cosigned'").get() !== undefined;
    return isThere ? db.prepare("SELECT json_extract(body, '$.note') AS note FROM cosigned WHERE json_valid(body)").all().map(({ note }) => String(note)) : [];
  } finally {
    db.close();
  }
}
