import type { HoldScope } from '../../contracts/cases.ts';
import type { ConversationId, SiteId, UserId } from '../../contracts/ids.ts';
import type { Kinds } from '../store/kinds.ts';
import type { Change, Store, Stored } from '../store/store.ts';

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

/** A gate as it was read. */
export interface Gate {
  readonly id: string;
  readonly kept: Stored<'gate'> | undefined;
}

type Holds = Kinds['gate']['holds'];

/**
 * Where the holds of a scope are: of an anonymous visitor of whom it is known by now who they are, with that user. Reads the gate before it reads whether they are known, for to know somebody writes both:
 * of that and a hold at the same moment one is refused as `conflict`.
 */
export async function gateOf(store: Store, of: HoldScope['of']): Promise<Gate> {
  const own = await gateAt(store, of);
  const known = of.type === 'person' ? await store.get('known-as', of.id) : undefined;
  return known === undefined ? own : gateAt(store, { type: 'person', id: known.body.user as UserId });
}

async function gateAt(store: Store, { type, id }: HoldScope['of']): Promise<Gate> {
  const gate = `${type}:${id}`;
  return { id: gate, kept: await store.get('gate', gate) };
}

/**
 * Reads the gates in front of something: its own, its owner's, that of whom the owner is known as, and its site's. A hold and an erasure write the same documents, so whichever commits first wins and the
 * other one is refused: only reading them here would let both through.
 */
export async function gatesBefore(store: Store, { conversation, owner, site, from, to }: Erasable): Promise<Gates> {
  const scopes: HoldScope['of'][] = [{ type: 'conversation', id: conversation as ConversationId }, { type: 'person', id: owner as UserId }, ...(site === undefined ? [] : [{ type: 'site', id: site as SiteId } as const])];
  const before = await Promise.all(scopes.map((scope) => gateAt(store, scope)));
  const known = site === undefined ? undefined : await store.get('known-as', owner); // after the owner's gate, as in `gateOf`
  const gates = known === undefined ? before : [...before, await gateAt(store, { type: 'person', id: known.body.user as UserId })];
  const isHeld = gates.some(({ kept }) => kept?.body.holds.some((hold) => (hold.from ?? from) <= to && (hold.to ?? to) >= from) === true);
  return { isHeld, passed: gates.map((gate) => gateChange(gate, holdsOf(gate))) };
}

/** The gate in front of a person's own key. Whatever a hold on them is about, who they were stays known while it is there. */
export async function personGate(store: Store, user: string): Promise<Gates> {
  const gate = await gateAt(store, { type: 'person', id: user as UserId });
  const holds = holdsOf(gate);
  return { isHeld: holds.length > 0, passed: [gateChange(gate, holds)] };
}

/** Part of the commit with which it is known who an anonymous visitor is: what is held of the visitor is held of the user from then on. */
export async function holdsMoved(store: Store, visitor: UserId, user: UserId): Promise<Change[]> {
  const [from, to] = await Promise.all([visitor, user].map((id) => gateAt(store, { type: 'person', id }))) as [Gate, Gate];
  const moved = holdsOf(from);
  return [gateChange(from, []), ...(moved.length === 0 ? [] : [gateChange(to, [...holdsOf(to), ...moved])])];
}

export function holdsOf({ kept }: Gate): Holds {
  return kept?.body.holds ?? [];
}

/** Writes a gate, unless somebody else has since it was read. */
export function gateChange({ id, kept }: Gate, holds: Holds): Change {
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
