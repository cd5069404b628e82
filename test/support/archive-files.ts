import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { KEPT_APART } from '../../server/journal/sinks/folder.ts';
import type { Placed } from '../../server/journal/sinks/sink.ts';

/** What a folder holds, under names in their order. */
export type Files = ReadonlyMap<string, Buffer>;

/** All that others who read an archive can see. */
export function filesIn(folder: string): Files {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  return new Map(files.filter((name) => !name.startsWith(KEPT_APART)).toSorted().map((name) => [name, readFileSync(join(folder, name))]));
}

/** Makes the folder hold `to` where it holds `from`, as somebody does who may write there. */
export function change(folder: string, from: Files, to: Files): void {
  for (const name of new Set([...from.keys(), ...to.keys()])) {
    const bytes = to.get(name);
    if (from.get(name) === bytes) continue;
    rmSync(join(folder, name), { force: true });
    if (bytes === undefined) continue;
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
}

/** The names below this one. */
export const under = (files: Files, place: string): string[] => [...files.keys()].filter((name) => name.startsWith(`${place}/`));
export const linesIn = (bytes: Buffer): string[] => bytes.toString().split('\n').slice(0, -1);
export const joined = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
/** The record that a line is of. */
export const placed = (line: string): Placed => JSON.parse(line) as Placed;
/** The same with another file under this name, or without one. */
export function changed(files: Files, name: string, text: Buffer | string | undefined): Files {
  const result = new Map(files);
  if (text === undefined) result.delete(name);
  else result.set(name, Buffer.from(text));
  return result;
}
