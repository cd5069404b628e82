import { Failure } from '../../contracts/failures.ts';
import { comparePositions, type Position } from '../../contracts/position.ts';
import type { ConversationId } from '../../contracts/ids.ts';
import type { PlacedEvent } from '../../contracts/socket.ts';
import type { Bus, Listener, LogEntry, Verdict } from './bus.ts';

/** Events and characters kept of one conversation for tabs that come back; whoever was away longer is given the whole view. */
const KEPT_EVENTS = 4_000;
const KEPT_CHARACTERS = 200_000;

interface Log {
  readonly epoch: number;
  /** The position before the first kept event. */
  start: Position;
  end: Position;
  events: PlacedEvent[];
  characters: number;
}

/** The bus of a single process. It forgets everything with the process, so what must survive is in the store before it comes here. */
export function memoryBus(): Bus {
  const logs = new Map<ConversationId, Log>();
  const listeners = new Map<ConversationId, Set<Listener>>();

  const write = (entry: LogEntry): Verdict => {
    const log = logs.get(entry.conversation);
    if (log === undefined || entry.after.epoch > log.epoch) return 'behind';
    if (entry.after.epoch < log.epoch) return 'stale';
    if (comparePositions(entry.after, log.end) !== 0) return 'behind';
    keep(log, entry);
    for (const listener of listeners.get(entry.conversation) ?? []) listener(entry);
    return 'written';
  };

  return {
    isShared: false,
    isAway: false,
    append: (entries) => Promise.resolve(entries.map(write)),
    since(conversation, position) {
      const log = logs.get(conversation);
      if (log === undefined || position.epoch !== log.epoch || position.seq < log.start.seq || position.seq > log.end.seq) return Promise.resolve('gone');
      return Promise.resolve(log.events.slice(position.seq - log.start.seq));
    },
    subscribe(conversation, listener) {
      const heard = listeners.get(conversation) ?? new Set();
      listeners.set(conversation, heard.add(listener));
      return () => {
        heard.delete(listener);
        if (heard.size === 0 && listeners.get(conversation) === heard) listeners.delete(conversation);
      };
    },
    claim(conversation, epoch) {
      const log = logs.get(conversation);
      if (log !== undefined && log.epoch >= epoch) return Promise.resolve('stale');
      logs.set(conversation, { epoch, start: { epoch, seq: 0 }, end: { epoch, seq: 0 }, events: [], characters: 0 });
      for (const listener of listeners.get(conversation) ?? []) listener('restarted');
      return Promise.resolve([]);
    },
    release(conversation, epoch) {
      if (logs.get(conversation)?.epoch === epoch) logs.delete(conversation);
      for (const listener of listeners.get(conversation) ?? []) listener('restarted');
      return Promise.resolve();
    },
    owners: (conversations) => Promise.resolve(conversations.map(() => undefined)),
    ask: () => Promise.reject(new Failure('bus-unavailable', { detail: 'This is the only instance.' })),
    serve: () => () => Promise.resolve(),
  };
}

function keep(log: Log, entry: LogEntry): void {
  for (const placed of entry.events) {
    log.events.push(placed);
    log.characters += charactersOf(placed);
    log.end = { epoch: placed[0], seq: placed[1] };
  }
  if (log.events.length <= KEPT_EVENTS && log.characters <= KEPT_CHARACTERS) return;
  const dropped = log.events.splice(0, Math.ceil(log.events.length / 2));
  log.characters -= dropped.reduce((sum, placed) => sum + charactersOf(placed), 0);
  log.start = { epoch: log.epoch, seq: log.end.seq - log.events.length };
}

function charactersOf([, , event]: PlacedEvent): number {
  return event.type === 'text-delta' || event.type === 'reasoning-delta' ? event.text.length : 200;
}
