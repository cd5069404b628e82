// Runs without any dependency, as verify.ts does. Source: PKWARE APPNOTE.TXT 6.3.10, sections 4.3.7 to 4.3.16.
import { closeSync, createReadStream, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { createInflateRaw } from 'node:zlib';

/** Files under names with slashes, packed or not. */
export interface Folder {
  /** As often as they are there. */
  readonly names: readonly string[];
  /** Throws when it cannot be unpacked. */
  read(name: string): AsyncIterable<Uint8Array>;
}

interface Entry {
  readonly method: number;
  readonly packed: number;
  readonly at: number;
}

const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const END_BYTES = 22;
const MOST_COMMENT = 65_535;
const NOT_HERE = 0xffffffff;

/** Whether a file begins as a zip does. */
export function isZip(file: string): boolean {
  return existsSync(file) && !statSync(file).isDirectory() && [LOCAL, END].includes(readAt(file, 0, 4).readUInt32LE());
}

/** The files of a folder, however deep. */
export function plainFolder(folder: string): Folder {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => !one.isDirectory()).map((one) => join(one.parentPath, one.name).slice(join(folder, '/').length).replaceAll('\\', '/'));
  return { names, read: (name) => createReadStream(join(folder, name)) };
}

/** The files of a zip, read where they are. Throws for what is none, or was cut off. */
export function zipFolder(file: string): Folder {
  const { count, size, at } = endOf(file);
  const directory = readAt(file, at, size);
  const entries = new Map<string, Entry>();
  const names: string[] = [];
  for (let place = 0, number = 0; number < count; number += 1) {
    if (place + 46 > directory.length || directory.readUInt32LE(place) !== CENTRAL) throw new Error('the list of files in the zip cannot be read');
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((offset) => directory.readUInt16LE(place + offset)) as [number, number, number];
    const name = directory.toString('utf8', place + 46, place + 46 + nameBytes);
    names.push(name);
    entries.set(name, entryOf(directory.subarray(place, place + 46), directory.subarray(place + 46 + nameBytes, place + 46 + nameBytes + extraBytes)));
    place += 46 + nameBytes + extraBytes + commentBytes;
  }
  return { names, read: (name) => unpacked(file, entries.get(name)) };
}

function entryOf(fixed: Buffer, extra: Buffer): Entry {
  const given = { packed: fixed.readUInt32LE(20), size: fixed.readUInt32LE(24), at: fixed.readUInt32LE(42) };
  const large = extra64(extra);
  let next = 0;
  const whole = (value: number): number => (value === NOT_HERE && large !== undefined ? Number(large.readBigUInt64LE(8 * next++)) : value);
  whole(given.size); // stands first where it is there
  return { method: fixed.readUInt16LE(10), packed: whole(given.packed), at: whole(given.at) };
}

function extra64(extra: Buffer): Buffer | undefined {
  for (let place = 0; place + 4 <= extra.length; place += 4 + extra.readUInt16LE(place + 2)) {
    if (extra.readUInt16LE(place) === 1) return extra.subarray(place + 4, place + 4 + extra.readUInt16LE(place + 2));
  }
  return undefined;
}

function endOf(file: string): { count: number; size: number; at: number } {
  const { size: length } = statSync(file);
  const from = Math.max(0, length - END_BYTES - MOST_COMMENT);
  const tail = readAt(file, from, length - from);
  const place = tail.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  if (place < 0 || place + END_BYTES > tail.length) throw new Error('the zip was cut off');
  const end = { count: tail.readUInt16LE(place + 10), size: tail.readUInt32LE(place + 12), at: tail.readUInt32LE(place + 16) };
  if (place < 20 || tail.readUInt32LE(place - 20) !== LOCATOR_64) return end;
  const large = readAt(file, Number(tail.readBigUInt64LE(place - 12)), 56);
  if (large.readUInt32LE() !== END_64) throw new Error('the end of the zip cannot be read');
  return { count: Number(large.readBigUInt64LE(32)), size: Number(large.readBigUInt64LE(40)), at: Number(large.readBigUInt64LE(48)) };
}

async function* unpacked(file: string, entry: Entry | undefined): AsyncGenerator<Uint8Array> {
  if (entry === undefined) throw new Error('it is not in the zip');
  const local = readAt(file, entry.at, 30);
  if (local.readUInt32LE() !== LOCAL) throw new Error('it cannot be found in the zip');
  const at = entry.at + 30 + local.readUInt16LE(26) + local.readUInt16LE(28);
  if (entry.packed === 0) return;
  const bytes = createReadStream(file, { start: at, end: at + entry.packed - 1 });
  if (entry.method !== 0 && entry.method !== 8) throw new Error('it is packed in a way that is not known here');
  yield* entry.method === 0 ? bytes : pipeline(bytes, createInflateRaw(), () => undefined); // what fails ends the one that is read
}

function readAt(file: string, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  const handle = openSync(file, 'r');
  try {
    if (readSync(handle, bytes, 0, length, at) < length) throw new Error('the file was cut off');
    return bytes;
  } finally {
    closeSync(handle);
  }
}
