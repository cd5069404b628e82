import type { ConversationId } from '../../../contracts/ids.ts';
import type { InboxWanted } from '../../state/inbox.ts';

/** Keeps the visitor of this conversation out of its site, or lets them in again. */
export class BlockVisitorEvent extends Event {
  readonly conversation: ConversationId;
  readonly isBlocked: boolean;
  constructor(conversation: ConversationId, isBlocked: boolean) {
    super('gorun-block-visitor', { bubbles: true, composed: true });
    this.conversation = conversation;
    this.isBlocked = isBlocked;
  }
}

/** Others are to be shown. */
export class ChooseInboxEvent extends Event {
  readonly wanted: InboxWanted;
  constructor(wanted: InboxWanted) {
    super('gorun-choose-inbox', { bubbles: true, composed: true });
    this.wanted = wanted;
  }
}

/** Earlier ones are to be shown, too. */
export class MoreInboxEvent extends Event {
  constructor() {
    super('gorun-more-inbox', { bubbles: true, composed: true });
  }
}

declare global {
  interface HTMLElementEventMap {
    'gorun-block-visitor': BlockVisitorEvent;
    'gorun-choose-inbox': ChooseInboxEvent;
    'gorun-more-inbox': MoreInboxEvent;
  }
}
