import { startChild } from '../child.ts';
import { compare, type Found } from '../figures.ts';
import type { Run } from '../run.ts';

const GIBIBYTE = 1_024 ** 3;

type Who = 'product' | 'plain' | 'visitors' | 'own';

/** What a tab that only stands there costs: signed in with a conversation open, beside a bare socket in a room. */
export function idle(run: Run): Promise<Found> {
  return memory(run, ['product', 'plain'], 'idle tabs', (tabs) => `${tabs} tabs on 10 conversations`, 'tab', 0.7);
}

/** What a site's visitor costs who has asked something and reads the answer: with a conversation of their own, and its actor, beside a bare socket in a room of its own. */
export function visitors(run: Run): Promise<Found> {
  return memory(run, ['visitors', 'own'], 'visitors', (tabs) => `${tabs} visitors of a site, each with a conversation of their own that stays open`, 'visitor');
}

async function memory({ isQuick, repeats, say }: Run, [ours, theirs]: readonly [Who, Who], name: string, setting: (tabs: number) => string, one: string, atLeast?: number): Promise<Found> {
  const tabs = isQuick ? 300 : 1_000;
  const samples: { product: number; plain: number }[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const sample = { product: await perTab(ours, tabs), plain: await perTab(theirs, tabs) };
    samples.push(sample);
    say(`repeat ${repeat + 1}/${repeats}: ${(sample.product / 1_024).toFixed(1)} and ${(sample.plain / 1_024).toFixed(1)} KiB`);
  }
  return {
    name,
    setting: `${setting(tabs)}; a fresh server each time, after a collection; memory of the process only, not the kernel's`,
    rows: [
      compare(`memory for each ${one}`, 'KiB', samples.map(({ product }) => product / 1_024), samples.map(({ plain }) => plain / 1_024)),
      compare(`${one}s in a GiB`, '1', samples.map(({ product }) => GIBIBYTE / product), samples.map(({ plain }) => GIBIBYTE / plain), ...(atLeast === undefined ? [] : [{ atLeast }])),
    ],
    samples,
  };
}

/** Bytes. The first tabs, with whatever they make the server load, do not count. */
async function perTab(who: Who, tabs: number): Promise<number> {
  await using server = await startChild(who === 'product' || who === 'visitors' ? './servers/product.ts' : './servers/plain-socket.ts');
  await using warming = await startChild('./clients/idle.ts');
  await using clients = await startChild('./clients/idle.ts');
  const url = await server.ask<string>('start', { wordsPerSecond: 1_000 });
  await warming.ask(who, { url, tabs: 50 });
  const before = await server.ask<number>('rss');
  await clients.ask(who, { url, tabs });
  return ((await server.ask<number>('rss')) - before) / tabs;
}
