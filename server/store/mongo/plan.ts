import type { AnyBulkWriteOperation } from 'mongodb';
import { sizeCount } from '../commit-rules.ts';
import { KINDS } from '../kinds.ts';
import type { Kind } from '../kinds.ts';
import type { Change, Text } from '../store.ts';
import { indexedValues } from './documents.ts';
import type { KeptDocument } from './documents.ts';

export type Write = AnyBulkWriteOperation<KeptDocument>;

/**
 * One command to one collection. `add` fails when an id is taken; every write of `change` must find its document (`upsert` ones always do); `remove` passes
 * over what is not there, and `ofConversation` says whose all of it must be.
 */
export type Step =
  | { readonly do: 'add'; readonly kind: Kind; readonly documents: readonly KeptDocument[] }
  | { readonly do: 'change'; readonly kind: Kind; readonly ids: readonly string[]; readonly writes: readonly Write[]; readonly ofConversation: string | null }
  | { readonly do: 'remove'; readonly kind: Kind; readonly ids: readonly string[]; readonly ofConversation: string | null };

/** Words to be found from now on, or `null` when none are any more. */
export interface WordsChange {
  readonly kind: Kind;
  readonly id: string;
  readonly text: Text | null;
}

export interface Plan {
  readonly steps: readonly Step[];
  readonly words: readonly WordsChange[];
  /** Words given again, which count only where some are missing. */
  readonly again: readonly WordsChange[];
  /** Stands in every document that is given words here, and in its entry of search. */
  readonly stamp: string;
}

type DocumentChange = Exclude<Change, { do: 'words' }>;

/**
 * A commit as few commands: changes of one kind go together, and only those of one document keep their order, since nothing else can tell. Refused as `too-large`
 * beyond `MOST_BYTES`.
 */
export function planOf(changes: readonly Change[], chain: string | null, stamp: string): Plan {
  const count = sizeCount();
  const rounds = new Map<Kind, Round[]>();
  const depths = new Map<string, number>();
  const words = new Map<string, WordsChange>();
  const again: WordsChange[] = [];
  for (const change of changes) {
    if (change.do === 'words') {
      count(change.text.words);
      again.push(change);
      continue;
    }
    const name = `${change.kind}:${change.id}`;
    const depth = depths.get(name) ?? 0;
    const ofKind = rounds.get(change.kind) ?? [];
    rounds.set(change.kind, ofKind);
    depths.set(name, depth + enter(change, ofKind, { depth, count, chain, stamp }));
    if (change.do === 'remove') {
      if (KINDS[change.kind].hasText) words.set(name, { kind: change.kind, id: change.id, text: null });
    } else if (change.text !== undefined) words.set(name, { kind: change.kind, id: change.id, text: change.text });
  }
  const steps = [...rounds].flatMap(([kind, ofKind]) => ofKind.flatMap((round) => stepsOf(kind, round, KINDS[kind].isOfConversation ? chain : null)));
  return { steps, words: [...words.values()], again, stamp };
}

/** Changes of one kind that touch each document at most once, so that they may happen in any order. */
interface Round {
  readonly added: KeptDocument[];
  readonly puts: { readonly id: string; readonly write: Write }[];
  readonly versioned: { readonly id: string; readonly write: Write }[];
  readonly removed: string[];
}

interface Entering {
  readonly depth: number;
  readonly count: (...texts: readonly string[]) => void;
  readonly chain: string | null;
  readonly stamp: string;
}

/** Returns how many rounds the change took. */
function enter(change: DocumentChange, rounds: Round[], { depth, count, chain, stamp }: Entering): number {
  const round = roundAt(rounds, depth);
  const { kind, id } = change;
  const whose = KINDS[kind].isOfConversation && chain !== null ? { conversation: chain } : {};
  if (change.do === 'remove') {
    if (change.version === undefined) round.removed.push(id);
    else if (change.version > 0) round.versioned.push({ id, write: { deleteOne: { filter: { _id: id, version: change.version, ...whose } } } });
    else {
      // Nobody may have it: written and taken away again, because whatever is only read here somebody else could write meanwhile.
      round.added.push({ _id: id, version: 0, json: '', by: {}, ...whose });
      roundAt(rounds, depth + 1).removed.push(id);
      return 2;
    }
    return 1;
  }
  const json = JSON.stringify(change.body);
  count(json, change.text?.words ?? '');
  const content = { json, by: indexedValues(kind, change.body), ...(change.text !== undefined && { words: stamp }) };
  const version = change.do === 'add' ? 0 : change.version;
  if (version === 0) round.added.push({ _id: id, version: 1, ...content, ...whose });
  else {
    const update = { $set: content, $inc: { version: 1 } };
    if (version === undefined) round.puts.push({ id, write: { updateOne: { filter: { _id: id, ...whose }, update, upsert: true } } });
    else round.versioned.push({ id, write: { updateOne: { filter: { _id: id, version, ...whose }, update } } });
  }
  return 1;
}

function roundAt(rounds: Round[], depth: number): Round {
  return (rounds[depth] ??= { added: [], puts: [], versioned: [], removed: [] });
}

function stepsOf(kind: Kind, { added, puts, versioned, removed }: Round, ofConversation: string | null): Step[] {
  const changed = [...puts, ...versioned];
  return [
    ...(added.length === 0 ? [] : [{ do: 'add', kind, documents: added } as const]),
    ...(changed.length === 0 ? [] : [{ do: 'change', kind, ids: changed.map(({ id }) => id), writes: changed.map(({ write }) => write), ofConversation } as const]),
    ...(removed.length === 0 ? [] : [{ do: 'remove', kind, ids: removed, ofConversation } as const]),
  ];
}
