import type { Encrypter } from 'age-encryption';
import { Readable } from 'node:stream';
import type { ReadableStream as WebStream } from 'node:stream/web';
import { Failure } from '../../../contracts/failures.ts';
import { MANIFEST, MANIFEST_NOTE } from '../../../contracts/proofs/package-paths.ts';
import type { Planned } from '../../../contracts/proofs/statement.ts';
import type { Store } from '../../store/store.ts';
import type { Keys } from '../keys.ts';
import type { Key } from '../seal.ts';
import { linesOf, piecesOf, type PackedFile, type Piece } from './pieces.ts';
import { zipOf } from './zip.ts';

/** A package that was made. */
export interface Packed {
  readonly id: string;
  readonly key: Key;
  readonly at: number;
  readonly manifestFrom: number;
}

interface PackingWorld {
  readonly store: Store;
  readonly keys: Keys;
}

const ALREADY_SMALL = /\.(?:png|jpg|gif|webp)$/u;

/** Throws `erased` when something in the package can be read no more, before any of it is given away. */
export async function checkReadable(world: PackingWorld, { id, key }: Packed): Promise<void> {
  for await (const line of linesOf(piecesOf(world, id, key))) {
    const planned = JSON.parse(line) as Partial<Planned>;
    if (planned.conversation === undefined || planned.isIncluded !== true) continue;
    const isErased = (await world.store.get('conversation', planned.conversation))?.body.isErased !== false;
    if (!isErased) continue;
    const { items } = await world.store.find({ kind: 'export-chunk', index: 'byConversation', where: [id, planned.conversation], limit: 1 });
    if (items.length > 0) throw new Failure('erased', { detail: 'A conversation in this package was erased since it was made. Cancel the package and order it again: it then comes with the records of that conversation, and without what they said.' });
  }
}

/** The package as a zip, made as it is read: no more than a few pieces of it are held. The same each time. */
export async function packageZip(world: PackingWorld, packed: Packed): Promise<Readable> {
  const files = await filesIn(world, packed);
  const pieces = piecesOf(world, packed.id, packed.key);
  const zip = zipOf(files.map(({ path }) => ({ path, compress: !ALREADY_SMALL.test(path), source: () => nextFile(pieces, path) })), packed.at);
  return zip.once('close', () => void pieces.return(undefined));
}

/** The bytes of the file that is next, which is this one: they are packed in the order in which they were made. */
async function* nextFile(pieces: AsyncGenerator<Piece>, path: string): AsyncGenerator<Uint8Array> {
  for (;;) {
    const { value: piece, done } = await pieces.next();
    if (done === true || piece.path !== path) throw new Failure('not-found', { detail: 'A part of the package is missing.' });
    yield await piece.open();
    if (piece.file !== undefined) return;
  }
}

async function filesIn(world: PackingWorld, { id, key, manifestFrom }: Packed): Promise<Pick<PackedFile, 'path'>[]> {
  const text: Uint8Array[] = [];
  for await (const piece of piecesOf(world, id, key, manifestFrom)) {
    text.push(await piece.open());
    if (piece.file !== undefined) break;
  }
  const { files } = JSON.parse(Buffer.concat(text).toString()) as { files: PackedFile[] };
  return [...files, { path: MANIFEST }, { path: MANIFEST_NOTE }];
}

/** Encrypts to an age recipient as it is read. */
export async function encryptedTo(recipient: string, plain: Readable): Promise<Readable> {
  const encrypter = await encrypterFor(recipient);
  const stream = await encrypter.encrypt(Readable.toWeb(plain) as unknown as ReadableStream<Uint8Array>);
  return Readable.fromWeb(stream as unknown as WebStream);
}

/** Throws `invalid-command` in words for what is no recipient of age. Its curves are a megabyte of source, which only who encrypts has loaded. */
export async function encrypterFor(recipient: string): Promise<Encrypter> {
  if (/^AGE-SECRET-KEY-/iu.test(recipient)) throw new Failure('invalid-command', { detail: 'This is the secret key of a recipient. Give the recipient, which begins with age1, and keep the key secret: it has been seen here now.' });
  const encrypter = new (await import('age-encryption')).Encrypter();
  try {
    encrypter.addRecipient(recipient);
    return encrypter;
  } catch (error) {
    throw new Failure('invalid-command', { cause: error, detail: 'This is no recipient of age. One begins with age1 and stands, as “public key”, in the file that age-keygen writes; a sign may be missing or wrong.' });
  }
}
