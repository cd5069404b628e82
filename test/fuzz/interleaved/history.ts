import { personKey } from '../../../server/journal/keys.ts';
import type { ConversationId, SiteId, UserId } from '../../../contracts/ids.ts';
import type { Case, HoldScope } from '../../../contracts/cases.ts';
import { newId } from '../../../server/ids.ts';
import type { Kinds } from '../../../server/store/kinds.ts';
import { erases } from '../../../server/store/kinds.ts';
import type { Store } from '../../../server/store/store.ts';
import { all } from '../../../server/store/walk.ts';
import { random, type Dice } from '../../support/random.ts';
import type { Choose, Taken } from './schedule.ts';
import { LATER_MS, RESTORE_MS, type World } from './world.ts';

export const PARTIES = ['hold', 'hold of an earlier time', 'release', 'delete', 'restore', 'erase', 'expire', 'remove', 'unsent', 'send', 'know'] as const;
type Party = (typeof PARTIES)[number];
type Holds = Kinds['gate']['holds'];
/** Where every hold on everybody stands, whichever gates an erasure passes. */
const EVERYBODY = 'everybody';

/** Where a history begins: a conversation, one that was just deleted, one that is due to be erased, or a file that nobody sent (of a visitor where it gets known who that is). `of` is what the hold is about, `isHeld`: another hold of that kind is there. */
export interface Plan {
  readonly start: 'live' | 'deleted' | 'due' | 'unsent';
  readonly of: HoldScope['of']['type'];
  readonly isHeld: boolean;
  readonly parties: readonly Party[];
}

interface Subject {
  readonly owner: UserId;
  /** Whom the owner gets to be known as. */
  readonly user: UserId;
  readonly site: SiteId | undefined;
  readonly conversation: ConversationId;
  readonly begunAt: number;
  readonly opened: Case;
  readonly earlier: string | undefined;
  readonly scope: HoldScope['of'];
  readonly contents: readonly string[];
}

/** What is wrong after a history, in words; nothing when all is as promised. */
export async function runHistory(world: World, plan: Plan, choose: Choose): Promise<string[]> {
  const subject = await begin(world, plan);
  const before = await gatesOf(world.store, subject);
  const outcomes = await world.schedule.run(plan.parties.map((party) => () => doOf(world, subject, party)), choose);
  const found = [
    ...outcomes.flatMap((outcome, index) => (outcome.status === 'rejected' ? [`${plan.parties[index]} failed: ${String(outcome.reason)}`] : [])),
    ...erasedWhileHeld(world.schedule.taken, before, subject),
    ...(await halves(world.store, subject)),
  ];
  await finish(world, subject);
  const left = await leftOf(world.store, subject);
  return [...found, ...left, ...(left.length === 0 ? [] : world.failed.splice(0).map((error) => `told to the operator: ${wordsOf(error)}`))];
}

async function begin(world: World, { start, of, isHeld, parties }: Plan): Promise<Subject> {
  world.clock.at += LATER_MS;
  const owner = await world.newPerson();
  const site = of === 'site' || parties.includes('know') ? await world.newSite() : undefined;
  const begunAt = world.clock.at;
  const conversation = start === 'unsent' ? await world.addFile(owner, site) : await world.begin(owner);
  const scope = { conversation: { type: of, id: conversation }, person: { type: of, id: owner }, site: { type: of, id: site }, everybody: { type: of } }[of] as HoldScope['of'];
  const opened = await world.openCase();
  const earlier = isHeld ? await world.hold(opened, scope) : undefined;
  if (start === 'deleted' || start === 'due') await world.ask(owner, conversation, 'delete');
  world.clock.at += start === 'due' ? RESTORE_MS : start === 'unsent' ? LATER_MS : 1;
  return { owner, user: newId<UserId>(), site, conversation, begunAt, opened, earlier, scope, contents: await contentsOf(world.store, conversation) };
}

async function doOf(world: World, { owner, user, site, conversation, begunAt, opened, earlier, scope }: Subject, party: Party): Promise<unknown> {
  switch (party) {
    case 'hold':
      return world.hold(opened, scope);
    case 'hold of an earlier time':
      return world.hold(opened, scope, { to: begunAt - 1 });
    case 'release':
      return world.release(opened, earlier ?? '');
    case 'delete':
    case 'restore':
    case 'send':
      return world.ask(owner, conversation, party);
    case 'erase':
      world.clock.at += RESTORE_MS;
      return world.erase();
    case 'expire':
      world.clock.at += LATER_MS;
      await world.expire();
      world.clock.at += RESTORE_MS;
      return world.erase();
    case 'remove':
      await world.removePerson(owner);
      await world.goOn();
      world.clock.at += RESTORE_MS;
      await world.erase();
      return world.goOn();
    case 'unsent':
      return world.removeUnsent();
    case 'know':
      return world.know(site as SiteId, owner, user);
  }
}

async function gatesOf(store: Store, { conversation, owner, user, site }: Subject): Promise<Map<string, Holds>> {
  const ids = [`conversation:${conversation}`, `person:${owner}`, `person:${user}`, `site:${site}`, EVERYBODY];
  const kept = await Promise.all(ids.map(async (id) => [id, (await store.get('gate', id))?.body.holds ?? []] as const));
  return new Map(kept);
}

/** Whatever the product has read: what was committed is gone through in its order, and no erasure may come while a hold is there. */
function erasedWhileHeld(taken: readonly Taken[], before: ReadonlyMap<string, Holds>, { conversation, owner, begunAt }: Subject): string[] {
  const gates = new Map(before);
  const found: string[] = [];
  for (const { at, changes } of taken) {
    const isHeld = [...gates.values()].flat().some(({ to }) => to === null || to >= begunAt);
    const isPersonHeld = [`person:${owner}`, EVERYBODY].some((id) => (gates.get(id) ?? []).length > 0);
    for (const change of changes) {
      if (change.do === 'words' || !erases(change)) continue;
      if (change.kind === 'key' && change.id === personKey(owner) ? isPersonHeld : (change.kind !== 'key' || change.id === conversation) && isHeld) found.push(`${change.kind} ${change.id} was erased at ${at} while it was held`);
    }
    for (const change of changes) if (change.kind === 'gate' && change.do === 'put' && gates.has(change.id)) gates.set(change.id, change.body.holds);
  }
  return found;
}

async function contentsOf(store: Store, conversation: string): Promise<string[]> {
  const found = await Promise.all([
    all(store, { kind: 'message', index: 'byConversation', where: [conversation], limit: 100 }), all(store, { kind: 'file', index: 'byConversation', where: [conversation], limit: 100 }),
    all(store, { kind: 'turn', index: 'byConversation', where: [conversation, 'concluded'], limit: 100 }),
  ]);
  return found.flatMap((ones, index) => ones.map(({ id }) => `${['message', 'file', 'turn'][index]} ${id}`));
}

/** With its key a conversation is whole; without it nothing of it is there. A file that nobody sent goes alone where a message has come meanwhile. */
async function halves(store: Store, { conversation, owner, contents }: Subject): Promise<string[]> {
  const [there, key, stored, person] = await Promise.all([contentsOf(store, conversation), store.get('key', conversation), store.get('conversation', conversation), store.get('key', personKey(owner))]);
  const missing = contents.filter((one) => !there.includes(one) && !(one.startsWith('file') && stored !== undefined));
  return [
    ...(key === undefined && there.length > 0 ? [`${there.join(', ')} is there without a key`] : []),
    ...(key !== undefined && missing.length > 0 ? [`${missing.join(', ')} is gone, and the key is there`] : []),
    ...(person === undefined && key !== undefined ? ['a person is erased before what they wrote'] : []),
  ];
}

/** Nothing holds it any more, and everything that is due is done. */
async function finish(world: World, { owner, conversation, opened }: Subject): Promise<void> {
  await world.close(opened);
  await world.ask(owner, conversation, 'delete');
  while ((await world.store.find({ kind: 'turn', index: 'byConversation', where: [conversation, 'open'], limit: 1 })).items.length > 0); // its reply ends by itself
  for (let round = 0; round < 2; round++) {
    world.clock.at += LATER_MS;
    await world.removeUnsent();
    await world.erase();
    await world.goOn();
  }
}

async function leftOf(store: Store, { conversation, owner }: Subject): Promise<string[]> {
  const [left, key, stored, user, person] = await Promise.all([contentsOf(store, conversation), store.get('key', conversation), store.get('conversation', conversation), store.get('user', owner), store.get('key', personKey(owner))]);
  return [
    ...left.map((one) => `${one} is left though nothing holds it`), ...(key === undefined ? [] : ['its key is left though nothing holds it']),
    ...(stored?.body.isErased === true ? [] : ['it is not erased though nothing holds it']), ...((user === undefined) === (person === undefined) ? [] : ['a person is half erased']),
  ];
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? `${error.message}${error.cause === undefined ? '' : `, ${wordsOf(error.cause)}`}` : String(error);
}

/** Three who do what a seed says, in an order that it says, too. */
export function planOf(seed: number): { readonly plan: Plan; readonly dice: Dice } {
  const dice = random(seed);
  const start = dice.pick(['live', 'deleted', 'due', 'due', 'unsent'] as const);
  const of = start === 'unsent' ? dice.pick(['conversation', 'person', 'site', 'everybody'] as const) : dice.pick(['conversation', 'person', 'everybody'] as const);
  const isHeld = dice.below(3) === 0;
  const others = start === 'unsent' ? (['unsent', 'unsent', 'send', 'hold', 'remove', 'know', 'know'] as const) : (['hold', 'hold of an earlier time', 'delete', 'restore', 'erase', 'expire', 'remove'] as const);
  const first: Party = isHeld ? 'release' : 'hold';
  const second: Party = start === 'unsent' ? 'unsent' : dice.pick(['erase', 'erase', 'expire', 'remove'] as const);
  const third: Party = dice.pick(others);
  const isTwice = third === 'remove' && second === 'remove';
  return { plan: { start, of, isHeld, parties: [first, second, isTwice ? 'hold' : third] }, dice };
}
