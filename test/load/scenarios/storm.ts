import { setTimeout as sleep } from 'node:timers/promises';
import { startChild, type Child } from '../child.ts';
import { compare, state, type Found } from '../figures.ts';
import type { Run } from '../run.ts';
import type { Script } from '../script.ts';

const SCRIPT: Script = { tokens: 2_000, firstMs: 5, everyMs: 5, size: 6, staysOpen: true };
/** Each is a person's, for one person may open only so many conversations a minute. */
const REPLIES = 5;
const PEOPLE = 10;
/** What tabs that leave cost is not what comes next costs. */
const SETTLE_MS = 1_000;

const WAYS = ['connect', 'connectPlain', 'events', 'view', 'replayPlain'] as const;
type Storm = (typeof WAYS)[number];

interface Measured {
  /** Of the server. */
  readonly coreSeconds: number;
  /** Until the last tab was served. */
  readonly ms: number;
}

/** Many tabs in one moment, as after a restart: what a connection costs beside a bare socket, and how many tabs that come back to a long reply a core serves beside a replay entry by entry. */
export async function storm({ isQuick, repeats, say }: Run): Promise<Found> {
  await using stack = new AsyncDisposableStack();
  const [provider, plain, product, clients] = [stack.use(await startChild('./servers/fake-provider.ts')), stack.use(await startChild('./servers/plain-socket.ts')), stack.use(await startChild('./servers/product.ts')), stack.use(await startChild('./clients/storm.ts'))];
  const plainUrl = await plain.ask<string>('start');
  await clients.ask('signUp', { url: await product.ask('start', { provider: await provider.ask('start') }), count: PEOPLE });
  const entries = await clients.ask<unknown[][]>('prepare', { script: SCRIPT, replies: REPLIES });
  await plain.ask('keep', entries);
  const size = { tabs: isQuick ? 150 : 500, resumes: isQuick ? 40 : 100 };
  const storms: Record<Storm, () => Promise<Measured>> = {
    connect: () => costOf(product, () => clients.ask('connect', { count: size.tabs })),
    connectPlain: () => costOf(plain, () => clients.ask('connectPlain', { url: plainUrl, count: size.tabs })),
    events: () => costOf(product, () => clients.ask('resume', { count: size.resumes, from: 'events' })),
    view: () => costOf(product, () => clients.ask('resume', { count: size.resumes, from: 'view' })),
    replayPlain: () => costOf(plain, () => clients.ask('resumePlain', { url: plainUrl, count: size.resumes })),
  };
  for (const way of WAYS) await storms[way]();
  const samples: Record<Storm, Measured>[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const sample: Partial<Record<Storm, Measured>> = {};
    for (const way of repeat % 2 === 0 ? WAYS : WAYS.toReversed()) sample[way] = await storms[way]();
    samples.push(sample as Record<Storm, Measured>);
    say(`repeat ${repeat + 1}/${repeats}: ${WAYS.map((way) => `${way} ${((sample[way]?.coreSeconds ?? 0) * 1_000).toFixed(0)} ms of a core`).join(', ')}`);
  }
  return {
    name: 'storms',
    setting: `${size.tabs} tabs connect in one moment; ${size.resumes} come back in one moment to replies of ${SCRIPT.tokens} tokens (${entries.length} entries) that are in flight, connection included; one instance; processor time of the server`,
    rows: rowsOf(samples, size),
    samples,
  };
}

async function costOf(server: Child, run: () => Promise<unknown>): Promise<Measured> {
  await sleep(SETTLE_MS);
  const before = await server.ask<number>('cpu');
  const ms = (await run()) as number;
  return { coreSeconds: ((await server.ask<number>('cpu')) - before) / 1e6, ms };
}

function rowsOf(samples: readonly Record<Storm, Measured>[], { tabs, resumes }: { tabs: number; resumes: number }): Found['rows'] {
  const each = (way: Storm): number[] => samples.map((sample) => (sample[way].coreSeconds * 1_000) / tabs);
  const rate = (way: Storm): number[] => samples.map((sample) => resumes / sample[way].coreSeconds);
  const until = (way: Storm): number[] => samples.map((sample) => sample[way].ms);
  const bare = each('connectPlain');
  return [
    compare('processor time for each connection', 'ms', each('connect'), bare),
    state('of that our own: beyond a bare socket', 'ms', each('connect').map((one, repeat) => one - (bare[repeat] as number)), { atMost: 1 }),
    compare('until all are connected', 'ms', until('connect'), until('connectPlain')),
    compare('resumes per core second, the missing events', '1/s', rate('events'), rate('replayPlain'), { atLeast: 5 }),
    compare('resumes per core second, the whole view', '1/s', rate('view'), rate('replayPlain'), { atLeast: 5 }),
    compare('until all have the reply, the missing events', 'ms', until('events'), until('replayPlain')),
  ];
}
