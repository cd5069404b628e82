import type { DatabaseSync } from 'node:sqlite';
import type { WiredDocument } from './read-calls.ts';
import { emptyLog, inTransaction, writeAnew } from './write-ahead.ts';

/** What the main file holds of a key. */
export interface KeyPlace {
  readonly slot: string;
  /** Which master key wrapped it, to find it by. */
  readonly under?: string | undefined;
}

/** Where a wrapped key lies: the main file holds only its slot, and that decides whether the key is there. */
export interface KeySlot {
  readonly id: string;
  readonly slot: string;
}
export interface WrappedKey extends KeySlot {
  readonly body: string;
}

/**
 * The file of wrapped keys. It is written before the main file's commit and cleared after it, so at any moment of a crash each slot the main file names is here.
 * A slot that nothing names, of a commit that was not made, is found by nobody; but with the master key it opens the key, so it goes with the next opening, or with the key.
 */
export interface Keys {
  /** Returns when the keys are durable. */
  keep(keys: readonly WrappedKey[]): void;
  /** Where a key lies, named or not. */
  slotsOf(id: string): readonly string[];
  /** Leaves of each key that lies in several slots the one that is named, where it is among them. Whether there was any other. */
  keepNamed(named: (id: string) => string | undefined): boolean;
  /** Leaves no key, also in the write-ahead log, and returns when that is durable. Those already gone are passed over. */
  destroy(slots: readonly KeySlot[]): void;
  /** Leaves no byte of what was destroyed, where pages were rearranged before. */
  scrub(): void;
}

/** The wrapped keys of the file that holds them. */
export function keysIn(db: DatabaseSync): Keys {
  const insert = db.prepare('INSERT INTO wrapped (id, slot, body) VALUES (?, ?, ?)');
  const remove = db.prepare('DELETE FROM wrapped WHERE id = ? AND slot = ?');
  const slots = db.prepare('SELECT slot FROM wrapped WHERE id = ?');
  const several = db.prepare('SELECT id FROM wrapped GROUP BY id HAVING count(*) > 1');
  const slotsOf = (id: string): string[] => (slots.all(id) as { slot: string }[]).map(({ slot }) => slot);
  return {
    slotsOf,
    keepNamed(named) {
      const left = (several.all() as { id: string }[]).flatMap(({ id }) => {
        const [all, one] = [slotsOf(id), named(id)];
        return one !== undefined && all.includes(one) ? all.filter((slot) => slot !== one).map((slot) => ({ id, slot })) : [];
      });
      if (left.length > 0) inTransaction(db, () => { for (const { id, slot } of left) remove.run(id, slot); });
      return left.length > 0;
    },
    keep: (keys) => inTransaction(db, () => { for (const { id, slot, body } of keys) insert.run(id, slot, body); }),
    destroy: (slots) => {
      inTransaction(db, () => { for (const { id, slot } of slots) remove.run(id, slot); });
      emptyLog(db);
    },
    scrub: () => writeAnew(db),
  };
}

/** Reads a key through its slot. A file of keys that is newer than the main file (after a restore) has the key under a later slot: the newest is taken. */
export function keyReader(main: DatabaseSync, keys: DatabaseSync): (id: string) => WiredDocument | null {
  const place = main.prepare('SELECT version, body FROM key WHERE id = ?');
  const bodyOf = wrappedReader(keys);
  return (id) => {
    const found = place.get(id) as { version: number; body: string } | undefined;
    const body = found === undefined ? null : bodyOf(id, found.body);
    return found === undefined || body === null ? null : [id, found.version, body];
  };
}

/** The body of a key whose place the main file gives; `null` when it is not there. */
export function wrappedReader(keys: DatabaseSync): (id: string, place: string) => string | null {
  const wrapped = keys.prepare('SELECT body FROM wrapped WHERE id = ? ORDER BY slot = ? DESC, rowid DESC LIMIT 1');
  return (id, place) => (wrapped.get(id, (JSON.parse(place) as KeyPlace).slot) as { body: string } | undefined)?.body ?? null;
}
