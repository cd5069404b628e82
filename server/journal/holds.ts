import { hash } from 'node:crypto';
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

/** The holds on everybody, as one list. Nothing that erases writes it, so that it is never refused for an erasure, however many of them there are. */
const EVERYBODY = 'everybody';
/** The same list stands at so many gates, of which an erasure passes one: were there one alone, all erasures of a deployment would be refused for each other. */
const EVERYBODYS_GATES = 16;

/**
 * Where the holds of a scope are: of an anonymous visitor of whom it is known by now who they are, with that user. Reads the gate before it reads whether they are known, for to know somebody writes both:
 * of that and a hold at the same moment one is refused as `conflict`.
 */
export async function gateOf(store: Store, of: HoldScope['of']): Promise<Gate> {
  const own = await gateAt(store, idOf(of));
  const known = of.type === 'person' ? await store.get('known-as', of.id) : undefined;
  return known === undefined ? own : gateAt(store, personal(known.body.user));
}

function idOf(of: HoldScope['of']): string {
  return of.type === 'everybody' ? EVERYBODY : `${of.type}:${of.id}`;
}

function personal(user: string): string {
  return idOf({ type: 'person', id: user as UserId });
}

/** The one of everybody's gates that a conversation, or a person, has to pass: always the same. */
function everybodysGate(id: string): string {
  return `${EVERYBODY}:${hash('sha256', id, 'buffer').readUInt8() % EVERYBODYS_GATES}`;
}

async function gateAt(store: Store, id: string): Promise<Gate> {
  return { id, kept: await store.get('gate', id) };
}

/**
 * Reads the gates in front of something: its own, its owner's, that of whom the owner is known as, its site's, and one of everybody's. A hold and an erasure write the same documents, so whichever commits first wins and the
 * other one is refused: only reading them here would let both through.
 */
export async function gatesBefore(store: Store, { conversation, owner, site, from, to }: Erasable): Promise<Gates> {
  const its = idOf({ type: 'conversation', id: conversation as ConversationId });
  const ids = [its, personal(owner), everybodysGate(conversation), ...(site === undefined ? [] : [idOf({ type: 'site', id: site as SiteId })])];
  const before = await Promise.all(ids.map((id) => gateAt(store, id)));
  const known = site === undefined ? undefined : await store.get('known-as', owner); // after the owner's gate, as in `gateOf`
  const gates = known === undefined ? before : [...before, await gateAt(store, personal(known.body.user))];
  const isHeld = gates.some(({ kept }) => kept?.body.holds.some((hold) => (hold.from ?? from) <= to && (hold.to ?? to) >= from) === true);
  return { isHeld, passed: gates.map((gate) => gateChange(gate, holdsOf(gate))) };
}

/** The gates in front of a person's own key. Whatever a hold on them, or on everybody, is about, who they were stays known while it is there. */
export async function personGate(store: Store, user: string): Promise<Gates> {
  const gates = await Promise.all([personal(user), everybodysGate(user)].map((id) => gateAt(store, id)));
  return { isHeld: gates.some((gate) => holdsOf(gate).length > 0), passed: gates.map((gate) => gateChange(gate, holdsOf(gate))) };
}

/** Part of the commit with which it is known who an anonymous visitor is: what is held of the visitor is held of the user from then on. */
export async function holdsMoved(store: Store, visitor: UserId, user: UserId): Promise<Change[]> {
  const [from, to] = await Promise.all([visitor, user].map((id) => gateAt(store, personal(id)))) as [Gate, Gate];
  const moved = holdsOf(from);
  return [gateChange(from, []), ...(moved.length === 0 ? [] : [gateChange(to, [...holdsOf(to), ...moved])])];
}

function holdsOf({ kept }: Gate): Holds {
  return kept?.body.holds ?? [];
}

/** Writes a gate, unless somebody else has since it was read. */
export function gateChange({ id, kept }: Gate, holds: Holds): Change {
  return { do: 'put', kind: 'gate', id, version: kept?.version ?? 0, body: { holds } };
}

/** Part of every commit that places or releases holds. Those on everybody go to each of everybody's gates, whatever erasures wrote there since they were read: such an erasure came first, and one that reads them later finds these holds. */
export function holdsChanged(gate: Gate, change: (holds: Holds) => Holds): Change[] {
  const holds = change(holdsOf(gate));
  const all = gate.id !== EVERYBODY ? [] : Array.from({ length: EVERYBODYS_GATES }, (_, place): Change => ({ do: 'put', kind: 'gate', id: `${EVERYBODY}:${place}`, body: { holds } }));
  return [gateChange(gate, holds), ...all];
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
