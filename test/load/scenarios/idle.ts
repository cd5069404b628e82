import { startChild, type Memory } from '../child.ts';
import { newGround, newServers, type Ground, type Way } from '../contenders.ts';
import { compare, type Found, type Row } from '../figures.ts';
import type { Run } from '../run.ts';

const GIBIBYTE = 1_024 ** 3;
const TABS = (tabs: number): string => `${tabs} tabs on 10 conversations`;

/** Who the tabs are, by what the clients call them, and whose servers they are on. */
const WAYS: Record<'product' | 'plain' | 'visitors' | 'own', Way> = { product: 'product', visitors: 'product', plain: 'rooms', own: 'rooms' };
type Who = keyof typeof WAYS;

interface Crowd {
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

async function memory({ isQuick, repeats, say }: Run, { name, ours, theirs, servers, setting, one, atLeast }: Crowd): Promise<Found> {
  await using stack = new AsyncDisposableStack();
  const ground = await newGround(stack);
  const tabs = isQuick ? 300 : 1_000;
  const samples: { product: Memory; plain: Memory }[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const sample = { product: await perTab(ground, ours, tabs, servers), plain: await perTab(ground, theirs, tabs, servers) };
    samples.push(sample);
    say(`repeat ${repeat + 1}/${repeats}: ${(sample.product.resident / 1_024).toFixed(1)} and ${(sample.plain.resident / 1_024).toFixed(1)} KiB, ${(sample.product.used / 1_024).toFixed(1)} and ${(sample.plain.used / 1_024).toFixed(1)} KiB in use`);
  }
  const of = (who: 'product' | 'plain', figure: keyof Memory): number[] => samples.map((sample) => sample[who][figure]);
  const beside = (what: string, unit: string, figure: keyof Memory, as: (bytes: number) => number, target?: Row['target']): Row => compare(what, unit, of('product', figure).map(as), of('plain', figure).map(as), target);
  return {
    name,
    setting: `${setting(tabs)}; fresh servers each time, after a collection; memory of the processes only, not the kernel's`,
    rows: [
      beside(`memory for each ${one}`, 'KiB', 'resident', (bytes) => bytes / 1_024),
      beside('of that in use: objects and buffers', 'KiB', 'used', (bytes) => bytes / 1_024),
      beside(`${one}s in a GiB`, '1', 'resident', (bytes) => GIBIBYTE / bytes, atLeast === undefined ? undefined : { atLeast }),
    ],
    samples,
  };
}

/** Of all servers together. The first tabs, with whatever they make the servers load, do not count. */
async function perTab(ground: Ground, who: Who, tabs: number, count: 1 | 2): Promise<Memory> {
  await using stack = new AsyncDisposableStack();
  const { servers, urls } = await newServers({ ...ground, stack }, WAYS[who], count);
  const [warming, clients] = [stack.use(await startChild('./clients/idle.ts')), stack.use(await startChild('./clients/idle.ts'))];
  const held = async (): Promise<Memory> => {
    const all = await Promise.all(servers.map((server) => server.ask<Memory>('memory')));
    return { resident: all.reduce((sum, { resident }) => sum + resident, 0), used: all.reduce((sum, { used }) => sum + used, 0) };
  };
  await warming.ask(who, { urls, tabs: 50 * count });
  const before = await held();
  await clients.ask(who, { urls, tabs });
  const after = await held();
  return { resident: (after.resident - before.resident) / tabs, used: (after.used - before.used) / tabs };
}
