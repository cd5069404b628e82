import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Db } from 'mongodb';
import type { Redis } from 'ioredis';

/** Bytes that are kept somewhere, under a name that says where. */
export type Kept = readonly (readonly [where: string, bytes: Buffer])[];

/** Every file below a folder, logs and what is half written included. */
export function filesOf(folder: string): Kept {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).flatMap((entry) => {
    const path = join(entry.parentPath, entry.name);
    return existsSync(path) ? [[relative(folder, path), readFileSync(path)] as const] : []; // what was half written has its own name by now
  });
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
