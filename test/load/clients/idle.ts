import type { ConversationId } from '../../../contracts/ids.ts';
import { siteModel } from '../../../contracts/site-model.ts';
import { newSite } from '../../support/site.ts';
import { newAccount, signIn } from '../../support/tab.ts';
import { serveParent } from '../child.ts';
import { DEMO, newPeople, ProductTab } from '../product-tab.ts';
import { RawTab } from '../raw-tab.ts';

/** Tabs that are there and hear nothing. */
const CONVERSATIONS = 10;
const AT_ONCE = 20;
const ADMIN = 'admin@example.org';

interface Tabs {
  readonly urls: readonly [string, ...string[]];
  readonly tabs: number;
}

serveParent({
  product: async ({ urls, tabs }: Tabs) => {
    const people = await newPeople(urls[0], CONVERSATIONS);
    for (const person of people) {
      const first = await ProductTab.connect(person);
      const ended = new Promise<void>((resolve) => (first.onEnd = resolve));
      await first.send('hello', DEMO);
      await first.open(first.conversation as ConversationId);
      await ended;
      for (let number = 1; number < tabs / CONVERSATIONS; number++) await (await ProductTab.connect({ ...person, url: urls[number % urls.length] as string })).open(first.conversation as ConversationId);
    }
  },
  visitors: async ({ urls: [url], tabs }: Tabs) => {
    // Whoever warms the server is the admin, and comes again to be measured.
    const admin = await newAccount(url, ADMIN).catch(() => signIn(url, ADMIN));
    const site = await newSite(admin, { origins: [url] });
    const begin = async (number: number): Promise<void> => {
      const tab = await ProductTab.visit(url, site.id, `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`);
      const ended = new Promise<void>((resolve) => (tab.onEnd = resolve));
      const answer = await tab.send('hello', siteModel(site.id));
      if (!answer.ok) throw new Error(answer.refusal.code);
      await tab.open(tab.conversation as ConversationId);
      await ended;
    };
    for (let number = 0; number < tabs; number += AT_ONCE) await Promise.all(Array.from({ length: Math.min(AT_ONCE, tabs - number) }, (_, place) => begin(number + place)));
  },
  own: async ({ urls: [url], tabs }: Tabs) => {
    for (let number = 0; number < tabs; number++) await (await RawTab.connect(url)).ask('join', `room-${number}`);
  },
  plain: async ({ urls, tabs }: Tabs) => {
    for (let number = 0; number < tabs; number++) await (await RawTab.connect(urls[number % urls.length] as string)).ask('join', `room-${number % CONVERSATIONS}`);
  },
});
