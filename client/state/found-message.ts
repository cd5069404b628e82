import type { MessageId } from '../../contracts/ids.ts';
import { messagesOf, pathOf } from '../../contracts/view.ts';
import type { ConversationView } from '../../contracts/view.ts';

/** A message that somebody looked for; each time it is looked for it is another object. */
export interface FoundMessage {
  readonly message: MessageId;
  isShown: boolean;
}

/** The messages that must be chosen for this one to be shown, the topmost first; nothing when it is not there. */
export function hiddenOn(view: ConversationView, wanted: MessageId): readonly MessageId[] | undefined {
  const byId = new Map(messagesOf(view).map((message) => [message.id, message]));
  if (!byId.has(wanted)) return undefined;
  const path = new Set(pathOf(view).map(({ message }) => message.id));
  const hidden: MessageId[] = [];
  for (let at = byId.get(wanted); at !== undefined && !path.has(at.id); at = at.parent === null ? undefined : byId.get(at.parent)) hidden.unshift(at.id);
  return hidden;
}
