import { performance } from 'node:perf_hooks';
import type { Account } from '../../support/tab.ts';
import { serveParent } from '../child.ts';
import { comeBack, comeBackPlain, grow, type Growing } from '../growing.ts';
import { newPeople } from '../product-tab.ts';
import type { RawTab } from '../raw-tab.ts';
import type { Script } from '../script.ts';

/** A tab that comes back to a reply in flight, over and over: the time from nothing to all of the text. */
let growing: Growing;

async function timed(times: number, one: () => Promise<RawTab>): Promise<number[]> {
  const took: number[] = [];
  for (let time = 0; time < times; time++) {
    const began = performance.now();
    const tab = await one();
    took.push(performance.now() - began);
    tab.close();
  }
  return took;
}

serveParent({
  /** Returns the entries that the reply came in. */
  prepare: async ({ url, script }: { url: string; script: Script }) => {
    const [person] = (await newPeople(url, 1)) as [Account];
    growing = await grow(person, script);
    return growing.entries;
  },
  product: ({ times, from }: { times: number; from: 'events' | 'view' }) => timed(times, () => comeBack(growing, from)),
  plain: ({ times, url }: { times: number; url: string }) => timed(times, () => comeBackPlain(url, growing.whole)),
});
