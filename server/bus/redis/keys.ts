import type { ConversationId } from '../../../contracts/ids.ts';
import type { Position } from '../../../contracts/position.ts';
import type { InstanceId } from '../bus.ts';

/** Keys of one shard share a slot, so that on Redis Cluster one script can serve all conversations of a shard. */
export const SHARDS = 64;

/** FNV-1a: the same on every instance, and nothing else is asked of it. */
export function shardOf(conversation: ConversationId): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < conversation.length; index++) hash = Math.imul(hash ^ conversation.charCodeAt(index), 0x01000193);
  return (hash >>> 0) % SHARDS;
}

const inShard = (noun: string, conversation: ConversationId): string => `${noun}:{s${shardOf(conversation)}}:${conversation}`;

/** The stream of its events. The id of an entry is the position of the entry's last event. */
export const logKey = (conversation: ConversationId): string => inShard('log', conversation);
/** `<epoch> <instance>` of whoever claimed it last and has not let go. */
export const ownKey = (conversation: ConversationId): string => inShard('own', conversation);
/** The instances that have tabs on it, each with the time until which that holds. */
export const watchKey = (conversation: ConversationId): string => inShard('watch', conversation);
/** There while the shard remembers what this instance has told it. */
export const markKey = (shard: number, instance: InstanceId): string => `mark:{s${shard}}:${instance}`;
/** When this Redis, or this shard of it, began to know anything: it goes with everything else that is forgotten. */
export const bornKey = (shard: number): string => `born:{s${shard}}`;
/** There while the instance lives. Says `connected` with the number of its connection, or `reconnecting` while it knows that it cannot be told anything. */
export const leaseKey = (instance: InstanceId): string => `inst:${instance}`;
/** Carries a question or an answer that is too long to be announced. */
export const bodyKey = (id: string): string => `body:${id}`;
export const channelOf = (instance: InstanceId): string => `bus:${instance}`;

/** A position as the id of a stream’s entry. */
export function idOf({ epoch, seq }: Position): string {
  return `${epoch}-${seq}`;
}

/** The position that an entry’s id stands for. */
export function positionOf(id: string): Position {
  const [epoch, seq] = id.split('-');
  return { epoch: Number(epoch), seq: Number(seq) };
}
