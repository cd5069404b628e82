import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Subject } from '../../../contracts/cases.ts';
import { PACKAGE_CONVERSATIONS, type ExportScope } from '../../../contracts/exports.ts';
import { Failure } from '../../../contracts/failures.ts';
import type { SiteId, UserId } from '../../../contracts/ids.ts';
import { canonical } from '../../../contracts/proofs/canonical.ts';
import type { Counted, Planned, StatementHead } from '../../../contracts/proofs/statement.ts';
import type { Store, Stored } from '../../store/store.ts';
import { walk } from '../../store/walk.ts';
import { recordId } from '../journal.ts';
import type { SealedLog } from '../sealed-log.ts';
import { signedText, type Signer } from '../signed-note.ts';

const PAGE = 200;
const LOOK_AGAIN_MS = 200;
const SEALED_WITHIN_MS = 10_000;

/** What a statement of completeness is made from. */
export interface PlanWorld {
  readonly store: Store;
  readonly log: SealedLog;
  readonly signers: () => Promise<readonly Signer[]>;
  readonly now: () => number;
}

/** The order that a package is made for. */
export interface Order {
  readonly export: string;
  readonly case: string;
  readonly reason: string;
  readonly scope: ExportScope;
}

/**
 * The statement of completeness, as lines: under which checkpoint, then for each person or site every conversation of the period, in the package or not, and their count, and last a signature over
 * the lines before it. Where conversations were chosen, those are counted who own one of them. Throws `record-unavailable` while what was said a moment ago has no place in the log,
 * and `too-large` beyond what one package may hold.
 */
export async function* statementLines(world: PlanWorld, order: Order): AsyncGenerator<string> {
  const at = world.now();
  await sealedUpTo(world.store, at);
  const checkpoint = await world.log.checkpoint();
  const hash = createHash('sha256');
  let lines = 0;
  const line = (value: StatementHead | Planned | Counted): string => {
    const text = `${canonical(value)}\n`;
    hash.update(text);
    lines += 1;
    return text;
  };
  yield line({ statement: 'gorunchat', v: 1, at, export: order.export, case: order.case, reason: order.reason, scope: order.scope, checkpoint });
  const included = new Set<string>();
  const { countings, from, to, isChosen } = await countingsOf(world.store, order.scope);
  for (const { subject, conversations } of countings) {
    const counted = { conversations: 0, included: 0, records: 0 };
    for await (const stored of conversations()) {
      if (!isWithin(stored.body, from, to)) continue;
      const planned = await plan(world, stored, checkpoint.size, isChosen(stored.id));
      if (planned === undefined) continue;
      counted.conversations += 1;
      counted.records += planned.records;
      if (planned.isIncluded) {
        counted.included += 1;
        included.add(stored.id);
        if (included.size > PACKAGE_CONVERSATIONS) throw tooMany();
      }
      yield line(planned);
    }
    yield line({ subject, from, to, ...counted });
  }
  yield `${canonical({ end: signedText(`gorunchat-statement\n${lines}\n${hash.digest('hex')}\n`, await world.signers()) })}\n`;
}

/** Somebody, or a site, who is counted, with their conversations. */
interface Counting {
  readonly subject: Subject;
  /** Each once. */
  conversations(): AsyncIterable<Stored<'conversation'>>;
}

/** Who is counted, and what of theirs is in the package. */
async function countingsOf(store: Store, scope: ExportScope): Promise<{ countings: readonly Counting[]; from: number | null; to: number | null; isChosen: (id: string) => boolean }> {
  if (scope.type === 'whole') {
    const { of, from, to } = scope;
    return { countings: Array.isArray(of) ? await countingsOfNamed(store, of) : await countingsOfEverybody(store, from, to), from, to, isChosen: () => true };
  }
  const owners = new Set<string>();
  for (const id of scope.conversations) {
    const stored = await store.get('conversation', id);
    if (stored !== undefined) owners.add(stored.body.owner);
  }
  const chosen = new Set<string>(scope.conversations);
  return { countings: await countingsOfNamed(store, [...owners].map((id) => ({ type: 'person', id: id as UserId })), chosen), from: null, to: null, isChosen: (id) => chosen.has(id) };
}

/** Ids of what somebody has. */
interface Theirs {
  readonly subject: Subject;
  readonly ids: Set<string>;
}

/**
 * Those who are named, each with all of theirs, and none passed over: what changes while this looks comes later in the order, and what is archived, or no more, or goes to another of them stands where it may have
 * looked already. So it looks at all of them twice at least, and until nothing new is found. Throws when one of `chosen` has gone to somebody else meanwhile: then who is counted is found out anew.
 */
async function countingsOfNamed(store: Store, subjects: readonly Subject[], chosen: Iterable<string> = []): Promise<readonly Counting[]> {
  const all = subjects.map((subject): Theirs => ({ subject, ids: new Set() }));
  const size = (): number => all.reduce((sum, { ids }) => sum + ids.size, 0);
  for (let looked = 0, before = 0; looked < 2 || before < size(); looked += 1) {
    before = size();
    for (const { subject, ids } of all) for await (const { id } of conversationsOf(store, subject, 'up')) ids.add(id);
  }
  for (const id of chosen) if (!all.some(({ ids }) => ids.has(id)) && (await store.get('conversation', id)) !== undefined) throw goneTo(id);
  return all.map((theirs) => ({ subject: theirs.subject, conversations: () => stillOf(store, theirs, all) }));
}

/** As they are now. One that has gone to another who is counted stands with them. Throws for one that has gone to anybody else. */
async function* stillOf(store: Store, { subject, ids }: Theirs, all: readonly Theirs[]): AsyncGenerator<Stored<'conversation'>> {
  for await (const stored of named(store, ids)) {
    const { owner } = stored.body;
    if (subject.type === 'site' || owner === subject.id) yield stored;
    else if (!all.some((other) => other.subject.type === 'person' && other.subject.id === owner && other.ids.has(stored.id))) throw goneTo(stored.id);
  }
}

function goneTo(id: string): Error {
  return new Error(`The conversation ${id} has gone to somebody else while a statement was made.`);
}

/**
 * Everybody who has an account and every site, with nothing where there is nothing, and whoever else had something in the period: who was removed, and what was a site. Each conversation is counted once, a
 * visitor's with their site. What changes or is erased while this looks comes later in the same order, so it is not passed over.
 */
async function countingsOfEverybody(store: Store, from: number | null, to: number | null): Promise<readonly Counting[]> {
  const theirs = new Map<string, Theirs>();
  const of = (subject: Subject): Set<string> => {
    const name = `${subject.type} ${subject.id}`;
    const known = theirs.get(name) ?? { subject, ids: new Set() };
    theirs.set(name, known);
    return known.ids;
  };
  for await (const { id } of walk(store, { kind: 'user', index: 'byAge', where: [], limit: PAGE })) of({ type: 'person', id: id as UserId });
  for await (const { id } of walk(store, { kind: 'site', index: 'byAge', where: [], limit: PAGE })) of({ type: 'site', id: id as SiteId });
  let count = 0;
  for (const isErased of [false, true]) {
    for await (const { id, body } of walk(store, { kind: 'conversation', index: 'byChange', where: [isErased], ...(from !== null && { from }), order: 'up', limit: PAGE })) {
      if (!isWithin(body, from, to)) continue;
      const ids = of(body.site === undefined ? { type: 'person', id: body.owner as UserId } : { type: 'site', id: body.site as SiteId });
      if (!ids.has(id)) count += 1; // one that was changed meanwhile comes again
      ids.add(id);
      if (count > PACKAGE_CONVERSATIONS) throw tooMany();
    }
  }
  return [...theirs.values()].map(({ subject, ids }) => ({ subject, conversations: () => named(store, ids) }));
}

async function* named(store: Store, ids: ReadonlySet<string>): AsyncGenerator<Stored<'conversation'>> {
  for (const id of ids) {
    const stored = await store.get('conversation', id);
    if (stored !== undefined) yield stored;
  }
}

function tooMany(): Failure {
  return new Failure('too-large', { detail: `One package holds at most ${PACKAGE_CONVERSATIONS} conversations.` });
}

/** Archived, deleted and erased ones, too; in the order of their last change. One that is changed, archived or taken out meanwhile may come twice or not at all. */
export async function* conversationsOf(store: Store, of: Subject, order: 'up' | 'down'): AsyncGenerator<Stored<'conversation'>> {
  const queries = of.type === 'site' ? [{ index: 'bySite', where: [of.id] } as const] : [false, true].map((archived) => ({ index: 'byOwner', where: [of.id, archived] }) as const);
  for (const query of queries) yield* walk(store, { kind: 'conversation', ...query, order, limit: PAGE });
}

/** Whether something happened in it between these moments. */
export function isWithin({ createdAt, updatedAt }: { readonly createdAt: number; readonly updatedAt: number }, from: number | null, to: number | null): boolean {
  return createdAt <= (to ?? createdAt) && updatedAt >= (from ?? updatedAt);
}

/** `undefined` for one that was begun after the checkpoint. */
async function plan({ store }: PlanWorld, { id, body }: Stored<'conversation'>, size: number, isIncluded: boolean): Promise<Planned | undefined> {
  let number = (await store.get('head', id))?.body.number ?? 0;
  while (number > 0 && !(await isSealed(store, id, number, size))) number -= 1; // what came after the checkpoint: a few at most
  const [first, last] = await Promise.all([store.get('record', recordId(id, 1)), store.get('record', recordId(id, number))]);
  if (first === undefined || last === undefined) return undefined;
  const { owner, site = null, createdAt, updatedAt, deletedAt, isErased } = body;
  return { conversation: id, owner, site, createdAt, updatedAt, deletedAt, isErased, records: number, first: first.body.hash, last: last.body.hash, isIncluded };
}

async function isSealed(store: Store, id: string, number: number, size: number): Promise<boolean> {
  const sealed = await store.get('sealed', recordId(id, number));
  return sealed !== undefined && sealed.body.place < size;
}

/** What was on record at this moment has its place within a second or two. */
async function sealedUpTo(store: Store, at: number): Promise<void> {
  for (let waited = 0; ; waited += LOOK_AGAIN_MS) {
    const { items } = await store.find({ kind: 'pending', index: 'byAge', where: [], to: at, limit: 1 });
    if (items.length === 0) return;
    if (waited >= SEALED_WITHIN_MS) throw new Failure('record-unavailable', { detail: 'Records have no place in the log yet.' });
    await wait(LOOK_AGAIN_MS);
  }
}
