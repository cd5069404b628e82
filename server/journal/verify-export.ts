// Runs without any dependency, as verify.ts does.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { KeptElsewhere, Verdict } from '../../contracts/proofs/verdict.ts';
import { ExportCheck } from '../../contracts/proofs/export-check.ts';
import { nodePrimitives } from './node-primitives.ts';

/** Reads an export from the first line to the last. */
export async function verifyExport(file: string, { keys = [], checkpoints = [] }: KeptElsewhere = {}): Promise<Verdict> {
  const check = new ExportCheck(nodePrimitives, keys, checkpoints);
  for await (const line of createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Infinity })) check.line(line);
  return check.verdict();
}
