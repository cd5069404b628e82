import { performance } from 'node:perf_hooks';
import type { Account } from '../../support/tab.ts';
import { serveParent } from '../child.ts';
import { comeBack, comeBackPlain, grow, type Growing } from '../growing.ts';
import { newPeople, ProductTab } from '../product-tab.ts';
import { RawTab } from '../raw-tab.ts';
import type { Script } from '../script.ts';

/** Many tabs at once: that connect, and that come back to a reply in flight. Each is held to the whole text. */
let growing: readonly Growing[] = [];
let people: Account[] = [];

/** What all of them took together; they begin in one moment. */
async function together(count: number, one: (number: number) => Promise<RawTab>): Promise<number> {
  const began = performance.now();
  const tabs = await Promise.all(Array.from({ length: count }, (_, number) => one(number)));
  const took = performance.now() - began;
  for (const tab of tabs) tab.close();
  return took;
}

const growingOf = (number: number): Growing => growing[number % growing.length] as Growing;

serveParent({
  signUp: async ({ url, count }: { url: string; count: number }) => {
    people = await newPeople(url, count);
  },
  /** One reply for each of the first people. Returns the entries that the first one came in. */
  prepare: async ({ script, replies }: { script: Script; replies: number }) => {
    growing = await Promise.all(people.slice(0, replies).map((person) => grow(person, script)));
    return growingOf(0).entries;
  },
  /** Milliseconds until all are greeted. */
  connect: ({ count }: { count: number }) => together(count, async (number) => (await ProductTab.connect(people[number % people.length] as Account)).raw),
  /** Until all are in their room. */
  connectPlain: ({ url, count }: { url: string; count: number }) =>
    together(count, async (number) => {
      const tab = await RawTab.connect(url);
      await tab.ask('join', `room-${number % 10}`);
      return tab;
    }),
  resume: ({ count, from }: { count: number; from: 'events' | 'view' }) => together(count, (number) => comeBack(growingOf(number), from)),
  resumePlain: ({ url, count }: { url: string; count: number }) => together(count, () => comeBackPlain(url, growingOf(0).whole)),
});
