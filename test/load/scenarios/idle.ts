import { startChild } from '../child.ts';
import { compare, type Found } from '../figures.ts';
import type { Run } from '../run.ts';

const GIBIBYTE = 1_024 ** 3;

/** What a tab that only stands there costs: signed in with a conversation open, beside a bare socket in a room. */
export async function idle({ isQuick, repeats, say }: Run): Promise<Found> {
  const tabs = isQuick ? 300 : 1_000;
  const samples: { product: number; plain: number }[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const sample = { product: await perTab('product', tabs), plain: await perTab('plain', tabs) };
    samples.push(sample);
    say(`repeat ${repeat + 1}/${repeats}: ${(sample.product / 1_024).toFixed(1)} and ${(sample.plain / 1_024).toFixed(1)} KiB`);
  }
  return {
    name: 'idle tabs',
    setting: `${tabs} tabs on 10 conversations, a fresh server each time, after a collection; memory of the process only, not the kernel's`,
    rows: [
      compare('memory for each tab', 'KiB', samples.map(({ product }) => product / 1_024), samples.map(({ plain }) => plain / 1_024)),
      compare('tabs in a GiB', '1', samples.map(({ product }) => GIBIBYTE / product), samples.map(({ plain }) => GIBIBYTE / plain), { atLeast: 0.7 }),
    ],
    samples,
  };
}

/** What a site's visitor costs who has asked something and reads the answer: with a conversation of their own, and its actor, beside a bare socket in a room of its own. */
export async function visitors({ isQuick, repeats, say }: Run): Promise<Found> {
  const tabs = isQuick ? 300 : 1_000;
  const samples: { product: number; plain: number }[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const sample = { product: await perTab('visitors', tabs), plain: await perTab('own', tabs) };
    samples.push(sample);
    say(`repeat ${repeat + 1}/${repeats}: ${(sample.product / 1_024).toFixed(1)} and ${(sample.plain / 1_024).toFixed(1)} KiB`);
  }
  return {
    name: 'visitors',
    setting: `${tabs} visitors of a site, each with a conversation of their own that stays open; a fresh server each time, after a collection; memory of the process only, not the kernel's`,
    rows: [
      compare('memory for each visitor', 'KiB', samples.map(({ product }) => product / 1_024), samples.map(({ plain }) => plain / 1_024)),
      compare('visitors in a GiB', '1', samples.map(({ product }) => GIBIBYTE / product), samples.map(({ plain }) => GIBIBYTE / plain)),
    ],
    samples,
  };
}

/** Bytes. The first tabs, with whatever they make the server load, do not count. */
async function perTab(who: 'product' | 'plain' | 'visitors' | 'own', tabs: number): Promise<number> {
  await using server = await startChild(who === 'product' || who === 'visitors' ? './servers/product.ts' : './servers/plain-socket.ts');
  await using warming = await startChild('./clients/idle.ts');
  await using clients = await startChild('./clients/idle.ts');
  const url = await server.ask<string>('start', { wordsPerSecond: 1_000 });
  await warming.ask(who, { url, tabs: 50 });
  const before = await server.ask<number>('rss');
  await clients.ask(who, { url, tabs });
  return ((await server.ask<number>('rss')) - before) / tabs;
}
