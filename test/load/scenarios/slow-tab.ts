import { startChild, type Child } from '../child.ts';
import { newGround, roundOf, type Contender, type Ground, type Measured } from '../contenders.ts';
import { compare, state, type Found } from '../figures.ts';
import type { Run } from '../run.ts';
import type { Script } from '../script.ts';

/** A third of a megabyte in each reply; the kernel takes several megabytes before the server has to hold anything. */
const SCRIPT: Script = { tokens: 700, firstMs: 1, everyMs: 1, size: 500, staysOpen: false };
/** Goes on while the others are timed: a long reply in the conversation that the stalled tabs have open, or that nobody else has. */
const TALK: Script = { tokens: 1_200, firstMs: 1, everyMs: 10, size: 100, staysOpen: false };
const STALLING = 5;
const MOST_FILLING = 40;

type Crowd = 'stalled' | 'nobody';

/** What the server holds for a tab that stopped reading, and whether anybody else feels it. */
export async function slowTab({ isQuick, repeats, say }: Run): Promise<Found> {
  await using stack = new AsyncDisposableStack();
  const ground = await newGround(stack);
  const product = stack.use(await startChild('./servers/product.ts'));
  const crowd = stack.use(await startChild('./clients/slow-tab.ts'));
  const url = await product.ask<string>('start', { provider: ground.endpoint });
  await product.ask('watchHeld', 1);
  const turns = isQuick ? 24 : 36;
  await crowd.ask('prepare', { url, script: { ...SCRIPT, tokens: 10 }, tabs: 1 });
  for (let turn = 0; turn < turns; turn++) await crowd.ask('turn', SCRIPT);
  const held = await product.ask<Held>('held');
  say(`${turns} long replies beside a tab that stalls: at most ${held.bytes.toLocaleString('en')} bytes held for it`);
  await crowd.ask('leave');

  const healthy: Contender = { way: 'product', urls: [url], servers: [product], redisPid: undefined, tabs: 2, clients: stack.use(await startChild('./clients/streams.ts')) };
  const size = { streams: isQuick ? 10 : 20, windowMs: isQuick ? 3_000 : 8_000 };
  await roundOf(ground, healthy, { ...size, name: 'warm', everyMs: 20, warmMs: 2_000, windowMs: 1_000 });
  const samples: Record<Crowd, Measured>[] = [];
  let filling = 0;
  for (let repeat = 0; repeat < repeats; repeat++) {
    const sample: Partial<Record<Crowd, Measured>> = {};
    // The stalled ones come first once, so that it is known how much fills them; without them as much is said.
    for (const kind of repeat % 2 === 0 ? (['stalled', 'nobody'] as const) : (['nobody', 'stalled'] as const)) {
      const { measured, turns: took } = await beside(kind, { ground, healthy, product, crowd, url, filling, ...size, name: `${repeat}-${kind}` });
      filling = Math.max(filling, took);
      sample[kind] = measured;
      say(`repeat ${repeat + 1}/${repeats}, beside ${kind === 'stalled' ? `${STALLING} tabs that stall` : 'none that stall'}: 99 of 100 tokens within ${measured.late.p99.toFixed(1)} ms, median ${measured.late.median.toFixed(1)} ms`);
    }
    samples.push(sample as Record<Crowd, Measured>);
  }
  const of = (kind: Crowd, figure: (measured: Measured) => number): number[] => samples.map((sample) => figure(sample[kind]));
  const allHeld = await product.ask<Held>('held');
  return {
    name: 'slow tab',
    setting: `${turns} replies of ${(SCRIPT.tokens * SCRIPT.size).toLocaleString('en')} characters beside one tab that stalls; then ${size.streams} streams of 50 tokens/s with two tabs each, with and without ${STALLING} tabs that stall on another conversation; what waits in sockets and their streams, looked at each millisecond`,
    rows: [
      state('most bytes held for a stalled tab', 'KiB', [Math.max(held.bytes, allHeld.bytes) / 1_024], { atMost: 256 }),
      state('most packets held for it', '1', [Math.max(held.packets, allHeld.packets)]),
      state('sent to it in all', 'KiB', [(turns * SCRIPT.tokens * SCRIPT.size) / 1_024]),
      compare('others’ tokens behind their pace, 99 of 100, with and without tabs that stall', 'ms', of('stalled', ({ late }) => late.p99), of('nobody', ({ late }) => late.p99), { atMost: 1.1 }),
      compare('the same, median', 'ms', of('stalled', ({ late }) => late.median), of('nobody', ({ late }) => late.median)),
    ],
    samples: { held, allHeld, rounds: samples },
  };
}

interface Held {
  readonly packets: number;
  readonly bytes: number;
}

interface Beside {
  readonly ground: Ground;
  readonly healthy: Contender;
  readonly product: Child;
  readonly crowd: Child;
  readonly url: string;
  /** Replies that filled the kernel the last time. */
  readonly filling: number;
  readonly streams: number;
  readonly windowMs: number;
  readonly name: string;
}

/** The healthy tabs beside a crowd of this kind. The stalled ones have filled what the kernel holds for them before the window begins, and still do when it is over. */
async function beside(kind: Crowd, { ground, healthy, product, crowd, url, filling, streams, windowMs, name }: Beside): Promise<{ measured: Measured; turns: number }> {
  await crowd.ask('prepare', { url, script: { ...SCRIPT, tokens: 10 }, tabs: kind === 'stalled' ? STALLING : 0 });
  let turns = 0;
  const isFilled = async (): Promise<boolean> => (kind === 'stalled' ? (await product.ask<number>('holding')) >= STALLING : turns >= filling);
  while (!(await isFilled())) {
    if (turns++ >= MOST_FILLING) throw new Error('the tabs that read nothing never filled');
    await crowd.ask('turn', SCRIPT);
  }
  await crowd.ask('talk', TALK);
  const measured = await roundOf(ground, healthy, { streams, windowMs, name, everyMs: 20, warmMs: 1_000 });
  if (kind === 'stalled' && (await product.ask<number>('holding')) < STALLING) throw new Error('the stalled tabs were gone before the window was over');
  await crowd.ask('hush');
  await crowd.ask('leave');
  return { measured, turns };
}
