import { startChild } from '../child.ts';
import { compare, medianOf, state, type Found } from '../figures.ts';
import type { Run } from '../run.ts';
import type { Script } from '../script.ts';

const SCRIPT: Script = { tokens: 2_000, firstMs: 5, everyMs: 5, size: 6, staysOpen: true };

/** The time until a tab that comes back has a reply of 2,000 tokens that is still growing: ours in one frame, the comparator's one frame for each entry of the same log. */
export async function replay({ isQuick, repeats, say }: Run): Promise<Found> {
  await using provider = await startChild('./servers/fake-provider.ts');
  await using plain = await startChild('./servers/plain-socket.ts');
  await using product = await startChild('./servers/product.ts');
  await using clients = await startChild('./clients/replay.ts');
  const plainUrl = await plain.ask<string>('start');
  const url = await product.ask<string>('start', { provider: await provider.ask('start') });
  const entries = await clients.ask<unknown[][]>('prepare', { url, script: SCRIPT });
  await plain.ask('keep', entries);
  const times = isQuick ? 20 : 30; // one person opens a conversation 300 times a minute at most
  const ways = {
    events: () => clients.ask<number[]>('product', { times, from: 'events' }),
    view: () => clients.ask<number[]>('product', { times, from: 'view' }),
    plain: () => clients.ask<number[]>('plain', { times, url: plainUrl }),
  };
  const names = ['events', 'view', 'plain'] as const;
  for (const name of names) await ways[name]();
  const samples: Record<(typeof names)[number], number[]>[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const sample: Partial<Record<(typeof names)[number], number[]>> = {};
    for (const name of repeat % 2 === 0 ? names : names.toReversed()) sample[name] = await ways[name]();
    samples.push(sample as Record<(typeof names)[number], number[]>);
    say(`repeat ${repeat + 1}/${repeats}: ${names.map((name) => `${name} ${medianOf(sample[name] ?? []).toFixed(1)} ms`).join(', ')}`);
  }
  const of = (name: (typeof names)[number]): number[] => samples.map((sample) => medianOf(sample[name]));
  return {
    name: 'replay',
    setting: `${SCRIPT.tokens} tokens in ${entries.length} entries, the connection included, ${times} times one after another`,
    rows: [
      compare('the missing events in one frame, median', 'ms', of('events'), of('plain'), { atMost: 0.5 }),
      compare('the whole view in one frame, median', 'ms', of('view'), of('plain'), { atMost: 0.5 }),
      state('entries of the log', '1', [entries.length]),
    ],
    samples,
  };
}
