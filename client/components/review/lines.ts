import type { Message } from '../../../contracts/conversation.ts';

/** A message of a conversation that is read whole, with its place among its versions. */
export interface Line {
  readonly message: Message;
  readonly version: number;
  readonly versions: number;
  /** What it follows, where that is not the line before it; `null` for the beginning. `undefined` where it is. */
  readonly follows: Message | null | undefined;
}

/** All branches of a conversation, one after the other as they were written, so that nothing has to be opened to be seen. */
export function linesOf(messages: readonly Message[]): readonly Line[] {
  const siblings = Map.groupBy(messages, ({ parent }) => parent ?? '');
  const byId = new Map(messages.map((message) => [message.id, message]));
  return messages.map((message, place) => {
    const versions = siblings.get(message.parent ?? '') ?? [];
    const before = messages[place - 1]?.id ?? null;
    const follows = message.parent === null ? null : byId.get(message.parent);
    return { message, version: versions.indexOf(message) + 1, versions: versions.length, follows: message.parent === before ? undefined : follows };
  });
}
