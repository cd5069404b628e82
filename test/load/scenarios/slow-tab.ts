import { startChild, type Child } from '../child.ts';
import { newContender, newGround, roundOf, type Contender, type Ground, type Measured } from '../contenders.ts';
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
type Way = 'product' | 'rooms';
type Sample = Record<Way, Record<Crowd, Measured>>;

interface Held {
  readonly packets: number;
  readonly bytes: number;
}

/** One kind of server with tabs that are timed, and a crowd that may stall. */
interface Side {
  readonly way: Way;
  readonly healthy: Contender;
  readonly server: Child;
  readonly crowd: Child;
  /** Replies that filled the kernel the last time. */
  filling: number;
}

interface Size {
  readonly turns: number;
  readonly streams: number;
  readonly windowMs: number;
}

/** What the server holds for a tab that stopped reading, and whether anybody else feels it; beside Socket.IO as it comes. */
export async function slowTab({ isQuick, repeats, say }: Run): Promise<Found> {
  await using stack = new AsyncDisposableStack();
  const ground = await newGround(stack);
  const sides: Record<Way, Side> = { product: await newSide(ground, 'product'), rooms: await newSide(ground, 'rooms') };
  await sides.product.server.ask('watchHeld', 1);
  const size: Size = { turns: isQuick ? 24 : 36, streams: isQuick ? 10 : 20, windowMs: isQuick ? 3_000 : 8_000 };
  const held: Record<Way, Held> = { product: await heldBeside(sides.product, size, say), rooms: await heldBeside(sides.rooms, size, say) };
  for (const { healthy } of Object.values(sides)) await roundOf(ground, healthy, { ...size, name: 'warm', everyMs: 20, warmMs: 2_000, windowMs: 1_000 });
  const samples: Sample[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const sample: Partial<Sample> = {};
    for (const way of repeat % 2 === 0 ? (['product', 'rooms'] as const) : (['rooms', 'product'] as const)) sample[way] = await bothCrowds(ground, sides[way], size, repeat, say);
    samples.push(sample as Sample);
  }
  const later = await sides.product.server.ask<Held>('held');
  const most: Record<Way, Held> = { product: { packets: Math.max(held.product.packets, later.packets), bytes: Math.max(held.product.bytes, later.bytes) }, rooms: held.rooms };
  return {
    name: 'slow tab',
    setting: `${size.turns} replies of ${(SCRIPT.tokens * SCRIPT.size).toLocaleString('en')} characters beside one tab that stalls; then ${size.streams} streams of 50 tokens/s with two tabs each, with and without ${STALLING} tabs that stall on another conversation; what waits in sockets and their streams, looked at each millisecond, of the comparator after each reply`,
    rows: rowsOf(most, samples, size),
    samples: { held, later, rounds: samples },
  };
}

async function newSide(ground: Ground, way: Way): Promise<Side> {
  const healthy = await newContender(ground, way, { servers: 1, tabs: 2 });
  return { way, healthy, server: healthy.servers[0] as Child, crowd: ground.stack.use(await startChild('./clients/slow-tab.ts')), filling: 0 };
}

function prepare({ way, crowd, healthy }: Side, tabs: number): Promise<void> {
  return crowd.ask('prepare', { kind: way, url: healthy.urls[0], script: { ...SCRIPT, tokens: 10 }, tabs });
}

/** The most that is held for one tab that stalls. */
async function heldBeside(side: Side, { turns }: Size, say: Run['say']): Promise<Held> {
  await prepare(side, 1);
  let held: Held = { packets: 0, bytes: 0 };
  for (let turn = 0; turn < turns; turn++) {
    await side.crowd.ask('turn', SCRIPT);
    held = await side.server.ask<Held>('held');
  }
  say(`${side.way}: ${turns} long replies beside a tab that stalls: at most ${held.bytes.toLocaleString('en')} bytes held for it`);
  await side.crowd.ask('leave');
  return held;
}

/** The stalled ones come first once, so that it is known how much fills them; without them as much is said. */
async function bothCrowds(ground: Ground, side: Side, size: Size, repeat: number, say: Run['say']): Promise<Record<Crowd, Measured>> {
  const both: Partial<Record<Crowd, Measured>> = {};
  for (const kind of repeat % 2 === 0 ? (['stalled', 'nobody'] as const) : (['nobody', 'stalled'] as const)) {
    const measured = await beside(ground, side, kind, size, `${repeat}-${kind}`);
    both[kind] = measured;
    say(`repeat ${repeat + 1}, ${side.way}, beside ${kind === 'stalled' ? `${STALLING} tabs that stall` : 'none that stall'}: 99 of 100 tokens within ${measured.late.p99.toFixed(1)} ms, median ${measured.late.median.toFixed(1)} ms`);
  }
  return both as Record<Crowd, Measured>;
}

/** The healthy tabs beside a crowd of this kind. The stalled ones have filled what the kernel holds for them before the window begins, and still do when it is over. */
async function beside(ground: Ground, side: Side, kind: Crowd, { streams, windowMs }: Size, name: string): Promise<Measured> {
  const { server, crowd, healthy } = side;
  await prepare(side, kind === 'stalled' ? STALLING : 0);
  let turns = 0;
  const isFilled = async (): Promise<boolean> => (kind === 'stalled' ? (await server.ask<number>('holding')) >= STALLING : turns >= side.filling);
  while (!(await isFilled())) {
    if (turns++ >= MOST_FILLING) throw new Error('the tabs that read nothing never filled');
    await crowd.ask('turn', SCRIPT);
  }
  side.filling = Math.max(side.filling, turns);
  await crowd.ask('talk', TALK);
  const measured = await roundOf(ground, healthy, { streams, windowMs, name, everyMs: 20, warmMs: 1_000 });
  if (kind === 'stalled' && (await server.ask<number>('holding')) < STALLING) throw new Error('the stalled tabs were gone before the window was over');
  await crowd.ask('hush');
  await crowd.ask('leave');
  return measured;
}

function rowsOf(held: Record<Way, Held>, samples: readonly Sample[], { turns }: Size): Found['rows'] {
  const of = (way: Way, kind: Crowd, figure: (measured: Measured) => number): number[] => samples.map((sample) => figure(sample[way][kind]));
  const p99 = ({ late }: Measured): number => late.p99;
  const median = ({ late }: Measured): number => late.median;
  const grown = (way: Way): number[] => samples.map((sample) => sample[way].stalled.late.p99 / sample[way].nobody.late.p99);
  return [
    state('most bytes held for a stalled tab', 'KiB', [held.product.bytes / 1_024], { atMost: 256 }),
    compare('the same, beside Socket.IO as it comes', 'KiB', [held.product.bytes / 1_024], [held.rooms.bytes / 1_024]),
    compare('most packets held for it', '1', [held.product.packets], [held.rooms.packets]),
    state('sent to it in all', 'KiB', [(turns * SCRIPT.tokens * SCRIPT.size) / 1_024]),
    compare('others’ tokens behind their pace, 99 of 100, with and without tabs that stall', 'ms', of('product', 'stalled', p99), of('product', 'nobody', p99), { atMost: 1.1 }),
    compare('the same, median', 'ms', of('product', 'stalled', median), of('product', 'nobody', median)),
    compare('others’ tokens beside tabs that stall, 99 of 100, beside Socket.IO as it comes', 'ms', of('product', 'stalled', p99), of('rooms', 'stalled', p99)),
    compare('how many times as late tabs that stall make them, 99 of 100, beside Socket.IO as it comes', '1', grown('product'), grown('rooms')),
  ];
}
