import { createHash } from 'node:crypto';
import { imageSize } from 'image-size';
import { FILE_BYTES, type FilePart } from '../../contracts/conversation.ts';
import { Failure } from '../../contracts/failures.ts';
import { isImageType } from '../../contracts/images.ts';
import { siteOf } from '../../contracts/site-model.ts';
import type { FileId, ModelId } from '../../contracts/ids.ts';
import type { Actor } from '../../contracts/records.ts';
import { open, openBytes, seal, sealBytes, type Key } from '../journal/seal.ts';
import type { Keys } from '../journal/keys.ts';
import type { Store, Stored } from '../store/store.ts';
import { all } from '../store/walk.ts';
import type { LiveConversation } from './live.ts';
import { isGone } from './retention.ts';

const TYPES: Readonly<Record<string, string>> = { png: 'image/png', jpg: 'image/jpeg', gif: 'image/gif', webp: 'image/webp' };
/** A picture of more pixels than this takes gigabytes to unpack, whatever its file weighs. */
const MOST_PIXELS = 50_000_000;

/** Bytes of one person's images that are in no message yet, in all conversations. */
export const UNSENT_BYTES = 100_000_000;
/** A conversation that begins with an upload has this model until its first message names one. */
export const NO_MODEL_YET = 'demo/demo' as ModelId;

/** Images of conversations. What it is, is read from the bytes; what the sender calls it is only a name. */
export interface Files {
  /** Adds an image to a conversation, on record. `too-large` above 5 MB or 50 megapixels, `unreadable-file` for what is no PNG, JPEG, GIF or WebP. Adding the same id again is no second file. `uploads-full` while too much of this person waits to be sent. */
  add(live: LiveConversation, file: { id: FileId; name: string; bytes: Uint8Array }, actor: Actor, at: number): Promise<FilePart>;
  partOf(conversation: string, owner: string, id: string): Promise<FilePart>;
  bytesOf(conversation: string, key: Key, id: string): Promise<Uint8Array | undefined>;
  /** A file for its owner; `not-found` for everybody else, and for one that does not belong to this `conversation`. */
  read(id: string, owner: string, conversation?: string): Promise<{ mediaType: string; name: string; bytes: Uint8Array }>;
}

/** Files that are kept in this store, each under its conversation’s key. */
export function openFiles(store: Store, keys: Keys, time: { now(): number; readonly restoreMs: number }): Files {
  /** Whose the conversation is by now, nobody's when it was deleted for good; of one that has not begun, whoever added the file. */
  const ownerOf = async ({ body }: Stored<'file'>): Promise<string | undefined> => {
    const conversation = (await store.get('conversation', body.conversation))?.body;
    if (conversation === undefined) return body.owner;
    return isGone(conversation, time.now(), time.restoreMs) ? undefined : conversation.owner;
  };
  const kept = async (id: string, owner: string) => {
    const stored = await store.get('file', id);
    const key = stored !== undefined && (await ownerOf(stored)) === owner ? await keys.of(stored.body.conversation) : undefined;
    if (stored === undefined || key === undefined) throw new Failure('not-found');
    return { stored, key, part: open<FilePart>(stored.body.sealed, key, `file:${id}`) };
  };
  return {
    async add(live, file, actor, at) {
      const there = await store.get('file', file.id);
      if (there !== undefined) return (await kept(file.id, live.owner)).part;
      const part = describe(file);
      await checkRoom(store, live.owner, part.size);
      const sealed = { sealed: seal(part, live.key, `file:${file.id}`), bytes: sealBytes(file.bytes, live.key, `bytes:${file.id}`) };
      const body = { conversation: live.id, owner: live.owner, at, mediaType: part.mediaType, size: part.size, ...sealed };
      const site = siteOf(live.view.conversation.model);
      const unsent = { owner: live.owner, conversation: live.id, at, size: part.size, ...(site !== undefined && { site }) };
      const sha256 = createHash('sha256').update(file.bytes).digest('hex');
      await live.happen(() => ({ actor, records: [{ type: 'file-added', v: 1, file: part, sha256 }], events: [], changes: [{ do: 'add', kind: 'file', id: file.id, body }, { do: 'add', kind: 'unsent', id: file.id, body: unsent }] }));
      return part;
    },
    async partOf(conversation, owner, id) {
      const { stored, part } = await kept(id, owner);
      if (stored.body.conversation !== conversation) throw new Failure('not-found', { detail: 'The file belongs to another conversation.' });
      return part;
    },
    async bytesOf(conversation, key, id) {
      const stored = await store.get('file', id);
      if (stored === undefined || stored.body.conversation !== conversation) return undefined;
      return openBytes(stored.body.bytes, key, `bytes:${id}`);
    },
    async read(id, owner, conversation) {
      const { part, stored, key } = await kept(id, owner);
      if (conversation !== undefined && stored.body.conversation !== conversation) throw new Failure('not-found');
      return { mediaType: part.mediaType, name: part.name, bytes: openBytes(stored.body.bytes, key, `bytes:${id}`) };
    },
  };
}

/** Images that arrive at the same moment may go a little beyond it. */
async function checkRoom(store: Store, owner: string, size: number): Promise<void> {
  const waiting = await all(store, { kind: 'unsent', index: 'byOwner', where: [owner], limit: 1_000 });
  if (waiting.reduce((sum, one) => sum + one.body.size, size) > UNSENT_BYTES) throw new Failure('uploads-full');
}

function describe(file: { id: FileId; name: string; bytes: Uint8Array }): FilePart {
  if (file.bytes.length > FILE_BYTES) throw new Failure('too-large', { detail: `Larger than ${FILE_BYTES / 1_000_000} MB` });
  const { mediaType, width, height } = sizeOf(file.bytes);
  if (width * height > MOST_PIXELS) throw new Failure('too-large', { detail: `More than ${MOST_PIXELS / 1_000_000} megapixels` });
  return { type: 'file', fileId: file.id, name: file.name, mediaType, size: file.bytes.length, width, height };
}

function sizeOf(bytes: Uint8Array): { mediaType: string; width: number; height: number } {
  try {
    // A copy: the reader looks at the memory behind the bytes, and beyond a short file that is somebody else's.
    const { type, width, height } = imageSize(Uint8Array.from(bytes));
    const mediaType = TYPES[type ?? ''];
    if (mediaType !== undefined && isImageType(mediaType) && width > 0 && height > 0) return { mediaType, width, height };
  } catch (error) {
    throw new Failure('unreadable-file', { cause: error });
  }
  throw new Failure('unreadable-file');
}
