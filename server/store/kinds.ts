import type { AccessState } from '../../contracts/access.ts';
import type { Answer } from '../../contracts/commands.ts';
import type { ExportState } from '../../contracts/exports.ts';
import type { KeptRecord, UncoveredKind } from '../../contracts/records.ts';
import { UNCOVERED_KINDS } from '../../contracts/records.ts';

/** The last place of a chain: its owner's epoch, the events and records it has numbered, and the hash of its last record. Written only by a fenced commit. */
export interface Head {
  readonly epoch: number;
  readonly seq: number;
  readonly number: number;
  readonly hash: string;
}

/** Every kind of document with its body. `sealed` is content under a key of its own: plain text stands in no body. */
export interface Kinds {
  head: Head;
  conversation: {
    owner: string; conversation: string; createdAt: number; updatedAt: number; pinned: boolean; archived: boolean; deletedAt: number | null;
    /** Messages wait in its queue. */
    waits: boolean;
    /** A turn is open. Of a conversation whose owner died it stays until the next owner has concluded the turn. */
    runs?: boolean;
    /** When erasure begins; `null` when nothing was deleted or all is done. */
    eraseAt: number | null;
    isErased: boolean;
    /** Where its events were when this was written. */
    position?: { epoch: number; seq: number };
    /** In no list, and none of its words in the search index. */
    temporary?: boolean;
    /** Where it was begun by a visitor. */
    site?: string;
    handoff?: 'asked' | 'joined';
    /** Title, model, parameters, choices and queue. */
    sealed: string;
  };
  /** `place` counts the messages of a conversation in the order in which they came on record. */
  message: { conversation: string; parent: string | null; at: number; place: number; sealed: string };
  /** What those who answer a visitor told each other. */
  note: { conversation: string; at: number; sealed: string };
  /** A turn whose `state` is `open` has a record but no outcome. */
  turn: { conversation: string; state: 'open' | 'concluded'; startedAt: number; sealed: string };
  /** A call for a title that is on record and whose end is not. */
  titling: { conversation: string; at: number };
  record: KeptRecord;
  command: { conversation: string; number: number; answer: Extract<Answer, { ok: true }> };
  /** `sealed` describes it, `bytes` is its content; both are under the conversation's key. */
  file: { conversation: string; owner: string; at: number; mediaType: string; size: number; sealed: string; bytes: string };
  /** A file that stands in no message yet, under the id of the file. */
  unsent: { owner: string; conversation: string; at: number; size: number; /** Where a visitor added it. */ site?: string };
  /** Half of a growing reply, one document per tick. */
  /** A piece of a growing reply. `isAnew`: it holds all that was shown before it, and pieces of earlier epochs do not count. */
  draft: { conversation: string; turn: string; epoch: number; seq: number; isAnew?: boolean; sealed: string };
  /** A data key, wrapped by the master key that is called `under`; one from before they were called anything does not say. */
  key: { owner: string; wrapped: string; under?: string };
  /** How far it is that all keys are wrapped by the master key `to`, which was `from` before (`null`: it is not told); `null` while nobody wanted another one. The instance `holder` does it until then. */
  rotation: { from: string | null; to: string | null; isDone: boolean; moved: number; of: number; holder: string; until: number };
  /** An instance that runs, until then: the master key that it was given as the one to be used, and the one that it wraps with. */
  instance: { wants: string; wraps: string; until: number };
  /** `address`: the id under which its e-mail address is taken. In its place accounts of versions before it have that itself, as `email`, until the next start. */
  user: { address?: string; email?: string; role: 'admin' | 'member' | 'reviewer'; createdAt: number; passwordHash: string; sealed: string; /** Set when they were removed: what is theirs is being erased. */ removedAt?: number };
  /** An e-mail address, under a hash that takes a key of the deployment, is taken by one account; `first-account` stands for the first of all. */
  address: { user: string };
  session: { user: string; createdAt: number; expiresAt: number; publicId: string; sealed: string };
  /** What somebody is told of what happened to their account, under the `number` of the audit record that it came with. */
  'security-notice': { user: string; number: number; at: number; sealed: string };
  settings: { sealed: string };
  'provider-key': { user: string; provider: string; expiresAt: number | null; sealed: string };
  /** A visit of another `generation` counts no more. */
  site: { createdAt: number; isLive: boolean; generation: number; sealed: string };
  /** Somebody who may no longer write on a site's pages, under the visitor's id. */
  blocked: { site: string; at: number };
  /** Under the id of an anonymous visitor: the user of the site that they turned out to be; `sealed`, under the site's key, is as whom that user went on record then, and missing where an earlier version wrote it. */
  'known-as': { site: string; user: string; at: number; sealed?: string };
  /** What is left of the replies that somebody may ask for on a site, under a name that says nobody's. */
  allowance: { left: number; at: number };
  /** What keeps a conversation, or all of a person, a site or everybody, from being erased. Whoever erases writes it too, so that a hold and an erasure cannot pass each other. */
  gate: { holds: readonly { case: string; hold: string; from: number | null; to: number | null }[] };
  /** Written with every release of holds: what they kept is looked at again by whoever erases. */
  released: { at: number };
  case: { openedAt: number; sealed: string };
  /** A conversation that was erased, under its id; the record of this number is its certificate. */
  disposition: { at: number; number: number };
  /** A package that was ordered. `sealed`, what was wanted and what became of it, is under the key of its case; the package itself is under a key of its own. */
  export: { case: string; at: number; state: ExportState; sealed: string };
  /** That a reviewer may read for a case; `until` is 0 before it was granted. `sealed`, why and who decided, is under the key of its case. */
  access: { case: string; by: string; at: number; state: AccessState; until: number; sealed: string };
  /** What is still to be done about an export, by whoever finds it due: to make it (from this step on, whose first chunk is `from`), to destroy it, or to remove what is left of it. */
  'export-work': { task: 'make' | 'expire' | 'clear'; due: number; step: number; from: number; of: number | null; attempts: number };
  /** A piece of a package, in their order. Its `label`, which file it is of, is under the export's key; the bytes are so, too, and under that of the `conversation` that they tell of as well, so that they are unreadable once either is destroyed. */
  'export-chunk': { export: string; place: number; conversation: string; label: string; sealed: string };
  /** A challenge that was solved, until nobody could solve it any more. */
  'spent-challenge': { until: number };
  'read-marker': { owner: string; at: number };
  /** A record that has no place in the log yet, under the id of the record; `leaf` is its hash there. Where traces are on, the rest says in which commit it came (`observe/traced.ts`). */
  pending: { chain: string; number: number; at: number; leaf: string; traceparent?: string; tracestate?: string };
  /** The place of a record among all records, under the id of the record. */
  sealed: { chain: string; number: number; place: number };
  /** Hashes of the log, `LEVEL/INDEX`. */
  tile: { hashes: string };
  /** A restore, under its number: how many signed records of before it the log goes on after, and the epoch above which everything is since. */
  generation: { number: number; at: number; after: number; epoch: number };
  /** The last signed checkpoint of the log, with the public keys that signed any. */
  checkpoint: { size: number; at: number; note: string; keys: readonly string[] };
  /** As a witness: the last checkpoint of another log that was cosigned, and the last one that was refused, as a hash of its note. */
  witnessed: { origin: string; size: number; root: string; at: number; refused: string | null };
  /** Of one witness: the last checkpoint that it cosigned, as a note, and which instance asks it. `isRefused`: it has seen another log under the same name. */
  cosigned: { size: number; at: number; note: string; isRefused: boolean; holder: string; until: number };
  /** Up to which entry the audit log was sent on to one place, and which instance sends. */
  feed: { upTo: number; holder: string; until: number };
  /** What `observe/writes.ts` tries with whether a store takes writes; it is taken away at once. */
  lease: { instance: string };
}

export type Kind = keyof Kinds;

interface Declaration {
  /** Refused without the fence of the conversation named in the body. */
  readonly isOfConversation: boolean;
  /** Fields of each index, in order. A query gives all but the last, and may bound and order by the last. */
  readonly indexes: Readonly<Record<string, readonly string[]>>;
  /** Words of it can be searched; they are given beside the body and kept apart from it. */
  readonly hasText: boolean;
}

const plain: Declaration = { isOfConversation: false, indexes: {}, hasText: false };

export const KINDS = {
  head: plain,
  conversation: {
    isOfConversation: true, hasText: true,
    indexes: {
      byOwner: ['owner', 'archived', 'updatedAt'], byPin: ['owner', 'pinned', 'archived', 'updatedAt'], byErasure: ['isErased', 'eraseAt'], byWaiting: ['waits', 'updatedAt'], bySite: ['site', 'updatedAt'],
      byTemporary: ['temporary', 'updatedAt'], byChange: ['isErased', 'updatedAt'],
    },
  },
  message: { isOfConversation: true, hasText: true, indexes: { byConversation: ['conversation', 'place'] } },
  note: { isOfConversation: true, hasText: false, indexes: { byConversation: ['conversation', 'at'] } },
  turn: { isOfConversation: true, hasText: false, indexes: { byState: ['state', 'startedAt'], byConversation: ['conversation', 'state', 'startedAt'] } },
  titling: { isOfConversation: true, hasText: false, indexes: { byConversation: ['conversation', 'at'], byAge: ['at'] } },
  record: { isOfConversation: false, hasText: false, indexes: { byChain: ['chain', 'number'] } },
  command: { isOfConversation: true, hasText: false, indexes: {} },
  file: { isOfConversation: true, hasText: false, indexes: { byConversation: ['conversation', 'at'] } },
  unsent: { isOfConversation: true, hasText: false, indexes: { byOwner: ['owner', 'at'], byAge: ['at'] } },
  draft: { isOfConversation: false, hasText: false, indexes: { byConversation: ['conversation', 'seq'] } },
  key: { isOfConversation: false, hasText: false, indexes: { byMaster: ['under'] } },
  rotation: plain,
  instance: { isOfConversation: false, hasText: false, indexes: { byEnd: ['until'] } },
  user: { isOfConversation: false, hasText: false, indexes: { byAge: ['createdAt'], byRemoval: ['removedAt'] } },
  address: plain,
  session: { isOfConversation: false, hasText: false, indexes: { byUser: ['user', 'createdAt'], byPublicId: ['user', 'publicId'] } },
  'security-notice': { isOfConversation: false, hasText: false, indexes: { byUser: ['user', 'number'] } },
  settings: plain,
  'provider-key': { isOfConversation: false, hasText: false, indexes: { byUser: ['user', 'provider'] } },
  site: { isOfConversation: false, hasText: false, indexes: { byAge: ['createdAt'] } },
  blocked: { isOfConversation: false, hasText: false, indexes: { bySite: ['site', 'at'] } },
  'known-as': { isOfConversation: false, hasText: false, indexes: { byAge: ['at'], byUser: ['user', 'at'] } },
  allowance: { isOfConversation: false, hasText: false, indexes: { byAge: ['at'] } },
  gate: plain,
  released: plain,
  case: { isOfConversation: false, hasText: false, indexes: { byAge: ['openedAt'] } },
  disposition: { isOfConversation: false, hasText: false, indexes: { byAge: ['at'] } },
  export: { isOfConversation: false, hasText: false, indexes: { byCase: ['case', 'at'], byState: ['case', 'state', 'at'] } },
  access: { isOfConversation: false, hasText: false, indexes: { byCase: ['case', 'at'], byHolder: ['case', 'by', 'state', 'until'] } },
  'export-work': { isOfConversation: false, hasText: false, indexes: { byDue: ['due'] } },
  'export-chunk': { isOfConversation: false, hasText: false, indexes: { byExport: ['export', 'place'], byConversation: ['export', 'conversation', 'place'] } },
  'spent-challenge': { isOfConversation: false, hasText: false, indexes: { byEnd: ['until'] } },
  'read-marker': { isOfConversation: false, hasText: false, indexes: { byOwner: ['owner', 'at'] } },
  pending: { isOfConversation: false, hasText: false, indexes: { byAge: ['at'] } },
  sealed: { isOfConversation: false, hasText: false, indexes: { byPlace: ['place'] } },
  tile: plain,
  generation: { isOfConversation: false, hasText: false, indexes: { byNumber: ['number'] } },
  checkpoint: plain,
  witnessed: plain,
  cosigned: plain,
  feed: plain,
  lease: plain,
} as const satisfies Record<Kind, Declaration>;

/** Kinds whose words can be searched. */
export type TextKind = { [K in Kind]: (typeof KINDS)[K]['hasText'] extends true ? K : never }[Kind];

export type IndexOf<K extends Kind> = keyof (typeof KINDS)[K]['indexes'] & string;

/** Whether every change of this kind is refused in a commit that adds no record. A head moves with its record; of keys only one that is new or wrapped anew needs none. */
export function isCovered(kind: Kind): boolean {
  return kind !== 'head' && kind !== 'record' && kind !== 'key' && !(UNCOVERED_KINDS as readonly string[]).includes(kind satisfies Kind | UncoveredKind);
}

/** Kinds that hold what people said: to remove one of them is to erase it, and passes a gate. */
const ERASABLE: readonly Kind[] = ['message', 'note', 'turn', 'file'];

/** Whether a change makes content unreadable for good. */
export function erases(change: { readonly do: string; readonly kind: Kind }): boolean {
  return change.do === 'remove' ? ERASABLE.includes(change.kind) || change.kind === 'key' : change.do === 'put' && change.kind === 'key';
}

/** Under which a command is kept: two people may give theirs the same id. */
export function commandKey(user: string, command: string): string {
  return `${user}:${command}`;
}
