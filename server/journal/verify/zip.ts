// Runs without any dependency, as everything of `gorunchat verify` does.
import { createReadStream, existsSync, readdirSync, statSync, type Dirent } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { createInflateRaw } from 'node:zlib';
import { isZip, zipFolder, type Folder, type ZipSource } from '../../../contracts/proofs/zip.ts';

/** Whether a file begins as a zip does. */
export async function isZipFile(file: string): Promise<boolean> {
  return existsSync(file) && !statSync(file).isDirectory() && isZip(sourceIn(file));
}

/** The files of a folder, however deep, and nothing else: a name may lead out of it, and a link to what never ends. */
export function plainFolder(folder: string): Folder {
  const there = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => !one.isDirectory());
  const nameOf = ({ parentPath, name }: Dirent): string => join(parentPath, name).slice(join(folder, '/').length).replaceAll('\\', '/');
  const files = new Set(there.filter((one) => one.isFile()).map(nameOf));
  const read = (name: string): AsyncIterable<Uint8Array> => {
    if (!files.has(name)) throw new Error('it is no file of this folder');
    return createReadStream(join(folder, name));
  };
  return { names: there.map(nameOf), read };
}

/** The files of a zip, read where they are. Throws for what is none, or was cut off. */
export async function zipFile(file: string): Promise<Folder> {
  return zipFolder(sourceIn(file));
}

function sourceIn(file: string): ZipSource {
  return {
    size: statSync(file).size,
    read: async (at, length) => {
      await using handle = await open(file);
      const { bytesRead, buffer } = await handle.read(new Uint8Array(length), 0, length, at);
      if (bytesRead < length) throw new Error('the file was cut off');
      return buffer;
    },
    stream: (at, length) => createReadStream(file, { start: at, end: at + length - 1 }),
    inflate: (packed) => pipeline(packed, createInflateRaw({ rejectGarbageAfterEnd: true }), () => undefined), // what fails ends the one that is read
  };
}
