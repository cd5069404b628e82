import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { Storage, type File, type StorageOptions } from '@google-cloud/storage';
import { expectSameLines, heldUpTo, linesOf } from './archive-lines.ts';
import { checkpointName, keyName, numberIn, recordsName } from './archive-names.ts';
import { answerOf, googleOptions, GoogleRefused, type GoogleAccess } from './google.ts';
import { CopyDiffers, type Held, type Sink } from './sink.ts';
import { tileName } from '../tile-name.ts';

export interface CloudStorageOptions extends GoogleAccess {
  readonly bucket: string;
  /** Before all names: empty, or with a slash at its end. */
  readonly prefix: string;
}

const NOTHING: Held = { size: 0, last: undefined };
/** What Cloud Storage answers to a creation where there is something already; and what, perhaps, to whoever may not write over it anyway. */
const IS_THERE = 412;
const FORBIDDEN = 403;

/**
 * An archive in a bucket of Google Cloud Storage, laid out as in a folder. Objects are only ever created (`ifGenerationMatch: 0`), so it needs to be allowed to create, to list and to read and
 * nothing else. Several instances may have the same. Nothing is done before the first call. Which object is the last one is asked for at first in some forty questions for a million records, and then in two.
 */
export function cloudStorageSink(options: CloudStorageOptions): Sink {
  const bucket = new Storage(googleOptions(options) as StorageOptions).bucket(options.bucket);
  const place = `gs://${options.bucket}/${options.prefix}`;
  /** The records in the last object, as they were when it had this generation: the bytes of a generation never change. */
  let latest: { readonly name: string; readonly generation: string; readonly held: Held } | undefined;
  let lastCheckpoint = 0;
  const knownKeys = new Set<string>();

  const isThere = async (name: string): Promise<boolean> => (await answerOf(bucket.file(`${options.prefix}${name}`).exists(), options, `${place} could not be read`))[0];
  const create = async (name: string, bytes: string | Uint8Array): Promise<boolean> => {
    const how = { resumable: false, validation: 'crc32c', preconditionOpts: { ifGenerationMatch: 0 }, metadata: { contentType: name.endsWith('.ndjson') ? 'application/x-ndjson' : 'application/octet-stream' } } as const;
    try {
      await answerOf(bucket.file(`${options.prefix}${name}`).save(typeof bytes === 'string' ? bytes : Buffer.from(bytes), how), options, `${place} could not be written`);
      return true;
    } catch (error) {
      const code = error instanceof GoogleRefused ? error.code : undefined;
      if (code === IS_THERE || (code === FORBIDDEN && (await isThere(name)))) return false;
      throw error;
    }
  };
  const read = (file: File): Promise<Buffer> => answerOf(bytesOf(file), options, `${place} could not be read`);
  const readNamed = (name: string): Promise<Buffer> => read(bucket.file(`${options.prefix}${name}`));
  /** Objects with records from this place on, the first two. */
  const from = async (at: number): Promise<readonly File[]> => {
    const asked = { prefix: `${options.prefix}records/`, startOffset: `${options.prefix}${recordsName(at)}`, maxResults: 2, autoPaginate: false };
    return (await answerOf(bucket.getFiles(asked), options, `${place} could not be listed`))[0];
  };
  return {
    kind: 'cloud-storage',
    place,
    async held() {
      const [first, next] = latest === undefined ? [] : await from(numberIn(latest.name));
      if (latest !== undefined && next === undefined && first?.name === latest.name && String(first.metadata.generation) === latest.generation) return latest.held;
      const file = await lastFile(first?.name === latest?.name ? (next ?? first) : undefined, from);
      if (file === undefined) return NOTHING;
      // Read before it is remembered, and of the generation that was listed.
      const held = heldUpTo((await read(file)).toString(), `${place}${file.name.slice(options.prefix.length)}`);
      latest = { name: file.name, generation: String(file.metadata.generation), held };
      return held;
    },
    async putRecords(records) {
      const [first] = records;
      if (first === undefined) return;
      const name = recordsName(first.place);
      const lines = linesOf(records);
      if (!(await create(name, lines.join('')))) expectSameLines((await readNamed(name)).toString(), lines, `${place}${name}`, first.place);
    },
    async putTile(level, index, hashes) {
      const name = tileName(level, index);
      if (!(await create(name, hashes)) && !(await readNamed(name)).equals(hashes)) throw new CopyDiffers(`${place}${name} is not the tile that belongs there.`);
    },
    async putCheckpoint(size, note, keys) {
      for (const key of keys) {
        if (!knownKeys.has(key)) await create(keyName(key), `${key}\n`);
        knownKeys.add(key);
      }
      if (size !== lastCheckpoint) await create(checkpointName(size), note); // another one over the same records is as good
      lastCheckpoint = size;
    },
  };
}

/** To an answer that comes in several chunks this client listens eleven times at once, and Node warns of a leak beyond ten. They end with the answer. */
const LISTENERS_OF_AN_ANSWER = 20;

/** What an object holds. Rejects when it does not come whole, or is not what its checksum says. */
function bytesOf(file: File): Promise<Buffer> {
  const stream = file.createReadStream({ validation: 'crc32c', decompress: false });
  stream.once('response', (answer: Readable) => answer.setMaxListeners(LISTENERS_OF_AN_ANSWER));
  return buffer(stream);
}

/** The object with the last records, of `known` and all after it. `from` lists what begins at a place or after it: steps that grow for as long as something is found, then steps that shrink. */
async function lastFile(known: File | undefined, from: (place: number) => Promise<readonly File[]>): Promise<File | undefined> {
  let last = known ?? (await from(0))[0];
  let isGrowing = true;
  for (let step = 1; last !== undefined && step >= 1; step = isGrowing ? step * 2 : step / 2) {
    const [further]: readonly File[] = await from(numberIn(last.name) + step);
    if (further === undefined) isGrowing = false;
    else last = further;
  }
  return last;
}
