import type { ConversationId } from '../../../contracts/ids.ts';
import { NOWHERE, type Position } from '../../../contracts/position.ts';
import type { PlacedEvent } from '../../../contracts/socket.ts';
import type { InstanceId, LogEntry, Verdict } from '../bus.ts';
import type { Connection } from './connection.ts';
import { idOf, logKey, ownKey, positionOf, shardOf, watchKey } from './keys.ts';
import { APPEND, READ } from './scripts.ts';
import { openEntry, sealEntry, type SealedEntry, type Sealings } from './sealing.ts';

/** An entry as XRANGE gives it: `e` holds what is sealed; `o` stands in the entry with which an epoch begins. */
export type Kept = readonly [id: string, [field: string, value: string]];

/** The logs of all conversations, as they are in Redis. */
export class Log {
  readonly #connection: Connection;
  readonly #sealings: Sealings;
  readonly #me: InstanceId;
  readonly #report: (sentence: string, error?: unknown) => void;

  constructor(connection: Connection, sealings: Sealings, me: InstanceId, report: (sentence: string, error?: unknown) => void) {
    this.#connection = connection;
    this.#sealings = sealings;
    this.#me = me;
    this.#report = report;
  }

  /** `onVerdict` is called as soon as the verdict of an entry is known. Rejects when nothing is known of any of them; what is not known of one alone is `behind`, so that its log begins anew. */
  async append(entries: readonly LogEntry[], onVerdict: (entry: LogEntry, verdict: Verdict) => void): Promise<readonly Verdict[]> {
    const sealed = await this.#sealAll(entries);
    const verdicts = entries.map((): Verdict => 'behind');
    const numbers = entries.map((_, index) => index).filter((index) => sealed[index] !== undefined);
    const groups = this.#connection.together(numbers, (index) => shardOf((entries[index] as LogEntry).conversation));
    const settled = await Promise.allSettled(groups.map(async (group) => {
      const given = await this.#write(group.map((index) => sealed[index] as SealedEntry));
      group.forEach((index, at) => {
        const verdict = given[at] ?? 'behind';
        verdicts[index] = verdict;
        onVerdict(entries[index] as LogEntry, verdict);
      });
    }));
    const failed = settled.filter((one) => one.status === 'rejected');
    if (failed.length > 0 && failed.length === settled.length) throw failed[0]?.reason;
    return verdicts;
  }

  /** Everything of an epoch from a position on, or where the log stands when it does not reach back there. */
  async read(conversation: ConversationId, from: Position): Promise<{ events: readonly PlacedEvent[] } | { gone: Position }> {
    const [id, kept] = (await this.#connection.run(READ, [logKey(conversation)], [from.epoch, from.seq])) as [string, Kept[]?];
    const gone = { gone: positionOf(id) };
    if (kept === undefined || from.epoch === NOWHERE.epoch) return gone;
    const isThere = kept[0]?.[0] === idOf(from);
    const events = await this.open(conversation, isThere ? kept.slice(1) : kept);
    if (events === undefined) return gone;
    if (isThere) return { events };
    const first = events[0];
    return first === undefined || first[1] > from.seq + 1 ? gone : { events: events.filter(([, seq]) => seq > from.seq) };
  }

  /** `undefined`, which is reported, when it was sealed with another key. Rejects when there is no key at present. */
  async open(conversation: ConversationId, kept: readonly Kept[]): Promise<readonly PlacedEvent[] | undefined> {
    const entries = kept.filter(([, [field]]) => field === 'e');
    if (entries.length === 0) return [];
    const sealing = await this.#sealings.of(conversation);
    try {
      return entries.flatMap(([id, [, sealed]]) => openEntry(conversation, id, sealed, sealing).events);
    } catch (error) {
      this.#report(`The log of conversation ${conversation} cannot be opened.`, error);
      return undefined;
    }
  }

  #sealAll(entries: readonly LogEntry[]): Promise<(SealedEntry | undefined)[]> {
    return Promise.all(entries.map(async (entry) => {
      try {
        return sealEntry(entry, this.#sealings.known(entry.conversation) ?? (await this.#sealings.of(entry.conversation)));
      } catch (error) {
        this.#report(`What was said in conversation ${entry.conversation} could not be sealed.`, error);
        return undefined;
      }
    }));
  }

  async #write(entries: readonly SealedEntry[]): Promise<readonly Verdict[]> {
    const keys = entries.flatMap(({ conversation }) => [logKey(conversation), ownKey(conversation), watchKey(conversation)]);
    const given = entries.flatMap(({ conversation, after, last, sealed }) => [conversation, last.epoch, after, last.seq, sealed]);
    const verdicts = (await this.#connection.run(APPEND, keys, [this.#me, ...given])) as string[];
    return verdicts.map((verdict, index) => {
      if (!verdict.startsWith('failed')) return verdict as Verdict;
      this.#report(`Redis did not take what was said in conversation ${entries[index]?.conversation} (${verdict}).`);
      return 'behind';
    });
  }
}
