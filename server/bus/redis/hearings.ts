import type { ConversationId } from '../../../contracts/ids.ts';
import type { Position } from '../../../contracts/position.ts';
import type { InstanceId, Listener, LogEntry } from '../bus.ts';
import type { Connection } from './connection.ts';
import { Hearing } from './hearing.ts';
import { logKey, markKey, positionOf, shardOf, watchKey } from './keys.ts';
import type { Log } from './log.ts';
import { WATCH } from './scripts.ts';
import type { Sealings } from './sealing.ts';

/** How long others announce to an instance that does not say again that it has tabs on a conversation, and how often it says so. */
const WATCHED_MS = 60_000;
const AGAIN_MS = 20_000;
/** Conversations in one script: others wait while it runs. */
const BATCH = 500;

export interface HearingsParts {
  readonly connection: Connection;
  readonly log: Log;
  readonly sealings: Sealings;
  readonly me: InstanceId;
  report(sentence: string, error?: unknown): void;
}

/** What is heard here, of all conversations that somebody here listens to. */
export class Hearings {
  readonly #parts: HearingsParts;
  readonly #all = new Map<ConversationId, Hearing>();
  #renewedAt = performance.now();

  constructor(parts: HearingsParts) {
    this.#parts = parts;
  }

  of(conversation: ConversationId): Hearing | undefined {
    return this.#all.get(conversation);
  }

  subscribe(conversation: ConversationId, listener: Listener): () => void {
    const { log, sealings, report } = this.#parts;
    const hearing = this.#all.get(conversation) ?? new Hearing(conversation, { log, sealings, report, watch: async (one) => (await this.#watch([one]))[0] as Position });
    this.#all.set(conversation, hearing);
    // Each call ends its own subscription, though the same function be given twice.
    const mine: Listener = (heard) => listener(heard);
    hearing.listeners.add(mine);
    return () => {
      hearing.listeners.delete(mine);
      if (hearing.listeners.size === 0 && this.#all.get(conversation) === hearing) this.#end(conversation);
    };
  }

  /** With each beat: says again what is watched here when it is time, and tries again what failed. */
  async keep(): Promise<void> {
    for (const hearing of this.#all.values()) if (hearing.isBehind) hearing.catchUp();
    if (performance.now() - this.#renewedAt > AGAIN_MS) await this.renew();
    else if (this.#parts.connection.isCluster) await this.#renewForgotten();
  }

  /** Says what is watched here, and hears what was missed. */
  async renew(): Promise<void> {
    this.#renewedAt = performance.now();
    await this.#renewSome([...this.#all.values()]);
  }

  /** One node of a cluster can lose what it was told while the others, and the one that has this instance's lease, have not. */
  async #renewForgotten(): Promise<void> {
    const { connection, me } = this.#parts;
    const shards = Map.groupBy(this.#all.values(), ({ conversation }) => shardOf(conversation));
    await Promise.all([...shards].map(async ([shard, hearings]) => {
      const isKnown = (await connection.send('SET', markKey(shard, me), '1', 'PX', WATCHED_MS, 'GET')) !== null;
      if (!isKnown) await this.#renewSome(hearings);
    }));
  }

  async #renewSome(all: readonly Hearing[]): Promise<void> {
    for (let from = 0; from < all.length; from += BATCH) {
      const some = all.slice(from, from + BATCH);
      const last = await this.#watch(some.map(({ conversation }) => conversation));
      some.forEach((hearing, index) => hearing.standsAt(last[index] as Position));
    }
  }

  /** Lines of `conversation after id sealed` from an owner elsewhere, or `conversation begun id`. */
  announced(lines: readonly string[]): void {
    for (const line of lines) {
      const [conversation, after, id, sealed] = line.split(' ') as [ConversationId, string, string, string];
      const hearing = this.#all.get(conversation);
      if (after === 'begun') hearing?.begun(positionOf(id));
      else hearing?.announced({ conversation, after: Number(after), last: positionOf(id), sealed });
    }
  }

  /** Lines of `conversation id`: where logs stand. */
  standing(lines: readonly string[]): void {
    for (const line of lines) {
      const [conversation, id] = line.split(' ') as [ConversationId, string];
      this.#all.get(conversation)?.standsAt(positionOf(id));
    }
  }

  appended(entry: LogEntry): void {
    this.#all.get(entry.conversation)?.appended(entry, { epoch: entry.after.epoch, seq: entry.after.seq + entry.events.length });
  }

  /** When this instance leaves. */
  async end(): Promise<void> {
    const all = [...this.#all.keys()];
    this.#all.clear();
    await Promise.allSettled(all.map((conversation) => this.#unwatch(conversation)));
  }

  #end(conversation: ConversationId): void {
    this.#all.delete(conversation);
    this.#parts.sealings.forget(conversation);
    this.#unwatch(conversation).catch(() => undefined); // it runs out by itself
  }

  #unwatch(conversation: ConversationId): Promise<unknown> {
    return this.#parts.connection.send('ZREM', watchKey(conversation), this.#parts.me);
  }

  async #watch(conversations: readonly ConversationId[]): Promise<readonly (Position | undefined)[]> {
    const { connection, me } = this.#parts;
    const found = new Map<ConversationId, Position>();
    await Promise.all(connection.together(conversations, shardOf).map(async (group) => {
      const ids = (await connection.run(WATCH, group.flatMap((one) => [logKey(one), watchKey(one)]), [me, WATCHED_MS])) as string[];
      group.forEach((one, index) => found.set(one, positionOf(ids[index] as string)));
    }));
    return conversations.map((one) => found.get(one));
  }
}
