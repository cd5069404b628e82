import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { NODE_ENVIRONMENT } from './process.ts';

/** From now on no file of this process grows beyond so many bytes: a write that would is cut there, and what is left of it refused, as on a disk that is full. `undefined`: there is room again. */
export function limitFiles(pid: number, bytes: number | undefined): void {
  execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes ?? 'unlimited'}:`]);
}

/** What a process saw that put records into a copy while there was no room for them, and then was given room. */
export interface Saw {
  /** Why it was refused. */
  readonly refused: string;
  /** Records that were answered for before that, and how many the copy was said to hold then: by whoever was refused, and by somebody new. */
  readonly answered: number;
  readonly held: readonly number[];
  /** How many it held in the end. */
  readonly size: number;
}

/** Lets another process put records, in pieces that grow from so many, until one is refused because no file may have more bytes than that; and then, with room, up to `size` records. */
export async function writeWhileFull(kind: 'folder' | 'duckdb', place: string, { piece, bytes, size }: { piece: number; bytes: number; size: number }): Promise<Saw> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'full-writer.ts')], { env: { ...NODE_ENVIRONMENT, KIND: kind, PLACE: place, PIECE: String(piece), BYTES: String(bytes), SIZE: String(size) }, stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return JSON.parse(said) as Saw;
}
