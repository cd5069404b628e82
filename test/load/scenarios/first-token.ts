import { startChild } from '../child.ts';
import { compare, medianOf, quantileOf, state, type Found, type Row } from '../figures.ts';
import type { Run } from '../run.ts';
import type { Script } from '../script.ts';

interface Times {
  readonly first: number[];
  readonly later: number[];
}

const SCRIPT: Script = { tokens: 20, firstMs: 5, everyMs: 20, size: 6, staysOpen: false };

const LANES = 10;

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

const BUILDS = ['sealed', 'unsealed'] as const;
type Build = (typeof BUILDS)[number];

/** The time to the first token with the signed log and its archive, beside the same build that keeps its records but neither seals nor copies them. */
export async function firstTokenSealed({ isQuick, repeats, say }: Run): Promise<Found> {
  await using stack = new AsyncDisposableStack();
  const provider = stack.use(await startChild('./servers/fake-provider.ts'));
  const clients = stack.use(await startChild('./clients/first-token.ts'));
  const endpoint = await provider.ask<string>('start');
  const size = { lanes: LANES, conversations: isQuick ? 1 : 3, turns: isQuick ? 8 : 12, script: SCRIPT };
  const urls: Partial<Record<Build, string>> = {};
  for (const build of BUILDS) {
    const url = await stack.use(await startChild('./servers/product.ts')).ask<string>('start', { provider: endpoint, isUnsealed: build === 'unsealed' });
    urls[build] = url;
    await clients.ask('signUp', { url, count: LANES });
    await clients.ask('product', { url, ...size, conversations: 1, turns: 4 });
  }
  const samples: Record<Build, Times>[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const times: Partial<Record<Build, Times>> = {};
    for (const build of rotated(BUILDS, repeat)) {
      times[build] = await clients.ask<Times>('product', { url: urls[build], ...size });
      say(`repeat ${repeat + 1}/${repeats}, ${build}: median ${medianOf(times[build].later).toFixed(1)} ms`);
    }
    samples.push(times as Record<Build, Times>);
  }
  const of = (build: Build, figure: (times: Times) => number): number[] => samples.map((sample) => figure(sample[build]));
  const beside = (what: string, figure: (times: Times) => number, target?: Row['target']): Row => compare(what, 'ms', of('sealed', figure), of('unsealed', figure), target);
  return {
    name: 'first token, sealed',
    setting: `${LANES} conversations at a time, ${size.conversations} × ${size.turns} turns each, the provider's first token after ${SCRIPT.firstMs} ms, which is part of these times; both keep every record, the comparator seals and copies none`,
    rows: [
      beside('later turns, median', ({ later }) => medianOf(later), { atMost: 1.15 }),
      beside('later turns, 95 of 100', ({ later }) => quantileOf(later, 0.95)),
      beside('first turns, median', ({ first }) => medianOf(first)),
    ],
    samples,
  };
}

function rotated<T>(all: readonly T[], by: number): T[] {
  return all.map((_, index) => all[(index + by) % all.length] as T);
}
