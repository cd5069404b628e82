import type { ConversationId } from '../../../contracts/ids.ts';
import { comparePositions, type Position } from '../../../contracts/position.ts';
import type { PlacedEvent } from '../../../contracts/socket.ts';
import type { InstanceId, LogEntry, Serving, Verdict } from '../bus.ts';
import type { Connection } from './connection.ts';
import { bornKey, idOf, logKey, ownKey, positionOf, SHARDS, shardOf, watchKey } from './keys.ts';
import type { Liveness } from './liveness.ts';
import type { Kept, Log } from './log.ts';
import { BORN, CLAIM, HEADS, RELEASE } from './scripts.ts';
import type { Sealings } from './sealing.ts';

/** How long a log, and who owns it, is kept after the last word. */
const KEPT_SECONDS = 24 * 60 * 60;
/** How long the log holds what is in the store already: enough for a tab that was away for a moment and for an announcement that was lost. */
const TAIL_MS = 5_000;
const BATCH = 500;

interface Claim {
  readonly epoch: number;
  /** The end of the log, and whether that has not been said yet. */
  head: Position;
  hasMoved: boolean;
  /** What the store has by now; and what it had a while ago, up to which the log may go. */
  stored: Position | undefined;
  mark: { readonly stored: Position; readonly at: number } | undefined;
}

export interface ClaimsParts {
  readonly connection: Connection;
  readonly log: Log;
  readonly sealings: Sealings;
  readonly liveness: Liveness;
  readonly me: InstanceId;
  readonly epochsAfter: number;
  /** How long living owners may take to claim again what Redis has forgotten. */
  readonly settleMs: number;
}

/** What this instance owns, and who owns the rest. */
export class Claims {
  readonly #parts: ClaimsParts;
  readonly #mine = new Map<ConversationId, Claim>();

  constructor(parts: ClaimsParts) {
    this.#parts = parts;
  }

  async claim(conversation: ConversationId, epoch: number): Promise<readonly PlacedEvent[] | 'stale'> {
    const { connection, log, me, epochsAfter } = this.#parts;
    if ((this.#mine.get(conversation)?.epoch ?? 0) >= epoch) return 'stale';
    const held = (await connection.run(CLAIM, [logKey(conversation), ownKey(conversation), watchKey(conversation)], [me, KEPT_SECONDS, conversation, epoch])) as Kept[] | null;
    if (held === null) return 'stale';
    this.#mine.set(conversation, { epoch, head: { epoch, seq: 0 }, hasMoved: false, stored: undefined, mark: undefined });
    try {
      return (await log.open(conversation, held.filter(([id]) => positionOf(id).epoch > epochsAfter))) ?? [];
    } catch (error) {
      await this.release(conversation, epoch); // there is no key at present, so nobody can own it here
      throw error;
    }
  }

  async release(conversation: ConversationId, epoch: number): Promise<void> {
    if (this.#mine.get(conversation)?.epoch === epoch) this.#forget(conversation);
    await this.#parts.connection.run(RELEASE, [ownKey(conversation)], [`${epoch} ${this.#parts.me}`]);
  }

  async releaseAll(): Promise<void> {
    const all = [...this.#mine];
    this.#mine.clear();
    const { connection, me } = this.#parts;
    await Promise.allSettled(connection.together(all, ([conversation]) => shardOf(conversation)).map((group) => connection.run(RELEASE, group.map(([conversation]) => ownKey(conversation)), group.map(([, { epoch }]) => `${epoch} ${me}`))));
  }

  /** Notes what became of an entry. Whoever owns the conversation no longer is not asked about it any more. */
  settled({ conversation, after, events, stored }: LogEntry, verdict: Verdict): void {
    const claim = this.#mine.get(conversation);
    if (claim?.epoch !== after.epoch) return;
    if (verdict !== 'written') return this.#forget(conversation);
    claim.head = { epoch: after.epoch, seq: after.seq + events.length };
    claim.hasMoved = true;
    claim.stored = stored ?? claim.stored;
    if (claim.stored !== undefined) claim.mark ??= { stored: claim.stored, at: performance.now() };
  }

  /** Somebody has begun an epoch, as it was announced. True when this instance owned the conversation until then. */
  taken(conversation: ConversationId, epoch: number): boolean {
    const claim = this.#mine.get(conversation);
    if (claim === undefined || claim.epoch >= epoch) return false;
    this.#forget(conversation);
    return true;
  }

  async owners(conversations: readonly ConversationId[]): Promise<readonly (InstanceId | undefined)[]> {
    const owners = await this.#living(conversations);
    const without = conversations.filter((conversation) => owners.get(conversation) === undefined);
    // Also when an owner is named and only its lease is forgotten: it may have claimed again before it said that it lives.
    const again = without.length > 0 && (await this.#settle(without)) ? await this.#living(without) : owners;
    return conversations.map((conversation) => owners.get(conversation) ?? again.get(conversation));
  }

  async #living(conversations: readonly ConversationId[]): Promise<Map<ConversationId, InstanceId>> {
    const { liveness, me } = this.#parts;
    const named = [...(await this.#read(conversations))].filter(([, { instance }]) => instance !== me);
    const living = await liveness.living([...new Set(named.map(([, { instance }]) => instance))]);
    return new Map(named.flatMap(([conversation, { instance }]) => (living.has(instance) ? [[conversation, instance]] : [])));
  }

  /** Begins to count how long this Redis has known anything. */
  async begin(): Promise<void> {
    const shards = this.#parts.connection.isCluster ? Array.from({ length: SHARDS }, (_, shard) => shard) : [0];
    await Promise.all(shards.map((shard) => this.#knownForMs(shard)));
  }

  /**
   * Whom an emptied Redis names no more may live and be about to claim again, so nobody is taken for gone before every living owner has had the time to. True when that
   * had to be waited for.
   */
  async #settle(conversations: readonly ConversationId[]): Promise<boolean> {
    const { connection, settleMs } = this.#parts;
    const shards = connection.isCluster ? [...new Set(conversations.map(shardOf))] : [0];
    for (let hasWaited = false; ; hasWaited = true) {
      const shortest = Math.min(...await Promise.all(shards.map((shard) => this.#knownForMs(shard))));
      if (shortest >= settleMs) return hasWaited;
      await new Promise((resolve) => setTimeout(resolve, settleMs - shortest)); // it may be emptied again meanwhile
    }
  }

  async #knownForMs(shard: number): Promise<number> {
    return Number(await this.#parts.connection.run(BORN, [bornKey(shard)], []));
  }

  /** Finds out which conversations of this instance have another owner, or none, by now. */
  async check(lost: Serving['lost']): Promise<void> {
    const { me } = this.#parts;
    const all = [...this.#mine];
    for (let from = 0; from < all.length; from += BATCH) {
      const some = all.slice(from, from + BATCH);
      const owned = await this.#read(some.map(([conversation]) => conversation));
      for (const [conversation, claim] of some) {
        const owner = owned.get(conversation);
        // Claimed anew, or let go, while it was read.
        if (this.#mine.get(conversation) !== claim || (owner?.instance === me && owner.epoch >= claim.epoch)) continue;
        this.#forget(conversation);
        lost(conversation, owner === undefined || owner.epoch < claim.epoch ? 'missing' : 'taken');
      }
    }
  }

  /** Says where the logs stand that have moved since the last time, keeps them for another while, and lets go of what has been in the store for long enough. */
  async tellHeads(): Promise<void> {
    const { connection, me } = this.#parts;
    const now = performance.now();
    const moved = [...this.#mine].filter(([, { hasMoved, mark }]) => hasMoved || (mark !== undefined && now - mark.at > TAIL_MS));
    for (const group of connection.together(moved, ([conversation]) => shardOf(conversation))) {
      for (let from = 0; from < group.length; from += BATCH) {
        const some = group.slice(from, from + BATCH);
        const given = some.flatMap(([conversation, claim]) => [conversation, claim.epoch, idOf(claim.head), trimmed(claim, now)]);
        for (const [, claim] of some) claim.hasMoved = false;
        await connection.run(HEADS, some.flatMap(([conversation]) => [logKey(conversation), ownKey(conversation), watchKey(conversation)]), [me, KEPT_SECONDS, ...given]).catch((error: unknown) => {
          for (const [, claim] of some) claim.hasMoved = true;
          throw error;
        });
      }
    }
  }

  async #read(conversations: readonly ConversationId[]): Promise<Map<ConversationId, { epoch: number; instance: InstanceId }>> {
    const { connection } = this.#parts;
    const found = new Map<ConversationId, { epoch: number; instance: InstanceId }>();
    await Promise.all(connection.together(conversations, shardOf).map(async (group) => {
      const values = (await connection.send('MGET', ...group.map(ownKey))) as (string | null)[];
      group.forEach((conversation, index) => {
        const [epoch, instance] = values[index]?.split(' ') ?? [];
        if (instance !== undefined) found.set(conversation, { epoch: Number(epoch), instance });
      });
    }));
    return found;
  }

  #forget(conversation: ConversationId): void {
    this.#mine.delete(conversation);
    this.#parts.sealings.forget(conversation);
  }
}

/** The id up to which a log may go now. */
function trimmed(claim: Claim, now: number): string {
  const { mark, stored } = claim;
  if (mark === undefined || stored === undefined || now - mark.at <= TAIL_MS) return '';
  claim.mark = comparePositions(stored, mark.stored) > 0 ? { stored, at: now } : undefined;
  return idOf(mark.stored);
}
