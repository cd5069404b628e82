import type { CommandId, ConversationId } from '../../contracts/ids.ts';
import { newId } from '../../server/ids.ts';
import { Tab, type Account } from './tab.ts';

/** Whether a first reply and its title have come. */
export const calm = (tab: Tab) => (): boolean => tab.view?.conversation.titledBy === 'model' && tab.view.turn === null;

/** A conversation with one reply, in a tab that follows it. */
export async function talk(account: Account, text: string): Promise<{ tab: Tab; conversation: ConversationId }> {
  const tab = await new Tab(account).ready();
  const conversation = await tab.begin(text);
  await tab.until(calm(tab));
  return { tab, conversation };
}

/** Deletes the conversation of a tab where a delete cannot be undone, and waits until it is erased. */
export async function erase(tab: Tab): Promise<void> {
  await tab.ask({ type: 'conversation.delete', commandId: newId<CommandId>(), conversation: tab.view?.conversation.id as ConversationId });
  await tab.until(() => tab.view?.isErased === true);
}
