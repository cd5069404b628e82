import { newContender, newGround, roundOf, type Contender, type Ground, type Measured } from '../contenders.ts';
import { compare, state, type Found, type Row } from '../figures.ts';
import type { Run } from '../run.ts';

const EVERY_MS = 20;
const HANDFUL = 5;

type Way = 'product' | 'rooms';
type Sample = Record<Way, Measured>;

/** Many tabs on one reply that grows, and as many on a handful: what a token costs on each screen, and how far a screen is behind, beside an emit to a room for each token. */
export async function manyTabs(run: Run): Promise<Found> {
  await using stack = new AsyncDisposableStack();
  const ground = await newGround(stack);
  const all = run.isQuick ? 200 : 500;
  const one = await crowded(ground, run, 1, all);
  const handful = await crowded(ground, run, HANDFUL, all / HANDFUL);
  return {
    name: 'many tabs',
    setting: `${all} tabs on one reply of ${1_000 / EVERY_MS} tokens/s, then on ${HANDFUL} replies with ${all / HANDFUL} tabs each; one instance; every tab held to the text; processor time of the server by /proc`,
    rows: [...rowsOf('one reply', one), ...rowsOf(`${HANDFUL} replies`, handful)],
    samples: { one, handful },
  };
}

async function crowded(ground: Ground, { isQuick, repeats, say }: Run, streams: number, tabs: number): Promise<Sample[]> {
  await using stack = new AsyncDisposableStack(); // the next crowd is not measured beside this one
  const ways: Record<Way, Contender> = {
    product: await newContender({ ...ground, stack }, 'product', { servers: 1, tabs }),
    rooms: await newContender({ ...ground, stack }, 'rooms', { servers: 1, tabs }),
  };
  const size = { streams, everyMs: EVERY_MS, warmMs: isQuick ? 2_000 : 4_000, windowMs: isQuick ? 4_000 : 10_000 };
  for (const contender of Object.values(ways)) await roundOf(ground, contender, { ...size, name: `warm-${streams}`, windowMs: 1_000 });
  const samples: Sample[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const sample: Partial<Sample> = {};
    for (const way of repeat % 2 === 0 ? (['product', 'rooms'] as const) : (['rooms', 'product'] as const)) {
      const measured = await roundOf(ground, ways[way], { ...size, name: `${streams}-${repeat}` });
      sample[way] = measured;
      say(`repeat ${repeat + 1}/${repeats}, ${streams} × ${tabs} tabs, ${way}: ${microseconds(measured).toFixed(1)} µs for each token delivered, behind its pace ${measured.late.median.toFixed(1)} ms, 99 of 100 ${measured.late.p99.toFixed(1)} ms`);
    }
    samples.push(sample as Sample);
  }
  return samples;
}

/** Of the server, for each token on a screen. */
function microseconds({ cores, heard }: Measured): number {
  return (cores.servers / heard) * 1e6;
}

function rowsOf(where: string, samples: readonly Sample[]): Row[] {
  const of = (way: Way, figure: (measured: Measured) => number): number[] => samples.map((sample) => figure(sample[way]));
  const beside = (what: string, unit: string, figure: (measured: Measured) => number): Row => compare(`${where}: ${what}`, unit, of('product', figure), of('rooms', figure));
  return [
    beside('processor time for each token delivered', 'µs', microseconds),
    beside('a token behind its pace, median', 'ms', ({ late }) => late.median),
    beside('a token behind its pace, 99 of 100', 'ms', ({ late }) => late.p99),
    state(`${where}: tokens in a frame`, '1', of('product', ({ heard, frames }) => heard / frames)),
  ];
}
