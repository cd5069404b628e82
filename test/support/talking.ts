import type { Command } from '../../contracts/commands.ts';
import type { CommandId, ConversationId } from '../../contracts/ids.ts';
import { newId } from '../../server/ids.ts';
import { Tab, type Account } from './tab.ts';

/** Whether a first reply and its title have come. */
export const calm = (tab: Tab) => (): boolean => tab.view?.conversation.titledBy === 'model' && tab.view.turn === null;

type Send = Extract<Command, { type: 'turn.send' }>;

/** A conversation with one reply, its title still to come: of a temporary one nobody makes any. */
export async function askIn(tab: Tab, text: string, more: Partial<Send> = {}): Promise<ConversationId> {
  const conversation = await tab.begin(text, more);
  await tab.until(() => tab.view?.messages.length === 2 && tab.view.turn === null);
  return conversation;
}

/** A conversation with one reply and its title. */
export async function talkIn(tab: Tab, text: string): Promise<ConversationId> {
  const conversation = await tab.begin(text);
  await tab.until(calm(tab));
  return conversation;
}

/** The same, in a new tab that follows it. */
export async function talk(account: Account, text: string): Promise<{ tab: Tab; conversation: ConversationId }> {
  const tab = await new Tab(account).ready();
  return { tab, conversation: await talkIn(tab, text) };
}

/** Deletes the conversation of a tab where a delete cannot be undone, and waits until it is erased. */
export async function erase(tab: Tab): Promise<void> {
  await tab.ask({ type: 'conversation.delete', commandId: newId<CommandId>(), conversation: tab.view?.conversation.id as ConversationId });
  await tab.until(() => tab.view?.isErased === true);
}
