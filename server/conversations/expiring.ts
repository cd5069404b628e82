import type { ConversationId, UserId } from '../../contracts/ids.ts';
import type { Clock } from '../clock.ts';
import type { Store, Stored } from '../store/store.ts';
import { walk } from '../store/walk.ts';
import type { Directory } from './directory.ts';
import { classOf, lastDayOf, RETENTION_CLASSES, type Retention } from './retention.ts';

const AT_ONCE = 20;
const PAGE = 200;
/** Once everything that is too old is gone: the shortest schedule, this many times. An hour for one of a day. */
const LOOKS = 24;
const MOST_PAUSE_MS = 3_600_000;

/** A duty for the sweep: deletes conversations in which nothing has happened for longer than their schedule keeps them, the oldest first. What cannot be deleted is told, and tried again later; what was gone on with since it was found stays; holds keep what they keep all the same. */
export function openExpiring(store: Store, directory: Pick<Directory, 'deleteFor'>, clock: Clock, retention: Retention, warn: (error: unknown) => void): () => Promise<void> {
  let next = 0;
  return async () => {
    const now = clock.now();
    const ends = RETENTION_CLASSES.flatMap((kind) => lastDayOf(kind, retention, now) ?? []);
    if (now < next || ends.length === 0) return;
    let deleted = 0;
    for await (const { id, body } of tooOld(store, retention, now)) {
      const quietSince = lastDayOf(classOf(body), retention, now);
      if (body.deletedAt !== null || quietSince === undefined || body.updatedAt > quietSince) continue;
      const failed = (error: unknown): void => warn(new Error(`conversation ${id} is too old to be kept and could not be deleted`, { cause: error }));
      await directory.deleteFor({ because: 'age', quietSince }, id as ConversationId, body.owner as UserId).then((isDeleted) => (deleted += Number(isDeleted)), failed);
      if (deleted === AT_ONCE) return;
    }
    next = now + Math.min(MOST_PAUSE_MS, (now - Math.max(...ends)) / LOOKS);
  };
}

/** What may be too old. There are few temporary ones among many others, which may all be kept for good. */
async function* tooOld(store: Store, retention: Retention, now: number): AsyncGenerator<Stored<'conversation'>> {
  const temporary = lastDayOf('temporary', retention, now);
  if (temporary !== undefined) yield* walk(store, { kind: 'conversation', index: 'byTemporary', where: [true], to: temporary, order: 'up', limit: PAGE });
  const others = (['ordinary', 'visitor'] as const).flatMap((kind) => lastDayOf(kind, retention, now) ?? []);
  if (others.length > 0) yield* walk(store, { kind: 'conversation', index: 'byChange', where: [false], to: Math.max(...others), order: 'up', limit: PAGE });
}
