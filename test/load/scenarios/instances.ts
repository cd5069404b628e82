import { newContender, newGround, roundOf, type Contender, type Measured, type Way } from '../contenders.ts';
import { compare, state, type Found } from '../figures.ts';
import type { Run } from '../run.ts';

const WAYS: readonly Way[] = ['product', 'script', 'rooms'];
const EVERY_MS = 20;

/** What a token costs when its two tabs are on two instances: servers and Redis together, ours durable and in order, beside a relay with a script for each token and plain rooms. */
export async function instances({ isQuick, repeats, say }: Run): Promise<Found> {
  await using stack = new AsyncDisposableStack();
  const ground = await newGround(stack);
  const contenders: Contender[] = [];
  for (const way of WAYS) contenders.push(await newContender(ground, way));
  say('two servers of each kind run, each kind on a Redis of its own');
  const size = { streams: isQuick ? 30 : 60, everyMs: EVERY_MS, warmMs: isQuick ? 2_000 : 4_000, windowMs: isQuick ? 4_000 : 12_000 };
  for (const contender of contenders) await roundOf(ground, contender, { ...size, name: 'warm', windowMs: 1_000 });
  const samples: Record<Way, Measured>[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const sample: Partial<Record<Way, Measured>> = {};
    for (const contender of contenders.map((_, index) => contenders[(index + repeat) % contenders.length] as Contender)) {
      const measured = await roundOf(ground, contender, { ...size, name: `repeat-${repeat}` });
      sample[contender.way] = measured;
      say(`repeat ${repeat + 1}/${repeats}, ${contender.way}: ${microseconds(measured).toFixed(0)} µs for each token, ${(measured.tokens / measured.seconds).toFixed(0)} tokens/s, behind its pace ${measured.late.median.toFixed(1)} ms, 99 of 100 ${measured.late.p99.toFixed(1)} ms`);
    }
    samples.push(sample as Record<Way, Measured>);
  }
  return {
    name: 'two instances',
    setting: `${size.streams} streams of ${1_000 / EVERY_MS} tokens/s, one tab on each of two instances, half asked on each; ${size.windowMs / 1_000} s in the middle; processor time of both servers and Redis by /proc`,
    rows: rowsOf(samples),
    samples,
  };
}

/** Servers and Redis, for each token that the provider said. */
function microseconds({ cores, tokens }: Measured): number {
  return ((cores.servers + cores.redis) / tokens) * 1e6;
}

function rowsOf(samples: readonly Record<Way, Measured>[]): Found['rows'] {
  const of = (way: Way, figure: (measured: Measured) => number): number[] => samples.map((sample) => figure(sample[way]));
  const mongo = samples.map(({ product }) => (product.cores.mongo === null ? Number.NaN : (product.cores.mongo / product.tokens) * 1e6));
  return [
    compare('processor time for each token, beside a script for each token', 'µs', of('product', microseconds), of('script', microseconds), { atMost: 0.75 }),
    compare('the same, beside rooms over the Redis adapter', 'µs', of('product', microseconds), of('rooms', microseconds)),
    compare('of that Redis, beside a script for each token', 'µs', of('product', ({ cores, tokens }) => (cores.redis / tokens) * 1e6), of('script', ({ cores, tokens }) => (cores.redis / tokens) * 1e6)),
    compare('a token behind its pace, median, beside the script', 'ms', of('product', ({ late }) => late.median), of('script', ({ late }) => late.median)),
    compare('a token behind its pace, 99 of 100, beside the script', 'ms', of('product', ({ late }) => late.p99), of('script', ({ late }) => late.p99)),
    state('tokens in a frame', '1', of('product', ({ heard, frames }) => heard / frames)),
    ...(mongo.every(Number.isFinite) ? [state('MongoDB, not counted above, for each token', 'µs', mongo)] : []),
  ];
}
