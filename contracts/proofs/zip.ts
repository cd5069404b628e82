// Source: PKWARE APPNOTE.TXT 6.3.10, sections 4.3.7 to 4.3.16.

/** Files under names with slashes, packed or not. */
export interface Folder {
  /** As often as they are there. */
  readonly names: readonly string[];
  /** Throws when it cannot be unpacked. */
  read(name: string): AsyncIterable<Uint8Array>;
}

/** Where a zip is read from, and with what; never all of it at once. */
export interface ZipSource {
  readonly size: number;
  /** Exactly these bytes; they are there. */
  read(at: number, length: number): Promise<Uint8Array>;
  /** The same, piece by piece. */
  stream(at: number, length: number): AsyncIterable<Uint8Array>;
  /** Unpacks raw DEFLATE. Throws for what is none. */
  inflate(packed: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
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
const LARGE_END_BYTES = 56;
const MOST_COMMENT = 65_535;
const NOT_HERE = 0xffffffff;
/** Of the list of files: some million of them. */
const MOST_DIRECTORY_BYTES = 512 * 1024 * 1024;

/** Whether a file begins as a zip does. */
export async function isZip(source: ZipSource): Promise<boolean> {
  return source.size >= 4 && [LOCAL, END].includes((await readAt(source, 0, 4)).getUint32(0, true));
}

/** The files of a zip, read where they are. Throws for what is none, or was cut off. */
export async function zipFolder(source: ZipSource): Promise<Folder> {
  const { count, size, at } = await endOf(source);
  if (size > MOST_DIRECTORY_BYTES) throw new Error('the list of files in the zip is too long');
  const directory = await readAt(source, at, size);
  const entries = new Map<string, Entry>();
  const names: string[] = [];
  for (let place = 0, number = 0; number < count; number += 1) {
    if (place + 46 > size || directory.getUint32(place, true) !== CENTRAL) throw new Error('the list of files in the zip cannot be read');
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((offset) => directory.getUint16(place + offset, true)) as [number, number, number];
    if (place + 46 + nameBytes + extraBytes > size) throw new Error('the list of files in the zip cannot be read');
    const name = new TextDecoder().decode(part(directory, place + 46, nameBytes).bytes);
    names.push(name);
    entries.set(name, entryOf(part(directory, place, 46).view, part(directory, place + 46 + nameBytes, extraBytes).view));
    place += 46 + nameBytes + extraBytes + commentBytes;
  }
  return { names, read: (name) => unpacked(source, entries.get(name)) };
}

function part({ buffer, byteOffset }: DataView<ArrayBufferLike>, at: number, length: number): { bytes: Uint8Array; view: DataView } {
  return { bytes: new Uint8Array(buffer, byteOffset + at, length), view: new DataView(buffer, byteOffset + at, length) };
}

function entryOf(fixed: DataView, extra: DataView): Entry {
  const given = { packed: fixed.getUint32(20, true), size: fixed.getUint32(24, true), at: fixed.getUint32(42, true) };
  const large = extra64(extra);
  let next = 0;
  const whole = (value: number): number => (value === NOT_HERE && large !== undefined ? numberAt(large, 8 * next++) : value);
  whole(given.size); // stands first where it is there
  return { method: fixed.getUint16(10, true), packed: whole(given.packed), at: whole(given.at) };
}

function extra64(extra: DataView): DataView | undefined {
  for (let place = 0; place + 4 <= extra.byteLength; place += 4 + extra.getUint16(place + 2, true)) {
    if (extra.getUint16(place, true) === 1) return part(extra, place + 4, Math.min(extra.getUint16(place + 2, true), extra.byteLength - place - 4)).view;
  }
  return undefined;
}

function numberAt(view: DataView, at: number): number {
  if (at + 8 > view.byteLength) throw new Error('the list of files in the zip cannot be read');
  return Number(view.getBigUint64(at, true));
}

async function endOf(source: ZipSource): Promise<{ count: number; size: number; at: number }> {
  const from = Math.max(0, source.size - END_BYTES - MOST_COMMENT);
  const tail = await readAt(source, from, source.size - from);
  let place = tail.byteLength - END_BYTES;
  while (place >= 0 && tail.getUint32(place, true) !== END) place -= 1;
  if (place < 0) throw new Error('the zip was cut off');
  const end = { count: tail.getUint16(place + 10, true), size: tail.getUint32(place + 12, true), at: tail.getUint32(place + 16, true) };
  if (place < 20 || tail.getUint32(place - 20, true) !== LOCATOR_64) return end;
  const large = await readAt(source, numberAt(tail, place - 12), LARGE_END_BYTES);
  if (large.getUint32(0, true) !== END_64) throw new Error('the end of the zip cannot be read');
  return { count: numberAt(large, 32), size: numberAt(large, 40), at: numberAt(large, 48) };
}

async function* unpacked(source: ZipSource, entry: Entry | undefined): AsyncGenerator<Uint8Array> {
  if (entry === undefined) throw new Error('it is not in the zip');
  const local = await readAt(source, entry.at, 30);
  if (local.getUint32(0, true) !== LOCAL) throw new Error('it cannot be found in the zip');
  const at = entry.at + 30 + local.getUint16(26, true) + local.getUint16(28, true);
  if (entry.packed === 0) return;
  if (at + entry.packed > source.size) throw new Error('the zip was cut off');
  if (entry.method !== 0 && entry.method !== 8) throw new Error('it is packed in a way that is not known here');
  const bytes = source.stream(at, entry.packed);
  try {
    yield* entry.method === 0 ? bytes : source.inflate(bytes);
  } catch (cause) {
    throw new Error('it cannot be unpacked', { cause });
  }
}

async function readAt(source: ZipSource, at: number, length: number): Promise<DataView> {
  if (at + length > source.size) throw new Error('the file was cut off');
  const { buffer, byteOffset } = await source.read(at, length);
  return new DataView(buffer, byteOffset, length);
}
