import { createHash, createHmac } from 'node:crypto';
import { Failure } from '../../../contracts/failures.ts';
import type { Kinds } from '../../store/kinds.ts';
import { UNFENCED, type Change, type Store, type Stored } from '../../store/store.ts';
import { walk } from '../../store/walk.ts';
import type { Keys } from '../keys.ts';
import { open, openBytes, seal, sealBytes, type Key } from '../seal.ts';

/** Bytes of one piece before it is encrypted: what is larger is nothing that a young heap takes, and stays as garbage for long. */
const PIECE_BYTES = 64 * 1024;
/** Bytes that wait for a commit, of small files. */
const COMMIT_BYTES = 512 * 1024;
/** Pieces that are read at once. */
const PAGE = 8;
/** For so long nobody else takes over what is being made; each commit begins it anew. */
export const LEASE_MS = 15_000;

/** A file of a package, as its last piece names it. */
export interface PackedFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What stands before the bytes of a piece. The last one of a file says what all of them come to. */
type Label = { readonly path: string } & Partial<PackedFile>;

/** Text or bytes as they are made. */
export type Source = AsyncIterable<string | Uint8Array> | Iterable<Uint8Array>;

/** Under which key pieces are. Those that tell of a conversation are under its key as well, so that none can be read once it is erased. */
export interface Under {
  readonly conversation: string;
  readonly key: Key;
}

/** A stretch of a file that tells of one conversation, or of none. */
export interface Part {
  readonly under: Under;
  readonly source: Source;
}

export function exportKey(id: string): string {
  return `export:${id}`;
}

/** For pieces that tell of this conversation; `undefined` when it can be read no more. */
export async function underConversation(keys: Keys, exportsKey: Key, conversation: string): Promise<Under | undefined> {
  const key = await keys.of(conversation);
  return key && { conversation, key: createHmac('sha256', exportsKey).update(key).digest() };
}

/**
 * Writes the files of a package, one after another, in pieces. Every commit names the work with its version, so that of two who make the same package only one goes on: the other is
 * refused as `conflict`. Holds half a megabyte, and what a source gives at once. What a step has written counts once `endStep` has resolved; else the step is done again.
 */
export class PackageWriter {
  readonly #store: Store;
  readonly #id: string;
  readonly #key: Key;
  readonly #now: () => number;
  readonly #signal: AbortSignal;
  #work: Stored<'export-work'>;
  #place: number;
  #pending: Change[] = [];
  #waiting = 0;

  constructor(store: Store, work: Stored<'export-work'>, key: Key, now: () => number, signal: AbortSignal) {
    this.#store = store;
    this.#key = key;
    this.#id = work.id;
    this.#now = now;
    this.#signal = signal;
    this.#work = work;
    this.#place = work.body.from;
  }

  get work(): Stored<'export-work'> {
    return this.#work;
  }

  /** Where the next file begins. */
  get place(): number {
    return this.#place;
  }

  /** Removes what an earlier attempt at the step that is next has left. */
  async beginAgain(): Promise<void> {
    for (;;) {
      const { items } = await this.#store.find({ kind: 'export-chunk', index: 'byExport', where: [this.#id], from: this.#place, limit: PAGE });
      if (items.length === 0) return;
      this.#pending = items.map(({ id }) => ({ do: 'remove', kind: 'export-chunk', id }));
      await this.#commit({});
    }
  }

  /** One file of parts that may tell of different conversations, one after the other; its hash is over all of them. */
  async file(path: string, parts: Iterable<Part> | AsyncIterable<Part>): Promise<PackedFile> {
    const hash = createHash('sha256');
    let [size, waiting] = [0, 0];
    let held: Uint8Array[] = [];
    let last: Under = { conversation: '', key: this.#key };
    const add = async (label: Label): Promise<void> => {
      await this.#add(label, held, last);
      [held, waiting] = [[], 0];
    };
    for await (const { under, source } of parts) {
      if (waiting > 0 && under.conversation !== last.conversation) await add({ path });
      last = under;
      for await (const bytes of slicesOf(source)) {
        if (waiting >= PIECE_BYTES) await add({ path });
        hash.update(bytes);
        held.push(bytes);
        size += bytes.length;
        waiting += bytes.length;
      }
    }
    const file: PackedFile = { path, bytes: size, sha256: hash.digest('hex') };
    await add(file);
    return file;
  }

  /** All that was written is kept, though the step is not at its end: whoever ends it does that with something else. */
  async flush(): Promise<void> {
    await this.#commit({});
  }

  /** What was written so far stays, and the next step goes on from here. */
  async endStep(more: Partial<Pick<Kinds['export-work'], 'of'>> = {}): Promise<void> {
    await this.#commit({ ...more, step: this.#work.body.step + 1, from: this.#place, attempts: 0 });
  }

  async #add(label: Label, parts: readonly Uint8Array[], { conversation, key }: Under): Promise<void> {
    this.#signal.throwIfAborted();
    const place = this.#place;
    const id = pieceId(this.#id, place);
    const sealed = sealBytes(Buffer.concat(parts), key, id);
    this.#pending.push({ do: 'put', kind: 'export-chunk', id, body: { export: this.#id, place, conversation, label: seal(label, this.#key, `label:${id}`), sealed } });
    this.#place += 1;
    this.#waiting += sealed.length;
    if (this.#waiting >= COMMIT_BYTES || this.#pending.length >= 500) await this.#commit({});
  }

  async #commit(change: Partial<Kinds['export-work']>): Promise<void> {
    const { id, version, body } = this.#work;
    const after = { ...body, ...change, due: this.#now() + LEASE_MS };
    await this.#store.commit([...this.#pending, { do: 'put', kind: 'export-work', id, version, body: after }], UNFENCED);
    this.#work = { id, version: version + 1, body: after };
    [this.#pending, this.#waiting] = [[], 0];
  }
}

/** However much a source gives at once. */
async function* slicesOf(source: Source): AsyncGenerator<Uint8Array> {
  for await (const given of source) {
    const bytes = typeof given === 'string' ? Buffer.from(given) : given;
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
  }
}

function pieceId(id: string, place: number): string {
  return `${id}:${place}`;
}

/** A piece of a file; `file` is there at its end. `open` throws `erased` for what tells of a conversation that can be read no more. */
export interface Piece {
  readonly path: string;
  readonly file?: PackedFile;
  open(): Promise<Uint8Array>;
}

/** The pieces of a package from a place on, in their order. Throws `not-found` when one is gone. */
export async function* piecesOf({ store, keys }: { store: Store; keys: Keys }, id: string, key: Key, from = 0): AsyncGenerator<Piece> {
  let next = from;
  for await (const { body } of walk(store, { kind: 'export-chunk', index: 'byExport', where: [id], from, limit: PAGE })) {
    if (body.place !== next) throw new Failure('not-found');
    next += 1;
    const place = pieceId(id, body.place);
    const label = open<Label>(body.label, key, `label:${place}`);
    const read = async (): Promise<Uint8Array> => {
      const under = body.conversation === '' ? { key } : await underConversation(keys, key, body.conversation);
      if (under === undefined) throw new Failure('erased');
      return openBytes(body.sealed, under.key, place);
    };
    yield { path: label.path, open: read, ...(label.sha256 !== undefined && { file: label as PackedFile }) };
  }
}

/** The lines of the text file that begins at a place. */
export async function* linesOf(pieces: AsyncIterable<Piece>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const { open: read, file } of pieces) {
    const lines = (rest + decoder.decode(await read(), { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
    if (file !== undefined) return;
  }
}
