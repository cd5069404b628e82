import type { Message } from '../../contracts/conversation.ts';
import type { SiteId } from '../../contracts/ids.ts';
import type { SiteDay } from '../../contracts/sites.ts';
import { contentOf } from '../journal/journal.ts';
import type { Keys } from '../journal/keys.ts';
import type { Key } from '../journal/seal.ts';
import type { Store, Stored } from '../store/store.ts';
import { all, walk } from '../store/walk.ts';
import { conversationOf } from './documents.ts';
import { messagesIn } from './loading.ts';

/** Conversations that are counted; beyond these the older ones are left out, and it is said. */
const MOST_CONVERSATIONS = 5_000;
const PAGE = 200;
const DAY_MS = 24 * 3_600_000;

/** What came of a site's chat, day by day (UTC), the first day first. What was deleted or erased is not in it. */
export type SiteNumbers = (site: SiteId, days: number, now: number) => Promise<{ days: SiteDay[]; isWhole: boolean; currency: string | null }>;

/** Numbers of sites, counted anew from their conversations whenever they are asked for. With a currency, what stands on record as cost in it is summed, too. */
export function openSiteNumbers(store: Store, keys: Keys, currency: string | undefined): SiteNumbers {
  const closed = (counted: readonly Counted[], isWhole: boolean) => ({ days: counted.map((day) => closedDay(day, currency !== undefined)), isWhole, currency: currency ?? null });
  return async (site, days, now) => {
    const first = Math.floor(now / DAY_MS) - days + 1;
    const counted = Array.from({ length: days }, (_, place) => newDay(first + place));
    const dayOf = (at: number): Counted | undefined => counted[Math.floor(at / DAY_MS) - first];
    let left = MOST_CONVERSATIONS;
    for await (const stored of walk(store, { kind: 'conversation', index: 'bySite', where: [site], from: first * DAY_MS, order: 'down', limit: PAGE })) {
      if (left-- === 0) return closed(counted, false);
      await count(stored, { store, keys, currency }, dayOf);
    }
    return closed(counted, true);
  };
}

type Counted = SiteDay & { cost: number; readonly first: number[]; readonly took: number[] };

async function count(stored: Stored<'conversation'>, { store, keys, currency }: { store: Store; keys: Keys; currency: string | undefined }, dayOf: (at: number) => Counted | undefined): Promise<void> {
  if (stored.body.isErased || stored.body.deletedAt !== null) return;
  const key = await keys.of(stored.id);
  if (key === undefined) return;
  const conversation = conversationOf(stored, key);
  const messages = await messagesIn(store, stored.id, key);
  const begun = dayOf(conversation.createdAt);
  if (begun !== undefined) {
    begun.conversations += 1;
    if (messages.some(({ by }) => by !== undefined)) begun.handedOver += 1;
    else if ((conversation.handoff ?? null) === null && messages.some(({ author, outcome }) => author === 'model' && outcome?.kind === 'completed')) begun.settled += 1;
  }
  for (const message of messages) countMessage(message, conversation.ratings?.[message.id], dayOf(message.at));
  if (currency !== undefined) await countCost(store, stored.id, { key, currency }, dayOf);
}

/** It stands in the records alone: messages are shown to visitors. */
async function countCost(store: Store, chain: string, { key, currency }: { key: Key; currency: string }, dayOf: (at: number) => Counted | undefined): Promise<void> {
  for (const { body } of await all(store, { kind: 'record', index: 'byChain', where: [chain], limit: 1_000 })) {
    const day = body.type === 'turn-ended' ? dayOf(body.at) : undefined;
    if (day === undefined) continue;
    const { said } = contentOf(body, key);
    if (said.type === 'turn-ended' && said.cost?.currency === currency) day.cost += said.cost.amount;
  }
}

function countMessage({ author, by, outcome, firstMs, tookMs, usage }: Message, rating: 'good' | 'bad' | undefined, day: Counted | undefined): void {
  if (day === undefined) return;
  if (author === 'person') day.asked += 1;
  else if (by !== undefined) day.byPeople += 1;
  else {
    if (outcome?.kind === 'completed') day.answered += 1;
    else day.unfinished += 1;
    if (firstMs !== undefined) day.first.push(firstMs);
    if (tookMs !== undefined) day.took.push(tookMs);
    day.inputTokens += usage?.inputTokens ?? 0;
    day.outputTokens += usage?.outputTokens ?? 0;
  }
  if (rating === 'good') day.good += 1;
  if (rating === 'bad') day.bad += 1;
}

function newDay(day: number): Counted {
  return { day: new Date(day * DAY_MS).toISOString().slice(0, 10), conversations: 0, handedOver: 0, settled: 0, asked: 0, answered: 0, unfinished: 0, byPeople: 0, good: 0, bad: 0, inputTokens: 0, outputTokens: 0, firstMs: null, tookMs: null, cost: 0, first: [], took: [] };
}

function closedDay({ first, took, cost, ...day }: Counted, hasCost: boolean): SiteDay {
  return { ...day, firstMs: medianOf(first), tookMs: medianOf(took), ...(hasCost && { cost }) };
}

function medianOf(values: readonly number[]): number | null {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? null;
}
