import type { FilePart, Message } from '../../../contracts/conversation.ts';
import { textOf } from '../../../contracts/view.ts';
import type { Actor } from '../../../contracts/records.ts';
import type { Planned } from '../../../contracts/proofs/statement.ts';
import type { Store } from '../../store/store.ts';
import { contentOf } from '../journal.ts';
import { open, openBytes, type Key } from '../seal.ts';

const PAGE = 25;
const EXTENSIONS: Readonly<Record<string, string>> = { 'image/png': 'png', 'image/jpeg': 'jpg', 'image/gif': 'gif', 'image/webp': 'webp' };
/** What a form takes of a file at once. A multiple of three, so that the base64 of slices is that of the whole. */
const SLICE_BYTES = 192 * 1024;

/** Somebody who says something: a person, a visitor, or a model. */
export interface Speaker {
  readonly id: string;
  readonly name: string;
  /** An e-mail address; of whoever has none, one that leads nowhere (RFC 2606). */
  readonly address: string;
}

/** What people know of somebody who has an account; `undefined` for a visitor. */
export type NameOf = (user: string) => Promise<{ readonly name: string; readonly email: string } | undefined>;

/** Something that was said, with the number of its record. */
export interface Said {
  readonly number: number;
  readonly id: string;
  readonly kind: 'message' | 'note';
  readonly at: number;
  readonly by: Speaker;
  readonly isModel: boolean;
  readonly text: string;
  readonly reasoning: string;
  readonly files: readonly FilePart[];
  readonly parent: string | null;
  readonly model: string;
  readonly outcome: string;
}

/** A conversation as every form tells it, out of its records: what is proved and what is shown are the same. */
export interface Told {
  readonly id: string;
  readonly title: string;
  readonly owner: Speaker;
  readonly site: string | null;
  readonly case: string;
  /** What was said, in the order of the records, with every branch; between two numbers of records where they are given. */
  said(from?: number, to?: number): AsyncIterable<Said>;
  /** Files that records name, with where they are in the package. */
  files(): AsyncIterable<{ readonly part: FilePart; readonly sha256: string; readonly name: string }>;
  /** The bytes of a file in slices; `undefined` when it was removed since. */
  bytesOf(file: string): Promise<readonly Uint8Array[] | undefined>;
}

/** A conversation that can be read. */
export async function toldOf({ store, nameOf }: { store: Store; nameOf: NameOf }, planned: Planned, key: Key, of: string): Promise<Told> {
  const id = planned.conversation;
  const known = new Map<string, Speaker>();
  const speaker = async (user: string, name?: string): Promise<Speaker> => {
    const there = known.get(user);
    if (there !== undefined) return there;
    const account = await nameOf(user);
    const one = { id: user, name: account?.name ?? name ?? `Visitor ${user}`, address: account?.email ?? `${user}@visitor.invalid` };
    known.set(user, one);
    return one;
  };
  const stored = await store.get('conversation', id);
  const { title } = stored === undefined ? { title: '' } : open<{ title: string }>(stored.body.sealed, key, `conversation:${id}`);
  const records = async function* (from: number, to: number) {
    for (let next = from; next <= to; next += PAGE) {
      const { items } = await store.find({ kind: 'record', index: 'byChain', where: [id], from: next, to: Math.min(next + PAGE - 1, to), order: 'up', limit: PAGE });
      for (const { body } of items) if (SAYING.has(body.type)) yield { number: body.number, at: body.at, ...contentOf(body, key) };
    }
  };
  return {
    id, title, site: planned.site, case: of, owner: await speaker(planned.owner),
    async *said(from = 1, to = planned.records) {
      for await (const { number, at, actor, said } of records(from, to)) {
        if (said.type === 'note-added') yield { number, id: said.note, kind: 'note', at, by: await speakerOf(actor, speaker), isModel: false, text: said.text, reasoning: '', files: [], parent: null, model: '', outcome: '' };
        else if ((said.type === 'message-added' || said.type === 'turn-ended') && said.message !== undefined) yield { number, kind: 'message', ...(await describe(said.message, actor, speaker)) };
      }
    },
    async *files() {
      for await (const { said } of records(1, planned.records)) if (said.type === 'file-added') yield { part: said.file, sha256: said.sha256, name: fileName(said.file) };
    },
    async bytesOf(file) {
      const there = await store.get('file', file);
      if (there === undefined || there.body.conversation !== id) return undefined;
      const bytes = openBytes(there.body.bytes, key, `bytes:${file}`);
      return Array.from({ length: Math.ceil(bytes.length / SLICE_BYTES) }, (_, index) => bytes.subarray(index * SLICE_BYTES, (index + 1) * SLICE_BYTES));
    },
  };
}

const SAYING: ReadonlySet<string> = new Set(['message-added', 'turn-ended', 'note-added', 'file-added']);

/** Under which a file stands in a package: its id, since what the sender called it is nothing that a folder has to bear. */
export function fileName({ fileId, mediaType }: FilePart): string {
  return `${fileId}.${EXTENSIONS[mediaType] ?? 'bin'}`;
}

type SpeakerFor = (user: string, name?: string) => Promise<Speaker>;

async function speakerOf({ user, answers }: Actor, speaker: SpeakerFor): Promise<Speaker> {
  return user === null ? { id: 'gorunchat', name: 'GoRunChat', address: 'gorunchat@model.invalid' } : speaker(user, answers?.name);
}

async function describe(message: Message, actor: Actor, speaker: SpeakerFor): Promise<Omit<Said, 'number' | 'kind'>> {
  const { id, at, parent, model = '', outcome } = message;
  const isModel = message.author === 'model' && message.by === undefined;
  const by = message.by !== undefined ? await speaker(message.by.user, message.by.name) : isModel ? modelSpeaker(model) : await speakerOf(actor, speaker);
  const reasoning = message.parts.flatMap((part) => (part.type === 'reasoning' ? [part.text] : [])).join('\n');
  return { id, at, by, isModel, text: textOf(message), reasoning, files: message.parts.filter((part) => part.type === 'file'), parent, model, outcome: outcome?.kind ?? '' };
}

function modelSpeaker(model: string): Speaker {
  const name = model === '' ? 'The model' : model;
  return { id: `model:${name}`, name, address: `${name.replaceAll(/[^A-Za-z0-9.-]+/gu, '-').replaceAll(/^[.-]+|[.-]+$|\.(?=\.)/gu, '') || 'model'}@model.invalid` };
}
