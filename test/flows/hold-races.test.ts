import { expect, it, vi } from 'vitest';
import type { Case, HoldScope } from '../../contracts/cases.ts';
import type { CommandId, ConversationId } from '../../contracts/ids.ts';
import { newId } from '../../server/ids.ts';
import type { Store } from '../../server/store/store.ts';
import { newDeployment, newPlace } from '../support/deployment.ts';
import { withStore } from '../support/kept-store.ts';
import { random, type Dice } from '../support/random.ts';
import { ask, give, hold, openCase, release } from '../support/reviewer.ts';
import { newAccount, Tab, type Account } from '../support/tab.ts';
import { calm, erase } from '../support/talking.ts';

const SEED = Number(process.env['FUZZ_SEED'] ?? 1);
/** What is held in each round: one conversation after the other, of which chance says which are held before anything is deleted, or everybody at once, before that or beside it. */
const ROUNDS = ['conversations', 'conversations', 'conversations', 'everybody before', 'everybody beside'] as const;
const AT_ONCE = 5;

/** How much of a conversation is there. */
async function partsOf(store: Store, conversation: ConversationId): Promise<{ messages: number; turns: number; hasKey: boolean }> {
  const [messages, turns, key] = await Promise.all([
    store.find({ kind: 'message', index: 'byConversation', where: [conversation], limit: 10 }), store.find({ kind: 'turn', index: 'byConversation', where: [conversation, 'concluded'], limit: 10 }), store.get('key', conversation),
  ]);
  return { messages: messages.items.length, turns: turns.items.length, hasKey: key !== undefined };
}

const WHOLE = { messages: 2, turns: 1, hasKey: true };
const ERASED = { messages: 0, turns: 0, hasKey: false };

interface People {
  readonly admin: Account;
  readonly mara: Account;
  readonly reviewer: Account;
  /** The case of the reviewer. */
  readonly opened: Case;
}

interface Scope {
  readonly of: HoldScope['of'];
  /** What of the round is in it. */
  readonly ids: readonly ConversationId[];
}

async function begun(mara: Account): Promise<ConversationId> {
  await using tab = await new Tab(mara).ready();
  const conversation = await tab.begin('Hello');
  await tab.until(calm(tab));
  return conversation;
}

/** What somebody deletes at the moment at which a reviewer holds it, or everybody, and the product is killed as soon as any of it was answered. Resolves with those whose hold was answered before they were deleted. */
async function race({ mara, reviewer, opened }: People, kill: () => Promise<void>, ids: readonly ConversationId[], { dice, round }: { dice: Dice; round: (typeof ROUNDS)[number] }): Promise<readonly ConversationId[]> {
  await using tab = await new Tab(mara).ready();
  const each: readonly Scope[] = round === 'conversations' ? ids.map((id) => ({ of: { type: 'conversation', id }, ids: [id] })) : [{ of: { type: 'everybody' }, ids }];
  const isFirst = each.map(() => (round === 'conversations' ? dice.below(3) === 0 : round === 'everybody before'));
  const early = each.filter((_, index) => isFirst[index]);
  const holdOne = (scope: Scope) => hold(reviewer, opened, scope.of, { from: 0 });
  for (const scope of early) await holdOne(scope);
  const deletes = ids.map((conversation) => tab.ask({ type: 'conversation.delete', commandId: newId<CommandId>(), conversation }));
  const holds = each.filter((_, index) => !isFirst[index]).map(holdOne);
  await Promise.race([...deletes, ...holds]);
  await kill();
  await Promise.allSettled(holds);
  return early.flatMap((scope) => scope.ids);
}

/** Deletes what was not deleted before the kill. Once all that is due was looked at, a reviewer still reads what was held. */
async function readHeld({ admin, mara, reviewer, opened }: People, ids: readonly ConversationId[], held: readonly ConversationId[]): Promise<void> {
  await using tab = await new Tab(mara).ready();
  for (const conversation of ids) await tab.ask({ type: 'conversation.delete', commandId: newId<CommandId>(), conversation });
  await using last = await new Tab(admin).ready();
  await last.begin('Hello');
  await last.until(calm(last));
  await erase(last);
  for (const conversation of held) expect((await ask<{ messages: unknown[] }>(reviewer, 'readForCase', {}, { case: opened.id, reason: 'Named in the letter', conversation, at: null })).messages).toHaveLength(WHOLE.messages);
}

/** So that what everybody is held for in one round decides nothing in the next. */
async function releaseEverybody({ reviewer, opened }: People): Promise<void> {
  const { cases } = await ask<{ cases: Case[] }>(reviewer, 'cases');
  for (const { id, scope } of cases.find((one) => one.id === opened.id)!.holds) if (scope.of.type === 'everybody') await release(reviewer, opened, id);
}

it(`[RE7] [RE27] whoever deletes, holds and kills at once: nothing that was held is lost, nothing is erased by half, and all of it is erased once nothing holds it (FUZZ_SEED=${SEED})`, async () => {
  const dice = random(SEED);
  await using deployment = await newDeployment();
  await using place = await newPlace();
  await deployment.start(place);
  const admin = await newAccount(deployment.url, 'admin@example.org');
  const reviewer = await newAccount(deployment.url, 'reviewer@example.org');
  const mara = await newAccount(deployment.url, 'mara@example.org');
  await give(admin, reviewer, 'reviewer');
  const opened = await openCase(reviewer);
  const people = { admin, mara, reviewer, opened };
  const all: ConversationId[] = [];
  for (const round of ROUNDS) {
    await releaseEverybody(people);
    const ids = await Promise.all(Array.from({ length: AT_ONCE }, () => begun(mara)));
    all.push(...ids);
    const held = await race(people, () => deployment.kill(), ids, { dice, round });
    await withStore(place, async (store) => {
      for (const id of ids) expect([WHOLE, ERASED]).toContainEqual(await partsOf(store, id));
      for (const id of held) expect(await partsOf(store, id)).toEqual(WHOLE);
    });
    await deployment.start(place);
    await readHeld(people, ids, held);
  }
  await using tab = await new Tab(mara).ready();
  for (const conversation of all) await tab.ask({ type: 'conversation.delete', commandId: newId<CommandId>(), conversation }); // what was not deleted before it was killed
  await ask(reviewer, 'closeCase', { case: opened.id }, { reason: 'Settled' });
  const erased = async (): Promise<number> => (await ask<{ disposed: { conversation: ConversationId }[] }>(admin, 'retention')).disposed.filter(({ conversation }) => all.includes(conversation)).length;
  await vi.waitUntil(async () => (await erased()) === all.length, { timeout: 30_000, interval: 200 });
  await deployment.end();
  await withStore(place, async (store) => {
    for (const id of all) expect(await partsOf(store, id)).toEqual(ERASED);
  });
});
