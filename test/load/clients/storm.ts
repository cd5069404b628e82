import { performance } from 'node:perf_hooks';
import type { Account } from '../../support/tab.ts';
import { serveParent } from '../child.ts';
import { comeBack, comeBackPlain, grow, type From, type Growing } from '../growing.ts';
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

interface Tabs {
  readonly urls: readonly string[];
  readonly count: number;
}

/** After each of so many, the next server: so that each of them is asked for on every server. */
function urlOf(urls: readonly string[], number: number, each = 1): string {
  return urls[Math.floor(number / each) % urls.length] as string;
}

serveParent({
  signUp: async ({ url, count }: { url: string; count: number }) => {
    people = await newPeople(url, count);
  },
  /** One reply for each of the first people, spread over the servers. Returns the entries that the first one came in. */
  prepare: async ({ urls, script, replies }: { urls: readonly string[]; script: Script; replies: number }) => {
    growing = await Promise.all(people.slice(0, replies).map((person, number) => grow({ ...person, url: urlOf(urls, number) }, script)));
    return growingOf(0).entries;
  },
  /** Milliseconds until all are greeted. */
  connect: ({ urls, count }: Tabs) => together(count, async (number) => (await ProductTab.connect({ ...(people[number % people.length] as Account), url: urlOf(urls, number, people.length) })).raw),
  /** Until all are in their room. */
  connectPlain: ({ urls, count }: Tabs) =>
    together(count, async (number) => {
      const tab = await RawTab.connect(urlOf(urls, number, people.length));
      await tab.ask('join', `room-${number % people.length}`);
      return tab;
    }),
  resume: ({ urls, count, from }: Tabs & { from: From }) => together(count, (number) => comeBack(growingOf(number), from, urlOf(urls, number, growing.length))),
  resumePlain: ({ urls, count }: Tabs) => together(count, (number) => comeBackPlain(urlOf(urls, number), growingOf(0).whole)),
});
