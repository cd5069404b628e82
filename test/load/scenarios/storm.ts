import { setTimeout as sleep } from 'node:timers/promises';
import { startChild, type Child } from '../child.ts';
import { newGround, newServers, type Servers } from '../contenders.ts';
import { compare, state, type Found, type Row } from '../figures.ts';
import { coreSecondsOf } from '../processor.ts';
import type { Run } from '../run.ts';
import type { Script } from '../script.ts';

const SCRIPT: Script = { tokens: 2_000, firstMs: 5, everyMs: 5, size: 6, staysOpen: true };
/** Each is a person's, for one person may open only so many conversations a minute. */
const REPLIES = 5;
const PEOPLE = 10;
/** What tabs that leave cost is not what comes next costs. */
const SETTLE_MS = 1_000;

const WAYS = ['connect', 'connectPlain', 'position', 'view', 'replayPlain'] as const;
type Storm = (typeof WAYS)[number];

interface Measured {
  /** Of the servers, and of the Redis between them. */
  readonly coreSeconds: number;
  /** Until the last tab was served. */
  readonly ms: number;
}

interface Size {
  readonly tabs: number;
  readonly resumes: number;
  readonly servers: 1 | 2;
}

/** Many tabs in one moment, as after a restart: what a connection costs beside a bare socket, and how many tabs that come back to a long reply a core serves beside a replay entry by entry. */
export function storm(run: Run): Promise<Found> {
  return stormOn(run, 1);
}

/** The same on two instances, so that half of the tabs come back to a reply that the other one owns; beside bare sockets on two processes with Socket.IO's Redis adapter. */
export function stormOnInstances(run: Run): Promise<Found> {
  return stormOn(run, 2);
}

async function stormOn({ isQuick, repeats, say }: Run, servers: 1 | 2): Promise<Found> {
  await using stack = new AsyncDisposableStack();
  const ground = await newGround(stack);
  const [product, plain] = [await newServers(ground, 'product', servers), await newServers(ground, 'rooms', servers)];
  const clients = stack.use(await startChild('./clients/storm.ts'));
  await clients.ask('signUp', { url: product.urls[0], count: PEOPLE });
  const entries = await clients.ask<unknown[][]>('prepare', { urls: product.urls, script: SCRIPT, replies: REPLIES });
  for (const server of plain.servers) await server.ask('keep', entries);
  const size: Size = { tabs: isQuick ? 150 : 500, resumes: isQuick ? 40 : 100, servers };
  const storms = stormsOf(product, plain, clients, size);
  for (const way of WAYS) await storms[way]();
  const samples: Record<Storm, Measured>[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const sample: Partial<Record<Storm, Measured>> = {};
    for (const way of repeat % 2 === 0 ? WAYS : WAYS.toReversed()) sample[way] = await storms[way]();
    samples.push(sample as Record<Storm, Measured>);
    say(`repeat ${repeat + 1}/${repeats}: ${WAYS.map((way) => `${way} ${((sample[way]?.coreSeconds ?? 0) * 1_000).toFixed(0)} ms of a core`).join(', ')}`);
  }
  return {
    name: servers === 1 ? 'storms' : 'storms, two instances',
    setting: `${size.tabs} tabs connect in one moment; ${size.resumes} come back in one moment to replies of ${SCRIPT.tokens} tokens (${entries.length} entries) that are in flight, connection included; ${servers === 1 ? 'one instance; processor time of the server' : 'half of them on each of two instances, half of the replies owned by each; processor time of both servers and Redis'}`,
    rows: rowsOf(samples, size),
    samples,
  };
}

function stormsOf(product: Servers, plain: Servers, clients: Child, { tabs, resumes, servers }: Size): Record<Storm, () => Promise<Measured>> {
  return {
    connect: () => costOf(product, () => clients.ask('connect', { urls: product.urls, count: tabs })),
    connectPlain: () => costOf(plain, () => clients.ask('connectPlain', { urls: plain.urls, count: tabs })),
    position: () => costOf(product, () => clients.ask('resume', { urls: product.urls, count: resumes, from: servers === 1 ? 'events' : 'position' })),
    view: () => costOf(product, () => clients.ask('resume', { urls: product.urls, count: resumes, from: 'view' })),
    replayPlain: () => costOf(plain, () => clients.ask('resumePlain', { urls: plain.urls, count: resumes })),
  };
}

async function costOf({ servers, redisPid }: Servers, run: () => Promise<number>): Promise<Measured> {
  // A server counts its own time finely; of a Redis there are only the kernel's hundredths.
  const used = async (): Promise<number> => (await Promise.all(servers.map((server) => server.ask<number>('cpu')))).reduce((sum, one) => sum + one / 1e6, coreSecondsOf(redisPid === undefined ? [] : [redisPid]));
  await sleep(SETTLE_MS);
  const before = await used();
  const ms = await run();
  return { coreSeconds: (await used()) - before, ms };
}

/** The targets are those of one instance. */
function rowsOf(samples: readonly Record<Storm, Measured>[], { tabs, resumes, servers }: Size): Found['rows'] {
  const each = (way: Storm): number[] => samples.map((sample) => (sample[way].coreSeconds * 1_000) / tabs);
  const rate = (way: Storm): number[] => samples.map((sample) => resumes / sample[way].coreSeconds);
  const until = (way: Storm): number[] => samples.map((sample) => sample[way].ms);
  const target = (wanted: Row['target']): Row['target'] => (servers === 1 ? wanted : undefined);
  const bare = each('connectPlain');
  // Between instances the log is kept from the latest checkpoint on: before that a tab is given the whole view.
  const what = servers === 1 ? 'the missing events' : 'missing events or view';
  return [
    compare('processor time for each connection', 'ms', each('connect'), bare),
    state('of that our own: beyond a bare socket', 'ms', each('connect').map((one, repeat) => one - (bare[repeat] as number)), target({ atMost: 1 })),
    compare('until all are connected', 'ms', until('connect'), until('connectPlain')),
    compare(`resumes per core second, ${what}`, '1/s', rate('position'), rate('replayPlain'), target({ atLeast: 5 })),
    compare('resumes per core second, the whole view', '1/s', rate('view'), rate('replayPlain'), target({ atLeast: 5 })),
    compare(`until all have the reply, ${what}`, 'ms', until('position'), until('replayPlain')),
  ];
}
