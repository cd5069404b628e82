// Runs without any dependency, as everything of `gorunchat verify` does.
import { createReadStream } from 'node:fs';
import type { KeptElsewhere, Verdict } from '../../../contracts/proofs/verdict.ts';
import { ExportCheck } from '../../../contracts/proofs/export-check.ts';
import { linesOf } from '../../byte-lines.ts';
import { nodePrimitives } from '../node-primitives.ts';

/** Reads an export from the first line to the last. */
export async function verifyExport(file: string, { keys = [], checkpoints = [] }: KeptElsewhere = {}): Promise<Verdict> {
  const check = new ExportCheck(nodePrimitives, keys, checkpoints);
  for await (const line of linesOf(createReadStream(file))) check.line(textOf(line));
  return check.verdict();
}

/** Of a line with its end; `undefined` for bytes that are no text, or a line that was cut off. */
function textOf(line: Buffer): string | undefined {
  const text = line.toString();
  return text.endsWith('\n') && Buffer.from(text).equals(line) ? text.slice(0, -1) : undefined;
}
