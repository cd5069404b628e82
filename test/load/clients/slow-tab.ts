import type { ConversationId } from '../../../contracts/ids.ts';
import { serveParent } from '../child.ts';
import { FAKE, newPeople, ProductTab } from '../product-tab.ts';
import { questionFor, textOf, type Script } from '../script.ts';

/** A tab that stops reading beside one that reads on. */
let quick: ProductTab;
let stalled: ProductTab;

async function turn(script: Script): Promise<void> {
  const ended = new Promise<void>((resolve) => (quick.onEnd = resolve));
  const answer = await quick.send(questionFor(script), FAKE);
  if (!answer.ok) throw new Error(answer.refusal.code);
  if (quick.position.epoch === 0) await quick.open(quick.conversation as ConversationId);
  await ended;
  if (quick.text !== textOf(script) || quick.gaps > 0) throw new Error('the tab that reads lost something');
}

serveParent({
  prepare: async ({ url, script }: { url: string; script: Script }) => {
    const [person] = await newPeople(url, 1);
    if (person === undefined) throw new Error('nobody');
    quick = await ProductTab.connect(person);
    stalled = await ProductTab.connect(person);
    await turn(script);
    await stalled.open(quick.conversation as ConversationId);
    stalled.raw.stall();
  },
  turn,
});
