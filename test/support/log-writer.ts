import type { ConversationId } from '../../contracts/ids.ts';
import type { Position } from '../../contracts/position.ts';
import type { PlacedEvent } from '../../contracts/socket.ts';
import type { Bus, LogEntry, Verdict } from '../../server/bus/bus.ts';
import { newId } from '../../server/ids.ts';

/** An owner that says words in its conversation, one event each. */
export class LogWriter {
  readonly conversation: ConversationId;
  readonly bus: Bus;
  position: Position;

  private constructor(bus: Bus, conversation: ConversationId, epoch: number) {
    this.bus = bus;
    this.conversation = conversation;
    this.position = { epoch, seq: 0 };
  }

  static async claim(bus: Bus, conversation: ConversationId = newId(), epoch = 1): Promise<LogWriter> {
    const held = await bus.claim(conversation, epoch);
    if (held === 'stale') throw new Error('the claim is stale');
    return new LogWriter(bus, conversation, epoch);
  }

  /** The next entry, which counts as said. */
  entry(...words: readonly string[]): LogEntry {
    const after = this.position;
    this.position = { epoch: after.epoch, seq: after.seq + words.length };
    return { conversation: this.conversation, after, events: placed(after, words) };
  }

  async say(...words: readonly string[]): Promise<Verdict> {
    const [verdict] = await this.bus.append([this.entry(...words)]);
    return verdict as Verdict;
  }
}

export function placed({ epoch, seq }: Position, words: readonly string[]): PlacedEvent[] {
  return words.map((text, index) => [epoch, seq + index + 1, { type: 'text-delta', text }]);
}

/** What a tab would make of it: the words, each once and in order, with `restarted` where it had to ask for everything. */
export function listen(bus: Bus, conversation: ConversationId): { readonly words: string[]; readonly entries: (LogEntry | 'restarted')[]; stop(): void } {
  const words: string[] = [];
  const entries: (LogEntry | 'restarted')[] = [];
  const stop = bus.subscribe(conversation, (heard) => {
    entries.push(heard);
    if (heard === 'restarted') words.push('restarted');
    else words.push(...wordsOf(heard.events));
  });
  return { words, entries, stop };
}

export function wordsOf(events: readonly PlacedEvent[] | 'gone' | 'stale'): string[] {
  return typeof events === 'string' ? [events] : events.map(([, , event]) => (event.type === 'text-delta' ? event.text : event.type));
}
