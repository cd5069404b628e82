import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expectSameLines, heldUpTo, linesOf } from './archive-lines.ts';
import { checkpointName, keyName, recordsName } from './archive-names.ts';
import { CopyDiffers, type Held, type Sink } from './sink.ts';
import { tileName } from '../tile-name.ts';

/** What is being written; nobody but the writer looks at it. */
export const KEPT_APART = 'half-written';
const ABANDONED_MS = 3_600_000;
const NOTHING: Held = { size: 0, last: undefined };

/**
 * A copy in a folder, of this machine or one that is mounted; it has to know hard links. A file appears under its name when it is whole and on the disk, or not at all. Several instances may
 * have the same folder. Nothing is done before the first call.
 */
export function folderSink(folder: string): Sink {
  const at = (name: string): string => join(folder, name);
  /** The first place in the last file, as this instance left it; another one may have gone on since. */
  let latest: string | undefined;
  let isSwept = false;
  const create = async (name: string, bytes: string | Uint8Array): Promise<boolean> => {
    await mkdir(at(KEPT_APART), { recursive: true, mode: 0o700 });
    if (!isSwept) await removeAbandoned(at(KEPT_APART));
    isSwept = true;
    return createOnce(at(name), at(join(KEPT_APART, randomUUID())), bytes);
  };
  return {
    kind: 'folder',
    place: folder,
    async held() {
      const known = latest === undefined || (await isMissing(at(latest))) ? NOTHING : await lastIn(at(latest));
      if (known.size > 0 && (await isMissing(at(recordsName(known.size))))) return known;
      latest = await latestIn(folder);
      return latest === undefined ? NOTHING : lastIn(at(latest));
    },
    async putRecords(records) {
      const [first] = records;
      if (first === undefined) return;
      const name = recordsName(first.place);
      const lines = linesOf(records);
      if (await create(name, lines.join(''))) latest = name;
      else expectSameLines(await readFile(at(name), 'utf8'), lines, at(name), first.place);
    },
    async putTile(level, index, hashes) {
      const name = tileName(level, index);
      if (!(await create(name, hashes)) && !(await readFile(at(name))).equals(hashes)) throw new CopyDiffers(`${at(name)} is not the tile that belongs there.`);
    },
    async putCheckpoint(size, note, keys) {
      for (const key of keys) await create(keyName(key), `${key}\n`);
      await create(checkpointName(size), note); // another one over the same records is as good
    },
  };
}

/** False when there is a file of this name. */
async function createOnce(path: string, draft: string, bytes: string | Uint8Array): Promise<boolean> {
  if (!(await isMissing(path))) return false;
  const made = await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  try {
    await using file = await open(draft, 'wx', 0o400);
    await file.writeFile(bytes);
    await file.sync();
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
  await makeDurable(dirname(path), made === undefined ? dirname(path) : dirname(made));
  return true;
}

/** What stands in these folders, from the inner one out. */
async function makeDurable(inner: string, outer: string): Promise<void> {
  for (let folder = inner; ; folder = dirname(folder)) {
    await using opened = await open(folder);
    await opened.sync().catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPERM') throw error; // Windows keeps folders by itself, and refuses to be asked
    });
    if (folder === outer) return;
  }
}

async function isMissing(path: string): Promise<boolean> {
  return stat(path).then(() => false, (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return true;
    throw error;
  });
}

/** The name of the file with the last records. */
async function latestIn(folder: string): Promise<string | undefined> {
  for (const shard of (await names(join(folder, 'records'))).toReversed()) {
    const file = (await names(join(folder, 'records', shard))).at(-1);
    if (file !== undefined) return join('records', shard, file);
  }
  return undefined;
}

async function lastIn(path: string): Promise<Held> {
  return heldUpTo(await readFile(path, 'utf8'), path);
}

async function names(folder: string): Promise<string[]> {
  return readdir(folder).then((found) => found.toSorted(), (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}

/** What a process that was killed left; others may be writing theirs. */
async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await names(folder)) {
    const { mtimeMs } = await stat(join(folder, name)).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > ABANDONED_MS) await rm(join(folder, name), { force: true });
  }
}
