import { isDeepStrictEqual } from 'node:util';
import type { ConversationEvent } from '../../contracts/events.ts';
import type { Actor } from '../../contracts/records.ts';
import type { Vouched } from '../../contracts/vouched.ts';
import type { ConversationView } from '../../contracts/view.ts';

/** What happens, and that the site tells something else of its visitor than when they last did something here. */
export function withVouched(view: ConversationView, events: readonly ConversationEvent[], actor: Actor): readonly ConversationEvent[] {
  const told = vouchedOf(actor);
  return told === undefined || isDeepStrictEqual(told, view.conversation.visitor) ? events : [...events, { type: 'conversation-changed', change: { visitor: told } }];
}

function vouchedOf({ site, subject, vouched }: Actor): Vouched | undefined {
  return site === undefined || subject === undefined ? undefined : { subject, ...vouched };
}
