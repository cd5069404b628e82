import type { Conversation, Message, Part } from '../../contracts/conversation.ts';
import { Failure } from '../../contracts/failures.ts';
import type { ConversationId, ModelId, TurnId, UserId } from '../../contracts/ids.ts';
import { comparePositions, NOWHERE, type Position } from '../../contracts/position.ts';
import type { ChatRecord } from '../../contracts/records.ts';
import type { PlacedEvent } from '../../contracts/socket.ts';
import { appendText, type ConversationView, type OpenTurn } from '../../contracts/view.ts';
import type { Bus } from '../bus/bus.ts';
import type { Keys } from '../journal/keys.ts';
import { contentOf, START } from '../journal/journal.ts';
import { commitKnown } from '../journal/known.ts';
import type { Key } from '../journal/seal.ts';
import type { Head } from '../store/kinds.ts';
import { CommitRefused } from '../store/refused.ts';
import type { Store, Stored } from '../store/store.ts';
import { all, walk } from '../store/walk.ts';
import { conversationOf, messageOf, turnOf } from './documents.ts';
import { runsOfDraft, type FoundDraft, type Run } from './draft.ts';
import type { LiveStart } from './live.ts';

export interface Loaded extends LiveStart {
  /** Pieces of drafts whose turn has an outcome: left behind by a crash. */
  readonly leftovers: readonly string[];
  /** Calls for titles that an owner before had made, and of which nothing is known. */
  readonly titles: readonly Stored<'titling'>[];
  /** Of the open turn, when its provider keeps the response. */
  readonly kept?: KeptTurn | undefined;
}

/** A turn that lost its owner while the provider goes on with the response. */
export interface KeptTurn {
  readonly response: string;
  /** Of a site's conversation: which one was asked, whatever answers there by now. */
  readonly model?: ModelId | undefined;
  /** Else it is concluded as it was shown, and the provider forgets the response. */
  readonly mayGoOn: boolean;
  readonly found: FoundDraft;
}

/** How long it may be known already that nobody owns a conversation when it is claimed. */
const VERDICT_MS = 500;
/** A turn that loses its owner more often may be what kills them. */
const MOST_RESUMED = 3;

/** Where a conversation comes from. */
export interface Sources {
  readonly store: Store;
  readonly bus: Bus;
  readonly keys: Keys;
  /** Claims are above it: up to it are those of before the last restore. */
  readonly epochsAfter: number;
}

/**
 * Claims a conversation under the next epoch and gives it as the store, and the bus, then have it. `not-found` for everybody but its owner; one that was never begun is
 * made for `user` with what `begin` says. A turn without an outcome comes with the text that had been shown. `outcome-unknown` when another instance claims it at the same time.
 */
export async function load(sources: Sources, id: ConversationId, user: UserId, begin: { model: ModelId; at: number } | undefined): Promise<Loaded> {
  const { store, bus, keys } = sources;
  const asked = performance.now();
  const stored = await store.get('conversation', id);
  if (stored === undefined) return loadBlank(sources, id, user, begin, asked);
  if (stored.body.owner !== user) throw new Failure('not-found');
  if (stored.body.isErased) throw new Failure('erased');
  const key = await keys.of(id);
  if (key === undefined) throw new Failure('erased');
  const claimed = await claim(sources, id, asked);
  return loadClaimed(sources, stored, key, claimed).catch(async (error: unknown) => {
    await bus.release(id, claimed.epoch).catch(() => undefined); // the next claim is under a higher epoch
    throw error;
  });
}

async function loadClaimed({ store, bus }: Sources, stored: Stored<'conversation'>, key: Key, { head, epoch, log }: Claimed): Promise<Loaded> {
  const id = stored.id as ConversationId;
  // Whoever owned it may have written up to the claim.
  const latest = (bus.isShared ? await store.get('conversation', id) : stored) ?? stored;
  if (latest.body.owner !== stored.body.owner) throw new Failure('not-found');
  const messages = await messagesIn(store, id, key);
  const [drafts, titles] = await Promise.all([all(store, { kind: 'draft', index: 'byConversation', where: [id], limit: 1_000 }), all(store, { kind: 'titling', index: 'byConversation', where: [id], limit: 1_000 })]);
  const { turn, kept } = await openTurn(store, latest, key, drafts, log);
  const view = viewOf(conversationOf(latest, key), messages, turn, head, epoch);
  const leftovers = drafts.filter((piece) => piece.body.turn !== turn?.id).map((piece) => piece.id);
  return { id, owner: stored.body.owner as UserId, view, head, key, eraseAt: latest.body.eraseAt, leftovers, titles, kept };
}

/** All messages of a conversation, with every branch. */
export async function messagesIn(store: Store, id: string, key: Key): Promise<Message[]> {
  return (await all(store, { kind: 'message', index: 'byConversation', where: [id], limit: 1_000 })).map((one) => messageOf(one, key));
}

async function loadBlank(sources: Sources, id: ConversationId, user: UserId, begin: { model: ModelId; at: number } | undefined, asked: number): Promise<Loaded> {
  const { keys } = sources;
  const owner = await keys.ownerOf(id);
  if (begin === undefined || (owner !== undefined && owner !== user)) throw new Failure('not-found');
  const kept = owner === undefined ? undefined : await keys.of(id);
  const made = kept === undefined ? keys.make(id, user) : undefined;
  const { head, epoch } = await claim(sources, id, asked);
  const conversation: Conversation = {
    id, title: '', titledBy: 'nobody', model: begin.model, parameters: {}, createdAt: begin.at, updatedAt: begin.at,
    pinned: false, archived: false, deletedAt: null, choices: {}, queue: [],
  };
  return { id, owner: user, view: viewOf(conversation, [], null, head, epoch), head, key: (kept ?? made?.key) as Key, keyChange: made?.change, eraseAt: null, leftovers: [], titles: [] };
}

interface Claimed {
  readonly head: Head | null;
  readonly epoch: number;
  /** What the bus still had of the epochs before. */
  readonly log: readonly PlacedEvent[];
}

/**
 * First the store, by a conditional write of the head, so that no commit of an earlier owner is accepted any more; then the bus, so that nothing it says is; only then
 * its log is read. Where there is one instance only, the first commit moves the head: nobody else can.
 */
async function claim({ store, bus, epochsAfter }: Sources, id: ConversationId, asked: number): Promise<Claimed> {
  const from = (await store.get('head', id))?.body ?? null;
  // What was found out of its owner before the store was slow to answer may be true no longer.
  if (bus.isShared && performance.now() - asked > VERDICT_MS && (await bus.owners([id]))[0] !== undefined) throw new Failure('outcome-unknown');
  const epoch = Math.max(from?.epoch ?? 0, epochsAfter) + 1;
  const head: Head | null = bus.isShared ? { ...(from ?? START), epoch, seq: 0 } : from;
  try {
    if (bus.isShared && head !== null) await commitKnown(store, [], { chain: id, from, to: head });
  } catch (error) {
    throw error instanceof CommitRefused && error.reason === 'stale' ? new Failure('outcome-unknown', { cause: error }) : error;
  }
  const log = await bus.claim(id, epoch);
  if (log === 'stale') throw new Failure('outcome-unknown');
  return { head, epoch, log };
}

function viewOf(conversation: Conversation, messages: readonly Message[], turn: OpenTurn | null, head: Head | null, epoch: number): ConversationView {
  return { conversation, messages, turn, isErased: false, position: { epoch, seq: 0 }, lastMessage: { epoch: epoch - 1, seq: head?.seq ?? 0 } };
}

async function openTurn(store: Store, { id, body }: Stored<'conversation'>, key: Key, drafts: readonly Stored<'draft'>[], log: readonly PlacedEvent[]): Promise<{ turn: OpenTurn | null; kept?: KeptTurn | undefined }> {
  const [turn] = (await store.find({ kind: 'turn', index: 'byConversation', where: [id, 'open'], limit: 1 })).items;
  if (turn === undefined) return { turn: null };
  const pieces = drafts.filter((piece) => piece.body.turn === turn.id);
  const saved = pieces.map(({ body: { epoch, seq } }): Position => ({ epoch, seq })).reduce((last, place) => (comparePositions(place, last) > 0 ? place : last), NOWHERE);
  const said = await lastCall(store, id, turn.id, key);
  const mayGoOn = body.deletedAt === null && said.resumed < MOST_RESUMED;
  const unsaved = log.length === 0 ? [] : shownSince(saved, said.epoch, log);
  const runs = [...runsOfDraft(pieces, key), ...unsaved];
  const parts = runs.reduce<Part[]>((grown, [type, text]) => appendText(grown, type, text), []);
  const kept = said.response === undefined ? undefined : { response: said.response, model: said.model, mayGoOn, found: { ids: pieces.map((piece) => piece.id), runs } };
  return { turn: { id: turn.id as TurnId, reply: { ...turnOf(turn, key).reply, parts }, phase: kept?.mayGoOn === true ? 'streaming' : 'closing' }, kept };
}

/**
 * What the log alone has of the open turn: its text after the last piece in the store, and never that of an earlier turn. A turn whose owner died before it was announced has no start
 * there, nor has one whose log began anew; what came under an epoch before it was begun is not its own.
 */
function shownSince(saved: Position, begunUnder: number, log: readonly PlacedEvent[]): Run[] {
  const begun = log.findLastIndex(([, , { type }]) => type === 'turn-start' || type === 'turn-end');
  return log.slice(begun + 1).flatMap(([epoch, seq, event]): Run[] => {
    if (epoch < begunUnder || comparePositions({ epoch, seq }, saved) <= 0) return [];
    if (event.type === 'text-delta') return [['text', event.text]];
    return event.type === 'reasoning-delta' ? [['reasoning', event.text]] : [];
  });
}

/** What is on record of the last call for a turn. */
interface LastCall {
  /** Under which it was begun; 0 without one. */
  readonly epoch: number;
  readonly response?: string;
  readonly model?: ModelId | undefined;
  readonly resumed: number;
}

/** Between its records there may be those of changes, and of a title that is made for the turn before. */
async function lastCall(store: Store, id: string, turn: string, key: Key): Promise<LastCall> {
  let response: string | undefined;
  let resumed = 0;
  for await (const { body } of walk(store, { kind: 'record', index: 'byChain', where: [id], order: 'down', limit: 10 })) {
    if (!CALLS.includes(body.type)) continue;
    const { said } = contentOf(body, key);
    if (!('turn' in said) || said.turn !== turn) continue;
    if (said.type === 'turn-resumed') resumed += 1;
    if (said.type === 'turn-accepted') response ??= said.response;
    if (said.type === 'turn-begun') return { epoch: body.epoch, resumed, model: said.stands?.model, ...(response !== undefined && { response }) };
  }
  return { epoch: 0, resumed };
}

const CALLS: readonly string[] = ['turn-begun', 'turn-accepted', 'turn-resumed'] satisfies ChatRecord['type'][];
