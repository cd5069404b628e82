import { newContender, newGround, roundOf, type Contender, type Ground, type Measured } from '../contenders.ts';
import { compare, state, type Found } from '../figures.ts';
import type { Run } from '../run.ts';

const EVERY_MS = 20;
/** A token that is later than this for one in a hundred is no longer live. */
const LIVE_MS = 50;
const STEP = 1.3;
/** Neither contender is pushed further. */
const MOST_STREAMS = 400;

/** A step that was tried, and how late the tokens were. */
interface Step {
  readonly streams: number;
  readonly p99: number;
}

interface Sustained {
  readonly streams: number;
  readonly steps: readonly Step[];
}

/** How many replies can grow at 50 tokens a second until one token in a hundred is 50 ms late: two instances and Redis, and two relays and theirs, each step by step. */
export async function live({ isQuick, repeats, say }: Run): Promise<Found> {
  await using stack = new AsyncDisposableStack();
  const ground = await newGround(stack);
  const product = await newContender(ground, 'product');
  const script = await newContender(ground, 'script');
  const size = { warmMs: isQuick ? 1_500 : 3_000, windowMs: isQuick ? 3_000 : 8_000, mostSteps: isQuick ? 3 : 8 };
  const begin = isQuick ? 20 : 30;
  for (const contender of [product, script]) await roundOf(ground, contender, { name: 'warm', streams: begin, everyMs: EVERY_MS, warmMs: 2_000, windowMs: 1_000 });
  const samples: { product: Sustained; script: Sustained }[] = [];
  const from = { product: begin, script: begin };
  for (let repeat = 0; repeat < repeats; repeat++) {
    const sample: Partial<Record<'product' | 'script', Sustained>> = {};
    for (const contender of repeat % 2 === 0 ? [product, script] : [script, product]) {
      const way = contender.way as 'product' | 'script';
      const found = await sustained(ground, contender, { from: from[way], ...size, say, name: `repeat-${repeat}` });
      sample[way] = found;
      // The next time the steps begin where it was still easy.
      from[way] = Math.max(begin, Math.round(found.streams / STEP ** 2));
      say(`repeat ${repeat + 1}/${repeats}, ${way}: ${found.streams.toFixed(0)} streams`);
    }
    samples.push(sample as (typeof samples)[number]);
  }
  const of = (way: 'product' | 'script'): number[] => samples.map((sample) => sample[way].streams);
  const isBounded = samples.some((sample) => [sample.product, sample.script].some(({ steps }) => (steps.at(-1)?.p99 ?? 0) < LIVE_MS));
  return {
    name: 'live turns',
    setting: `one tab on each of two instances; ${size.windowMs / 1_000} s at each step, each ${STEP} times the one before; a step that fails is tried once more; generator and provider share the processors${isBounded ? '; where the steps ended first, the last one counts' : ''}`,
    rows: [
      compare(`turns at 50 tokens/s with 99 of 100 tokens within ${LIVE_MS} ms`, '1', of('product'), of('script'), { atLeast: 1.3 }),
      state('steps that were tried for it', '1', samples.map((sample) => sample.product.steps.length)),
    ],
    samples,
  };
}

interface Steps {
  readonly name: string;
  readonly from: number;
  readonly warmMs: number;
  readonly windowMs: number;
  readonly mostSteps: number;
  say(text: string): void;
}

/** Between the last step that held and the first that did not, the number at which a straight line (of both logarithms) meets the limit. */
async function sustained(ground: Ground, contender: Contender, { name, from, warmMs, windowMs, mostSteps, say }: Steps): Promise<Sustained> {
  const steps: Step[] = [];
  for (let streams = from; steps.length < mostSteps && streams <= MOST_STREAMS; streams = Math.round(streams * STEP)) {
    const round = { streams, everyMs: EVERY_MS, warmMs, windowMs };
    let measured = await roundOf(ground, contender, { ...round, name: `${name}-${streams}` });
    // A neighbour's hiccup is not the limit of this one.
    if (!isLive(measured)) measured = better(measured, await roundOf(ground, contender, { ...round, name: `${name}-${streams}-again` }));
    steps.push({ streams, p99: measured.late.p99 });
    say(`${contender.way}, ${streams} streams: 99 of 100 tokens within ${measured.late.p99.toFixed(1)} ms`);
    if (!isLive(measured)) break;
  }
  return { streams: crossingOf(steps), steps };
}

function isLive({ late }: Measured): boolean {
  return late.p99 < LIVE_MS;
}

function better(one: Measured, other: Measured): Measured {
  return one.late.p99 <= other.late.p99 ? one : other;
}

function crossingOf(steps: readonly Step[]): number {
  const [held, failed] = [steps.findLast(({ p99 }) => p99 < LIVE_MS), steps.find(({ p99 }) => p99 >= LIVE_MS)];
  if (failed === undefined) return held?.streams ?? 0;
  // When even the first one failed there is no line: less than that, by as much as it was too late.
  if (held === undefined) return (failed.streams * LIVE_MS) / failed.p99;
  const share = Math.log(LIVE_MS / held.p99) / Math.log(failed.p99 / held.p99);
  return held.streams * (failed.streams / held.streams) ** share;
}
