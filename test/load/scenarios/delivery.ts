import { setTimeout as sleep } from 'node:timers/promises';
import { startChild, type Child } from '../child.ts';
import { compare, state, type Found } from '../figures.ts';
import type { Run } from '../run.ts';

const WORDS_PER_SECOND = 50;
/** Before the window: every stream has begun, and the compilers have seen the path. */
const WARM_MS = 5_000;
/** More than is said cannot be heard, but for what waited when the window began. */
const MOST_ABOVE = 1.05;

interface Heard {
  readonly tokens: number;
  readonly frames: number;
}
interface Measured {
  readonly tokens: number;
  readonly frames: number;
  readonly coreSeconds: number;
  readonly seconds: number;
  /** Milliseconds after the quickest token of the same stream. */
  readonly late: { readonly median: number; readonly p99: number };
}

/** Tokens on the screens of two tabs each, per second of processor time: ours made durable, numbered and kept for who comes back; the comparator's only sent. */
export async function delivery({ isQuick, repeats, say }: Run): Promise<Found> {
  await using plain = await startChild('./servers/plain-socket.ts');
  await using product = await startChild('./servers/product.ts');
  await using clients = await startChild('./clients/delivery.ts');
  const size = { streams: isQuick ? 60 : 250, tabs: 2 };
  const windowMs = isQuick ? 5_000 : 12_000;
  await clients.ask('openPlain', { url: await plain.ask('start'), ...size });
  await clients.ask('openProduct', { url: await product.ask('start', { wordsPerSecond: WORDS_PER_SECOND }), ...size });
  say(`${size.streams} conversations with ${size.tabs} tabs each are open on both`);
  const streams = (): Promise<unknown> => plain.ask('stream', { count: size.streams, wordsPerSecond: WORDS_PER_SECOND });
  const ways: Record<'product' | 'plain', { server: Child; said: () => Promise<unknown> }> = { product: { server: product, said: () => Promise.resolve() }, plain: { server: plain, said: streams } };
  const offered = size.streams * size.tabs * WORDS_PER_SECOND;
  const samples: Record<'product' | 'plain', Measured>[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const sample: Partial<Record<'product' | 'plain', Measured>> = {};
    for (const way of repeat % 2 === 0 ? (['product', 'plain'] as const) : (['plain', 'product'] as const)) {
      // Nothing is left of the repeat before: the tabs saw every turn end, and the comparator's streams are over.
      await clients.ask('begin', way);
      const said = ways[way].said();
      said.catch(() => undefined); // awaited below, unless something else fails first
      await clients.ask('begun');
      await sleep(WARM_MS);
      sample[way] = await windowOf(ways[way].server, clients, windowMs);
      await said;
      const { wrong, gaps, views } = await clients.ask<{ wrong: number; gaps: number; views: number }>('ended');
      if (wrong > 0 || gaps > 0) throw new Error(`${way}: ${wrong} pieces did not fit the text, ${gaps} gaps`);
      const { tokens, coreSeconds, seconds, frames } = sample[way];
      if (tokens / seconds > offered * MOST_ABOVE) throw new Error(`${way}: ${Math.round(tokens / seconds)} tokens a second were heard, and ${offered} said`);
      say(`repeat ${repeat + 1}/${repeats}, ${way}: ${Math.round(tokens / coreSeconds)} tokens per core second, ${Math.round(tokens / seconds)}/s, ${(tokens / frames).toFixed(2)} a frame, ${(coreSeconds / seconds).toFixed(2)} cores${way === 'product' ? `, ${views} views` : ''}`);
    }
    samples.push(sample as Record<'product' | 'plain', Measured>);
  }
  return {
    name: 'delivery',
    setting: `${size.streams} streams of ${WORDS_PER_SECOND} tokens/s, ${size.tabs} tabs each, ${windowMs / 1_000} s in the middle; every tab held to the text`,
    rows: [
      compare('tokens delivered per core second', '1/s', samples.map(({ product: one }) => one.tokens / one.coreSeconds), samples.map(({ plain: one }) => one.tokens / one.coreSeconds), { atLeast: 1.3 }),
      compare('tokens delivered', '1/s', samples.map(({ product: one }) => one.tokens / one.seconds), samples.map(({ plain: one }) => one.tokens / one.seconds)),
      compare('a token behind its pace, median', 'ms', samples.map(({ product: one }) => one.late.median), samples.map(({ plain: one }) => one.late.median)),
      compare('a token behind its pace, 99 of 100', 'ms', samples.map(({ product: one }) => one.late.p99), samples.map(({ plain: one }) => one.late.p99)),
      state('tokens in a frame', '1', samples.map(({ product: one }) => one.tokens / one.frames)),
    ],
    samples,
  };
}

async function windowOf(server: Child, clients: Child, ms: number): Promise<Measured> {
  const [cpu, heard, began] = [await server.ask<number>('cpu'), await clients.ask<Heard>('heard'), performance.now()];
  await clients.ask('time', true);
  await sleep(ms);
  await clients.ask('time', false);
  const [cpuAfter, after, ended] = [await server.ask<number>('cpu'), await clients.ask<Heard>('heard'), performance.now()];
  return { tokens: after.tokens - heard.tokens, frames: after.frames - heard.frames, coreSeconds: (cpuAfter - cpu) / 1e6, seconds: (ended - began) / 1_000, late: await clients.ask('late') };
}
