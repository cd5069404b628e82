import type { ConversationId } from '../../../contracts/ids.ts';
import { serveParent } from '../child.ts';
import { DEMO, newPeople, ProductTab } from '../product-tab.ts';
import { RawTab } from '../raw-tab.ts';

/** Tabs that are there and hear nothing. */
const CONVERSATIONS = 10;

serveParent({
  product: async ({ url, tabs }: { url: string; tabs: number }) => {
    const people = await newPeople(url, CONVERSATIONS);
    for (const person of people) {
      const first = await ProductTab.connect(person);
      const ended = new Promise<void>((resolve) => (first.onEnd = resolve));
      await first.send('hello', DEMO);
      await first.open(first.conversation as ConversationId);
      await ended;
      for (let number = 1; number < tabs / CONVERSATIONS; number++) await (await ProductTab.connect(person)).open(first.conversation as ConversationId);
    }
  },
  plain: async ({ url, tabs }: { url: string; tabs: number }) => {
    for (let number = 0; number < tabs; number++) await (await RawTab.connect(url)).ask('join', `room-${number % CONVERSATIONS}`);
  },
});
