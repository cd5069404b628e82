import type { Server } from 'socket.io';
import type { UserId } from '../../contracts/ids.ts';

/** How what concerns a person, rather than one conversation, reaches the person's tabs on every instance, and how a tab finds that it has missed some of it. */
export interface Rooms {
  /** For Socket.IO; `undefined` where there is one instance only. */
  readonly adapter: Parameters<Server['adapter']>[0] | undefined;
  /** The number of the next thing that a person is told: one more than the last, over all instances. Rejects while the others cannot be reached. */
  next(user: UserId): number | Promise<number>;
  /** The number of the last one. */
  count(user: UserId): number | Promise<number>;
  /** Some of what others told may not have arrived: whoever is here should ask again. */
  onMissed(run: () => void): void;
  close(): Promise<void>;
}

/** The rooms of a single instance. */
export function localRooms(): Rooms {
  // Begins at the time of the start: a tab that was greeted by an earlier process always meets another number.
  const began = Date.now();
  const counts = new Map<UserId, number>();
  const count = (user: UserId): number => counts.get(user) ?? began;
  return {
    adapter: undefined,
    next(user) {
      counts.set(user, count(user) + 1);
      return count(user);
    },
    count,
    onMissed: () => undefined,
    close: () => Promise.resolve(),
  };
}
