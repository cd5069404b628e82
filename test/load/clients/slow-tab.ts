import type { ConversationId } from '../../../contracts/ids.ts';
import type { Account } from '../../support/tab.ts';
import { serveParent } from '../child.ts';
import { FAKE, newPeople, ProductTab } from '../product-tab.ts';
import { questionFor, textOf, type Script } from '../script.ts';

/** Tabs that stop reading beside one that asks and reads on. */
let person: Account | undefined;
let asking: ProductTab;
const stalled: ProductTab[] = [];
let talking: Promise<void> = Promise.resolve();

async function turn(script: Script): Promise<void> {
  const ended = new Promise<void>((resolve) => (asking.onEnd = resolve));
  const answer = await asking.send(questionFor(script), FAKE);
  if (!answer.ok) throw new Error(answer.refusal.code);
  if (asking.position.epoch === 0) await asking.open(asking.conversation as ConversationId);
  await ended;
  if (asking.text !== textOf(script) || asking.gaps > 0) throw new Error('the tab that reads lost something');
}

serveParent({
  /** A new conversation with so many more tabs on it, which read nothing from now on. */
  prepare: async ({ url, script, tabs }: { url: string; script: Script; tabs: number }) => {
    person ??= (await newPeople(url, 1))[0] as Account;
    asking = await ProductTab.connect(person);
    await turn(script);
    for (let number = 0; number < tabs; number++) {
      const tab = await ProductTab.connect(person);
      stalled.push(tab);
      await tab.open(asking.conversation as ConversationId);
      tab.raw.stall();
    }
  },
  turn,
  /** Begins a turn that goes on meanwhile. */
  talk: (script: Script) => {
    talking = turn(script);
    talking.catch(() => undefined); // `hush` throws it
  },
  /** Resolves when that turn is over, and the tab that reads has heard it as it was said. */
  hush: async () => {
    await talking;
  },
  leave: () => {
    for (const tab of [asking, ...stalled.splice(0)]) tab.raw.close();
  },
});
