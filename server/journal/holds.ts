import type { HoldScope } from '../../contracts/cases.ts';
import type { UserId } from '../../contracts/ids.ts';
import type { Kinds } from '../store/kinds.ts';
import type { Change, Store, Stored } from '../store/store.ts';
import { all } from '../store/walk.ts';

const PAGE = 200;

/** What may be erased, and whose it is. */
export interface Erasable {
  readonly conversation: string;
  readonly owner: string;
  readonly site?: string | undefined;
  /** When the first and the last thing in it happened. */
  readonly from: number;
  readonly to: number;
}

/** From the first to the last thing that happened in a conversation. */
export function lifeOf({ createdAt, updatedAt, deletedAt }: { readonly createdAt: number; readonly updatedAt: number; readonly deletedAt: number | null }): Pick<Erasable, 'from' | 'to'> {
  return { from: createdAt, to: Math.max(updatedAt, deletedAt ?? 0) };
}

/** The gates that something has to pass to be erased. */
export interface Gates {
  /** A hold keeps it. */
  readonly isHeld: boolean;
  /** Part of every commit that erases: refused as `conflict` when a hold was placed or released since they were read. */
  readonly passed: readonly Change[];
}

/** Under which the gate of a scope is kept. */
export function gateId({ type, id }: HoldScope['of']): string {
  return `${type}:${id}`;
}

/**
 * Reads the gates in front of something: its own, its owner's, those of the anonymous visitors that the owner was before, and its site's. A hold and an erasure write the same documents, so whichever
 * commits first wins and the other one is refused: only reading them here would let both through.
 */
export async function gatesBefore(store: Store, { conversation, owner, site, from, to }: Erasable): Promise<Gates> {
  const people = site === undefined ? [owner] : [owner, ...(await formerly(store, owner))];
  const ids = [`conversation:${conversation}`, ...people.map((person) => `person:${person}`), ...(site === undefined ? [] : [`site:${site}`])];
  const kept = await Promise.all(ids.map((id) => store.get('gate', id)));
  const isHeld = kept.some((gate) => gate?.body.holds.some((hold) => (hold.from ?? from) <= to && (hold.to ?? to) >= from) === true);
  return { isHeld, passed: ids.map((id, index) => gateChange(id, kept[index], kept[index]?.body.holds ?? [])) };
}

/** The gate in front of a person's own key. Whatever a hold on them is about, who they were stays known while it is there. */
export async function personGate(store: Store, user: string): Promise<Gates> {
  const id = gateId({ type: 'person', id: user as UserId });
  const kept = await store.get('gate', id);
  const holds = kept?.body.holds ?? [];
  return { isHeld: holds.length > 0, passed: [gateChange(id, kept, holds)] };
}

/** All of them: a hold that was not looked at would be passed. */
async function formerly(store: Store, owner: string): Promise<string[]> {
  return (await all(store, { kind: 'known-as', index: 'byUser', where: [owner], limit: PAGE })).map(({ id }) => id);
}

/** Writes a gate, unless somebody else has since it was read. */
export function gateChange(id: string, kept: Stored<'gate'> | undefined, holds: Kinds['gate']['holds']): Change {
  return { do: 'put', kind: 'gate', id, version: kept?.version ?? 0, body: { holds } };
}

/** Part of every commit that releases holds. */
export function releasedAt(at: number): Change {
  return { do: 'put', kind: 'released', id: RELEASED, body: { at } };
}

/** Which of all releases was the last one: as long as it is the same, what a hold has kept it keeps. */
export async function lastRelease(store: Store): Promise<number> {
  return (await store.get('released', RELEASED))?.version ?? 0;
}

const RELEASED = 'latest';
