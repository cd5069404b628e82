import { startChild } from '../child.ts';
import { compare, medianOf, quantileOf, state, type Found } from '../figures.ts';
import type { Run } from '../run.ts';
import type { Script } from '../script.ts';

/** Milliseconds, of the first turn of each conversation and of the others. */
export interface Times {
  readonly first: number[];
  readonly later: number[];
}

export const SCRIPT: Script = { tokens: 20, firstMs: 5, everyMs: 20, size: 6, staysOpen: false };

export const LANES = 10;

/** How much later the first token is on a screen than when the provider is called directly: the product with all its records, and a relay without any. */
export async function firstToken({ isQuick, repeats, say }: Run): Promise<Found> {
  await using provider = await startChild('./servers/fake-provider.ts');
  await using relay = await startChild('./servers/relay.ts');
  await using product = await startChild('./servers/product.ts');
  await using clients = await startChild('./clients/first-token.ts');
  const endpoint = await provider.ask<string>('start');
  const urls = { direct: `${endpoint}/chat/completions`, relay: await relay.ask<string>('start', endpoint), product: await product.ask<string>('start', { provider: endpoint }) };
  await clients.ask('signUp', { url: urls.product, count: LANES });
  const size = { lanes: LANES, conversations: isQuick ? 1 : 3, turns: isQuick ? 8 : 12, script: SCRIPT };
  const ways = ['direct', 'relay', 'product'] as const;
  for (const way of ways) await clients.ask(way, { url: urls[way], ...size, conversations: 1, turns: 4 });
  const samples: Record<(typeof ways)[number], Times>[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const times: Partial<Record<(typeof ways)[number], Times>> = {};
    for (const way of rotated(ways, repeat)) {
      times[way] = await clients.ask<Times>(way, { url: urls[way], ...size });
      say(`repeat ${repeat + 1}/${repeats}, ${way}: median ${medianOf(times[way].later).toFixed(1)} ms`);
    }
    samples.push(times as Record<(typeof ways)[number], Times>);
  }
  const base = samples.map(({ direct }) => medianOf([...direct.first, ...direct.later]));
  const added = (of: (sample: (typeof samples)[number]) => number[], measure = medianOf): number[] => samples.map((sample, repeat) => measure(of(sample)) - (base[repeat] as number));
  const relayed = added(({ relay: { first, later } }) => [...first, ...later]);
  return {
    name: 'first token',
    setting: `${LANES} conversations at a time, ${size.conversations} × ${size.turns} turns each, ${SCRIPT.tokens} tokens every ${SCRIPT.everyMs} ms, the provider's first after ${SCRIPT.firstMs} ms`,
    rows: [
      compare('added, later turns, median', 'ms', added(({ product: { later } }) => later), relayed, { atMost: 0.6 }),
      compare('added, first turns, median', 'ms', added(({ product: { first } }) => first), relayed),
      compare('added, later turns, 95 of 100', 'ms', added(({ product: { later } }) => later, (all) => quantileOf(all, 0.95)), added(({ relay: { first, later } }) => [...first, ...later], (all) => quantileOf(all, 0.95))),
      state('directly at the provider, median', 'ms', base),
    ],
    samples,
  };
}

/** The same in an order that is another one in each repeat. */
export function rotated<T>(all: readonly T[], by: number): T[] {
  return all.map((_, index) => all[(index + by) % all.length] as T);
}
