import { startChild } from '../child.ts';
import { newGround, newServers, type Ground, type Way } from '../contenders.ts';
import { compare, type Found } from '../figures.ts';
import type { Run } from '../run.ts';

const GIBIBYTE = 1_024 ** 3;
const TABS = (tabs: number): string => `${tabs} tabs on 10 conversations`;

/** Who the tabs are, by what the clients call them, and whose servers they are on. */
const WAYS: Record<'product' | 'plain' | 'visitors' | 'own', Way> = { product: 'product', visitors: 'product', plain: 'rooms', own: 'rooms' };
type Who = keyof typeof WAYS;

interface Memory {
  readonly name: string;
  readonly ours: Who;
  readonly theirs: Who;
  readonly servers: 1 | 2;
  readonly setting: (tabs: number) => string;
  readonly one: string;
  /** Of ours, for each of theirs in the same memory. */
  readonly atLeast?: number;
}

/** What a tab that only stands there costs: signed in with a conversation open, beside a bare socket in a room. */
export function idle(run: Run): Promise<Found> {
  return memory(run, { name: 'idle tabs', ours: 'product', theirs: 'plain', servers: 1, setting: TABS, one: 'tab', atLeast: 0.7 });
}

/** The same on two instances with Redis between them, beside bare sockets on two processes with Socket.IO's Redis adapter. */
export function idleOnInstances(run: Run): Promise<Found> {
  return memory(run, { name: 'idle tabs, two instances', ours: 'product', theirs: 'plain', servers: 2, setting: (tabs) => `${TABS(tabs)}, half of each on each of two instances; Redis and MongoDB not counted`, one: 'tab' });
}

/** What a site's visitor costs who has asked something and reads the answer: with a conversation of their own, and its actor, beside a bare socket in a room of its own. */
export function visitors(run: Run): Promise<Found> {
  return memory(run, { name: 'visitors', ours: 'visitors', theirs: 'own', servers: 1, setting: (tabs) => `${tabs} visitors of a site, each with a conversation of their own that stays open`, one: 'visitor' });
}

async function memory({ isQuick, repeats, say }: Run, { name, ours, theirs, servers, setting, one, atLeast }: Memory): Promise<Found> {
  await using stack = new AsyncDisposableStack();
  const ground = await newGround(stack);
  const tabs = isQuick ? 300 : 1_000;
  const samples: { product: number; plain: number }[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const sample = { product: await perTab(ground, ours, tabs, servers), plain: await perTab(ground, theirs, tabs, servers) };
    samples.push(sample);
    say(`repeat ${repeat + 1}/${repeats}: ${(sample.product / 1_024).toFixed(1)} and ${(sample.plain / 1_024).toFixed(1)} KiB`);
  }
  return {
    name,
    setting: `${setting(tabs)}; fresh servers each time, after a collection; memory of the processes only, not the kernel's`,
    rows: [
      compare(`memory for each ${one}`, 'KiB', samples.map(({ product }) => product / 1_024), samples.map(({ plain }) => plain / 1_024)),
      compare(`${one}s in a GiB`, '1', samples.map(({ product }) => GIBIBYTE / product), samples.map(({ plain }) => GIBIBYTE / plain), ...(atLeast === undefined ? [] : [{ atLeast }])),
    ],
    samples,
  };
}

/** Bytes, of all servers together. The first tabs, with whatever they make the servers load, do not count. */
async function perTab(ground: Ground, who: Who, tabs: number, count: 1 | 2): Promise<number> {
  await using stack = new AsyncDisposableStack();
  const { servers, urls } = await newServers({ ...ground, stack }, WAYS[who], count);
  const [warming, clients] = [stack.use(await startChild('./clients/idle.ts')), stack.use(await startChild('./clients/idle.ts'))];
  const held = async (): Promise<number> => (await Promise.all(servers.map((server) => server.ask<number>('rss')))).reduce((sum, bytes) => sum + bytes, 0);
  await warming.ask(who, { urls, tabs: 50 * count });
  const before = await held();
  await clients.ask(who, { urls, tabs });
  return ((await held()) - before) / tabs;
}
