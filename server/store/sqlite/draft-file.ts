import type { DatabaseSync } from 'node:sqlite';
import { CommitRefused } from '../refused.ts';
import type { WiredChange } from './calls.ts';
import type { DraftChange } from './draft-calls.ts';
import type { FoundDocument, ReadStep, WiredDocument } from './read-calls.ts';
import { preparedOnce, rowsOf } from './rows.ts';
import type { Prepare } from './rows.ts';
import { field } from './schema.ts';

/** Where a draft stands in its file. */
interface Place {
  readonly id: string;
  readonly conversation: string;
  readonly number: number;
}

/** The drafts of a file that one thread alone writes and reads. */
export interface DraftFile {
  /** Runs inside the caller's transaction; what it throws has changed nothing of what `get` and `find` know. */
  change(call: DraftChange): null;
  /** The transaction is durable, or (`false`) gone with all that was changed in it. */
  ended(isDurable: boolean): void;
  get(id: string): WiredDocument | null;
  /** `null` for the drafts of all conversations. */
  find(conversation: string | null, steps: readonly ReadStep[], limit: number): FoundDocument[];
}

/**
 * Thousands of drafts are added a second, each once and read only after a crash. So the file has no index and grows at its end alone: keeping two, as other kinds do, takes ten times as
 * long (53 µs instead of 5 for each of 250 in one commit), since every conversation has a page of its own in each. Where a draft stands is known in memory, read once at the start.
 */
export function draftFile(db: DatabaseSync): DraftFile {
  const places = new Places();
  const prepare = preparedOnce(db);
  const statements = statementsOf(prepare);
  readPlaces(db, places, (number) => statements.remove.run(number));
  const add = (id: string, conversation: string, body: string): void => {
    if (places.of(id) !== undefined) throw new CommitRefused('conflict', { detail: `draft ${id} is there already` });
    places.add({ id, conversation, number: Number(statements.add.run(id, body).lastInsertRowid) });
  };
  const remove = (place: Place | undefined): void => {
    if (place === undefined) return;
    statements.remove.run(place.number);
    places.remove(place);
  };
  const versionAt = (place: Place | undefined): number => (place === undefined ? 0 : (statements.read.get(place.number) as unknown as WiredDocument)[1]);
  const changeOne = ({ do: what, id, body, version }: WiredChange): void => {
    const place = places.of(id);
    if (version !== null && version !== versionAt(place)) throw new CommitRefused('conflict', { detail: `draft ${id} has version ${versionAt(place)}, not ${version}` });
    if (what === 'remove') remove(place);
    else if (what === 'put' && place !== undefined) statements.write.run(body, place.number);
    else add(id, conversationIn(body ?? ''), body ?? '');
  };
  return {
    change: (call) => places.undoing(() => {
      if (call.do === 'add') for (let at = 0; at < call.flat.length; at += 3) add(call.flat[at] as string, call.flat[at + 1] as string, call.flat[at + 2] as string);
      else if (call.do === 'change') call.changes.forEach(changeOne);
      else for (const id of call.ids) remove(places.of(id));
      return null;
    }),
    ended: (isDurable) => places.ended(isDurable),
    get: (id) => {
      const place = places.of(id);
      return place === undefined ? null : (statements.read.get(place.number) as unknown as WiredDocument);
    },
    find: (conversation, steps, limit) => rowsOf(prepare, steps, limit, JSON.stringify(places.numbersOf(conversation))) as FoundDocument[],
  };
}

function statementsOf(prepare: Prepare) {
  return {
    read: prepare('SELECT id, version, body FROM piece WHERE number = ?'),
    add: prepare('INSERT INTO piece (id, version, body) VALUES (?, 1, ?)'),
    write: prepare('UPDATE piece SET version = version + 1, body = ? WHERE number = ?'),
    remove: prepare('DELETE FROM piece WHERE number = ?'),
  };
}

/** A failing disk can leave a draft twice: once as it was tried, and once as it was written after that. The later one counts. */
function readPlaces(db: DatabaseSync, places: Places, remove: (number: number) => unknown): void {
  const older: number[] = [];
  for (const row of db.prepare(`SELECT id, ${field('conversation')} AS conversation, number FROM piece ORDER BY number`).iterate()) {
    const place = row as unknown as Place;
    const before = places.of(place.id);
    if (before !== undefined) {
      older.push(before.number);
      places.remove(before);
    }
    places.add({ ...place });
  }
  places.ended(true);
  for (const number of older) remove(number);
}

function conversationIn(body: string): string {
  return (JSON.parse(body) as { conversation: string }).conversation;
}

/** Where every draft stands; what is added and removed can be taken back until its transaction has ended. */
class Places {
  readonly #byId = new Map<string, Place>();
  readonly #byConversation = new Map<string, Set<Place>>();
  #done: { readonly place: Place; readonly isThere: boolean }[] = [];

  of(id: string): Place | undefined {
    return this.#byId.get(id);
  }

  numbersOf(conversation: string | null): number[] {
    return [...(conversation === null ? this.#byId.values() : this.#byConversation.get(conversation) ?? [])].map(({ number }) => number);
  }

  add(place: Place): void {
    this.#set(place, true);
    this.#done.push({ place, isThere: true });
  }

  remove(place: Place): void {
    this.#set(place, false);
    this.#done.push({ place, isThere: false });
  }

  undoing<T>(run: () => T): T {
    const before = this.#done.length;
    try {
      return run();
    } catch (error) {
      this.#undo(before);
      throw error;
    }
  }

  ended(isDurable: boolean): void {
    if (!isDurable) this.#undo(0);
    this.#done = [];
  }

  #undo(length: number): void {
    while (this.#done.length > length) {
      const { place, isThere } = this.#done.pop() as { place: Place; isThere: boolean };
      this.#set(place, !isThere);
    }
  }

  #set(place: Place, isThere: boolean): void {
    const { id, conversation } = place;
    const together = this.#byConversation.get(conversation) ?? new Set();
    if (isThere) {
      this.#byId.set(id, place);
      this.#byConversation.set(conversation, together.add(place));
    } else {
      this.#byId.delete(id);
      together.delete(place);
      if (together.size === 0) this.#byConversation.delete(conversation);
    }
  }
}
