// Runs without any dependency, as verify.ts does.
import { createReadStream, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import type { KeptElsewhere, Verdict } from '../../contracts/proofs/verdict.ts';
import { verifyDatabase } from './verify.ts';

/** What the verifier looks at. */
const KINDS = ['record', 'head', 'pending', 'sealed', 'tile', 'checkpoint', 'generation'] as const;

/** Whether this folder is the content of a backup of a MongoDB database. */
export function isCopied(folder: string): boolean {
  return existsSync(join(folder, 'record.ndjson'));
}

/** The same as of a data folder, over the content of a backup of a MongoDB database; its records are put into a file beside the system's temporary ones for as long as it takes. */
export async function verifyCopied(folder: string, kept: KeptElsewhere = {}): Promise<Verdict> {
  const beside = mkdtempSync(join(tmpdir(), 'gorunchat-verify-'));
  try {
    const file = join(beside, 'gorunchat.db');
    await fill(file, folder);
    return verifyDatabase(file, kept);
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
}

async function fill(file: string, folder: string): Promise<void> {
  const db = new DatabaseSync(file);
  try {
    db.exec('PRAGMA synchronous = OFF; BEGIN');
    for (const kind of KINDS) {
      db.exec(`CREATE TABLE ${kind} (id TEXT PRIMARY KEY NOT NULL, body TEXT NOT NULL) STRICT`);
      const add = db.prepare(`INSERT INTO ${kind} (id, body) VALUES (?, ?)`);
      if (!existsSync(join(folder, `${kind}.ndjson`))) continue; // of a version that did not have it yet
      for await (const line of createInterface({ input: createReadStream(join(folder, `${kind}.ndjson`)) })) {
        const { _id, json, version: _version, ...head } = JSON.parse(line) as { _id: string; json?: string; version: number };
        add.run(_id, json ?? JSON.stringify(head));
      }
    }
    db.exec('COMMIT');
  } finally {
    db.close();
  }
}
