import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { constants, inflateRawSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import type { Db } from 'mongodb';
import type { Redis } from 'ioredis';
import type { Deployment, Place } from './deployment.ts';

/** Bytes that are kept somewhere, under a name that says where. */
export type Kept = readonly (readonly [where: string, bytes: Buffer])[];

/** All that a deployment keeps anywhere by itself: its folder, its database and its Redis, and what it has said. */
export async function keptBy(deployment: Deployment, place: Place): Promise<Kept> {
  return [...filesOf(place.folder), ...(place.database === undefined ? [] : await documentsOf(place.database.db)), ...(deployment.redis === undefined ? [] : await keysOf(deployment.redis.look)), ['output', Buffer.from(deployment.output)]];
}

/** Every file below a folder, logs and what is half written included. */
export function filesOf(folder: string): Kept {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).flatMap((entry) => {
    const path = join(entry.parentPath, entry.name);
    const bytes = bytesOf(path);
    return bytes === undefined ? [] : [[relative(folder, path), bytes] as const];
  });
}

/** `undefined` of what is gone since it was listed: what was half written has its own name by now. */
function bytesOf(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Every document of every collection, as it is stored. */
export async function documentsOf(db: Db): Promise<Kept> {
  const collections = await db.listCollections({}, { nameOnly: true }).toArray();
  return Promise.all(collections.map(async ({ name }) => [`collection ${name}`, Buffer.concat(await db.collection(name).find({}, { raw: true }).toArray() as unknown as Buffer[])] as const));
}

const READ: Readonly<Record<string, (key: string) => readonly [string, ...string[]]>> = {
  string: (key) => ['GET', key], hash: (key) => ['HGETALL', key], set: (key) => ['SMEMBERS', key], list: (key) => ['LRANGE', key, '0', '-1'],
  zset: (key) => ['ZRANGE', key, '0', '-1'], stream: (key) => ['XRANGE', key, '-', '+'],
};

/** Every key of a Redis with all that stands under it. */
export async function keysOf(redis: Redis): Promise<Kept> {
  const keys = await redis.keys('*');
  const all = await Promise.all(keys.map(async (key) => {
    const type = await redis.type(key);
    if (type === 'none') return []; // it has run out since it was listed
    const read = READ[type];
    if (read === undefined) throw new Error(`nobody here reads a ${type}`);
    const [command, ...args] = read(key);
    return [[`key ${key}`, Buffer.from(`${key}\n${JSON.stringify(await redis.call(command, ...args))}`)] as const];
  }));
  return all.flat();
}

/** How a packed stream begins, and what unpacks it from there. */
const PACKED: readonly (readonly [begins: Buffer, unpack: (from: Buffer) => Buffer])[] = [
  [Buffer.from([0x1f, 0x8b, 0x08]), (from) => inflateRawSync(from.subarray(headOfGzip(from)), AS_FAR_AS_IT_GOES)],
  ...[0x01, 0x5e, 0x9c, 0xda].map((level) => [Buffer.from([0x78, level]), (from: Buffer) => inflateSync(from, AS_FAR_AS_IT_GOES)] as const),
  [Buffer.from('PK\x03\x04'), (from) => inflateRawSync(from.subarray(30 + from.readUInt16LE(26) + from.readUInt16LE(28)), AS_FAR_AS_IT_GOES)],
  [Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), (from) => zstdDecompressSync(from, { finishFlush: constants.ZSTD_e_flush })],
];
const AS_FAR_AS_IT_GOES = { finishFlush: constants.Z_SYNC_FLUSH };

/** Bytes before what is packed (RFC 1952). What comes after it may be anything, which whoever unpacks the whole does not bear. */
function headOfGzip(from: Buffer): number {
  const [flags, hasCheck, hasMore, names] = [from[3] ?? 0, 2, 4, [8, 16]];
  const fixed = 10 + ((flags & hasMore) > 0 ? 2 + from.readUInt16LE(10) : 0);
  return names.reduce((at, name) => ((flags & name) > 0 ? from.indexOf(0, at) + 1 : at), fixed) + ((flags & hasCheck) > 0 ? 2 : 0);
}

/** The same, and beside it what can be unpacked of it: gzip, zlib, zstd, and the entries of a zip, wherever they begin. */
export function withUnpacked(kept: Kept): Kept {
  return kept.flatMap(([where, bytes]) => [[where, bytes] as const, ...PACKED.flatMap(([begins, unpack]) => placesOf(begins, bytes).flatMap((at) => {
    const unpacked = unpackedFrom(bytes.subarray(at), unpack);
    return unpacked === undefined ? [] : [[`${where}, unpacked`, unpacked] as const];
  }))]);
}

function placesOf(sign: Buffer, bytes: Buffer): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(sign); at >= 0; at = bytes.indexOf(sign, at + 1)) places.push(at);
  return places;
}

/** `undefined` where it only looks like it. */
function unpackedFrom(from: Buffer, unpack: (from: Buffer) => Buffer): Buffer | undefined {
  try {
    return unpack(from);
  } catch {
    return undefined;
  }
}

/** Where any of these words stands, in whatever form a program may have kept it: as text, as UTF-16, in hex digits, or in base64 wherever it begins. */
export function whereStands(words: readonly string[], kept: Kept): string[] {
  const forms = words.map((word) => [word, formsOf(word)] as const);
  return kept.flatMap(([where, bytes]) => forms.filter(([, ways]) => ways.some((way) => bytes.includes(way))).map(([word]) => `${word} in ${where}`)).toSorted();
}

function formsOf(word: string): Buffer[] {
  const bytes = Buffer.from(word);
  // Of the three ways to stand in base64 what is decided by the word alone.
  const base64 = [0, 1, 2].map((before) => Buffer.concat([Buffer.alloc(before), bytes]).toString('base64').replaceAll('=', '').slice(before === 0 ? 0 : before + 1, -2));
  return [bytes, Buffer.from(word, 'utf16le'), ...[bytes.toString('hex'), bytes.toString('hex').toUpperCase(), ...base64].map((text) => Buffer.from(text))];
}
