import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { Kinds } from '../kinds.ts';
import type { Afterwards, Declarations, Outcome, WiredChange, WiredCommit } from './calls.ts';
import { documentsOf } from './documents.ts';
import type { Documents } from './documents.ts';
import { commitTogether } from './group.ts';
import type { KeyPlace, Keys, KeySlot, WrappedKey } from './keys.ts';
import { paced } from './paced.ts';
import type { Words, WordsChange } from './words.ts';
import { emptyLog } from './write-ahead.ts';

/** What one accepted commit leaves to be done in the other files. */
interface Work {
  readonly keep: readonly WrappedKey[];
  readonly destroy: readonly KeySlot[];
  /** The note that keys are to be destroyed; 0 when there are none. */
  readonly destroyNote: number;
  readonly words: readonly WordsChange[];
  readonly drafts: Afterwards | null;
}

/** Commits to the main file, and around each commit to the files of keys and words. */
export interface MainFile {
  /** One outcome per commit, in order, when all is durable; `done` carries the `Afterwards` that the caller has to see to, or `null`. */
  commit(commits: readonly WiredCommit[]): readonly Outcome[];
  /** Draft removals that have happened; their notes go with the next commit. */
  finish(notes: readonly number[]): void;
  /** Draft removals of earlier commits of which it is not known that they happened. */
  unfinished(): readonly Afterwards[];
  /** Does what was put off. Nothing may be committed after it. */
  close(): void;
}

/**
 * The order is what survives a crash. Before the commit: new keys, so that no document can be without its key. In it: a note of every key and draft to be
 * removed. After it: words are written, then the keys are destroyed, and both files are written anew: soon, for that takes long. What a crash left undone is done at the next opening, from the notes and the marks.
 */
export function mainFile(db: DatabaseSync, { keys, words, kinds }: { keys: Keys; words: Words; kinds: Declarations }): MainFile {
  const documents = documentsOf(db, kinds);
  const notes = notesIn(db);
  const readMark = db.prepare('SELECT mark FROM _words');
  const writeMark = db.prepare('UPDATE _words SET mark = ?');
  const finished = new Set<number>();
  let mark = (readMark.get() as { mark: number }).mark;
  const anew = paced(() => {
    const due = notes.numbers('anew').filter((number) => !finished.has(number));
    const rewrapped = notes.numbers('rewrapped').filter((number) => !finished.has(number));
    if (due.length + rewrapped.length === 0) return;
    keys.scrub();
    if (due.length > 0) words.scrub(); // whose key is destroyed was found by its words until now
    for (const number of [...due, ...rewrapped]) finished.add(number);
  });
  /** What was removed from the main file is overwritten there, and stands in its write-ahead log as it was. */
  const log = paced(() => emptyLog(db));
  const placeOf = 'key' in kinds ? db.prepare('SELECT body FROM key WHERE id = ?') : undefined;
  const named = (id: string): string | undefined => {
    const found = placeOf?.get(id) as { body: string } | undefined;
    return found && (JSON.parse(found.body) as KeyPlace).slot;
  };
  if (keys.keepNamed(named)) keys.scrub(); // of a commit that a crash kept from being made
  destroyNoted();
  for (const one of [anew, log]) one.want(); // what a crash left

  /** Whether all keys that were to be destroyed are. */
  function destroyNoted(): boolean {
    const due = notes.keys().filter(({ number }) => !finished.has(number));
    if (due.length === 0) return true;
    try {
      keys.destroy(due.flatMap(({ what }) => what));
    } catch {
      return false; // The notes stay, and with them the duty: tried again with the next such commit, and at the next opening.
    }
    for (const { number } of due) finished.add(number);
    return true;
  }

  const commit = (commits: readonly WiredCommit[]): readonly Outcome[] => {
    const finishing = [...finished];
    const { outcomes, done } = commitTogether(db, commits, {
      run: (member) => runCommit(member, { documents, notes, keys, words, mark: mark + 1, kinds }),
      seal: (accepted) => {
        for (const number of finishing) notes.remove(number);
        keepKeys(keys, accepted);
        if (accepted.some((work) => work.words.length > 0)) writeMark.run(mark + 1);
      },
    });
    if (done.length === 0) return outcomes;
    for (const number of finishing) finished.delete(number);
    const changes = done.flatMap((work) => work.words);
    if (changes.length > 0) words.write(changes, ++mark);
    const isDestroying = done.some((work) => work.destroyNote > 0);
    const isDestroyed = isDestroying ? destroyNoted() : true;
    if (isDestroying) for (const one of [anew, log]) one.want();
    return outcomes.map((outcome) => (outcome.is === 'done' ? answerOf(outcome.value as Work, isDestroyed) : outcome));
  };

  return {
    commit,
    finish: (numbers) => { for (const number of numbers) finished.add(number); },
    unfinished: () => notes.drafts().map(({ number, what }) => ({ number, drafts: what })),
    close: () => anew.finish(),
  };
}

interface Tools {
  readonly documents: Documents;
  readonly notes: Notes;
  readonly keys: Keys;
  readonly words: Words;
  readonly mark: number;
  readonly kinds: Declarations;
}

function runCommit({ changes, fence, drafts }: WiredCommit, { documents, notes, keys, words: search, mark, kinds }: Tools): Work {
  if (fence !== null) documents.moveHead(fence);
  const chain = fence?.chain ?? null;
  const keep: WrappedKey[] = [];
  const destroy: KeySlot[] = [];
  const words: WordsChange[] = [];
  for (const change of changes) {
    if (change.kind === 'key') {
      changeKey(change, { documents, keys }, { keep, destroy });
      continue;
    }
    if (change.do === 'words') {
      if (!search.isBehindWith(change.kind, change.id)) continue;
      documents.markWords(change.kind, change.id, mark);
      words.push({ kind: change.kind, id: change.id, text: change.text, isAgain: true });
      continue;
    }
    const before = documents.apply(change, chain);
    if (change.text !== null) {
      documents.markWords(change.kind, change.id, mark);
      words.push({ kind: change.kind, id: change.id, text: change.text });
    } else if (change.do === 'remove' && before !== undefined && kinds[change.kind]?.hasText === true) {
      words.push({ kind: change.kind, id: change.id, text: null });
    }
  }
  if (destroy.length > 0) notes.add(changes.every(({ kind, do: what }) => kind !== 'key' || what === 'rewrap') ? 'rewrapped' : 'anew', []);
  return {
    keep, destroy, words,
    destroyNote: destroy.length === 0 ? 0 : notes.add('keys', destroy),
    drafts: drafts.length === 0 ? null : { number: notes.add('drafts', drafts), drafts },
  };
}

/** Every write of a key goes to a slot of its own, so that one file can never overwrite what the other still names. */
function changeKey(change: WiredChange, { documents, keys }: Pick<Tools, 'documents' | 'keys'>, { keep, destroy }: { keep: WrappedKey[]; destroy: KeySlot[] }): void {
  const slot = randomUUID();
  const under = change.body === null ? undefined : (JSON.parse(change.body) as Kinds['key']).under;
  const before = documents.apply({ ...change, body: JSON.stringify({ slot, under } satisfies KeyPlace) }, null);
  if (before !== undefined) for (const one of new Set([(JSON.parse(before.body) as KeyPlace).slot, ...keys.slotsOf(change.id)])) destroy.push({ id: change.id, slot: one });
  if (change.body !== null) keep.push({ id: change.id, slot, body: change.body });
}

function keepKeys(keys: Keys, accepted: readonly Work[]): void {
  const fresh = accepted.flatMap((work) => work.keep);
  if (fresh.length > 0) keys.keep(fresh);
}

function answerOf(work: Work, isDestroyed: boolean): Outcome {
  if (work.destroyNote > 0 && !isDestroyed) return { is: 'refused', reason: 'unknown', detail: 'it is committed, but a removed key could not be destroyed yet' };
  return { is: 'done', value: work.drafts };
}

interface Note<What> {
  readonly number: number;
  readonly what: readonly What[];
}

/** What is to be removed from the other files after a commit, written in that commit. */
interface Notes {
  add(file: 'keys' | 'anew' | 'rewrapped' | 'drafts', what: readonly KeySlot[] | readonly string[]): number;
  keys(): readonly Note<KeySlot>[];
  drafts(): readonly Note<string>[];
  numbers(file: 'anew' | 'rewrapped'): readonly number[];
  remove(number: number): void;
}

function notesIn(db: DatabaseSync): Notes {
  const add = db.prepare('INSERT INTO _afterwards (file, what) VALUES (?, ?)');
  const read = db.prepare('SELECT number, what FROM _afterwards WHERE file = ? ORDER BY number');
  const remove = db.prepare('DELETE FROM _afterwards WHERE number = ?');
  const all = (file: string): Note<never>[] => (read.all(file) as { number: number; what: string }[]).map(({ number, what }) => ({ number, what: JSON.parse(what) as never[] }));
  return {
    add: (file, what) => Number(add.run(file, JSON.stringify(what)).lastInsertRowid),
    keys: () => all('keys'),
    drafts: () => all('drafts'),
    numbers: (file) => all(file).map(({ number }) => number),
    remove: (number) => { remove.run(number); },
  };
}
