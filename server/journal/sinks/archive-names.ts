// How an archive is laid out. Without any dependency, since the verifier uses it.
import { createHash } from 'node:crypto';

/** Places and sizes are written with so many digits, so that names are in the order of what they name. */
const DIGITS = 12;
const PER_FOLDER = 100_000;

/** Records from this place on, one a line. */
export function recordsName(place: number): string {
  return `records/${shard(place)}/${digits(place)}.ndjson`;
}

/** A signed note over so many records. */
export function checkpointName(size: number): string {
  return `checkpoints/${shard(size)}/${digits(size)}`;
}

/** A public key, named after itself. */
export function keyName(key: string): string {
  return `keys/${createHash('sha256').update(key).digest('hex').slice(0, 16)}.txt`;
}

/** The place or size that such a name stands for. */
export function numberIn(name: string): number {
  return Number(/(\d+)(?:\.ndjson)?$/u.exec(name)?.[1] ?? Number.NaN);
}

function shard(number: number): string {
  return digits(Math.floor(number / PER_FOLDER) * PER_FOLDER);
}

function digits(number: number): string {
  return String(number).padStart(DIGITS, '0');
}
