import { msg } from '@lit/localize';
import type { ConversationId } from '../../../contracts/ids.ts';
import type { MenuItem } from '../menu/menu.ts';
import { ARCHIVE, PIN } from '../../icons-app.ts';

/** The person gave a conversation a name. */
export class RenameConversationEvent extends Event {
  readonly conversation: ConversationId;
  readonly title: string;
  constructor(conversation: ConversationId, title: string) {
    super('gorun-rename-conversation', { bubbles: true, composed: true });
    this.conversation = conversation;
    this.title = title;
  }
}

/** Asks for a conversation to be pinned, or not to be any more. */
export class PinConversationEvent extends Event {
  readonly conversation: ConversationId;
  readonly pinned: boolean;
  constructor(conversation: ConversationId, pinned: boolean) {
    super('gorun-pin-conversation', { bubbles: true, composed: true });
    this.conversation = conversation;
    this.pinned = pinned;
  }
}

/** Asks for a conversation to be put into the archive, or taken out. */
export class ArchiveConversationEvent extends Event {
  readonly conversation: ConversationId;
  readonly archived: boolean;
  constructor(conversation: ConversationId, archived: boolean) {
    super('gorun-archive-conversation', { bubbles: true, composed: true });
    this.conversation = conversation;
    this.archived = archived;
  }
}

/** Asks for a conversation to be deleted; it can be undone for a while. */
export class DeleteConversationEvent extends Event {
  readonly conversation: ConversationId;
  constructor(conversation: ConversationId) {
    super('gorun-delete-conversation', { bubbles: true, composed: true });
    this.conversation = conversation;
  }
}

/** What a menu needs to know of a conversation. */
export interface Acted {
  readonly id: ConversationId;
  readonly pinned: boolean;
  readonly archived: boolean;
  /** In no list. */
  readonly temporary?: boolean | undefined;
}

/** What can be done with a conversation, the same in its row and in the header. */
export function actionsOf(conversation: Acted): readonly MenuItem[] {
  if (conversation.temporary === true) return [{ id: 'delete', text: msg('Delete'), icon: 'trash', isDanger: true }];
  return [
    { id: 'rename', text: msg('Rename'), icon: 'edit', keys: 'F2' },
    { id: 'pin', text: conversation.pinned ? msg('Unpin') : msg('Pin'), icon: PIN },
    { id: 'archive', text: conversation.archived ? msg('Restore from archive') : msg('Archive'), icon: ARCHIVE, startsGroup: true },
    { id: 'delete', text: msg('Delete'), icon: 'trash', isDanger: true },
  ];
}

/** The event for a chosen item; renaming is done in place, so it has none. */
export function actionEvent(item: string, conversation: Acted): Event | undefined {
  if (item === 'pin') return new PinConversationEvent(conversation.id, !conversation.pinned);
  if (item === 'archive') return new ArchiveConversationEvent(conversation.id, !conversation.archived);
  return item === 'delete' ? new DeleteConversationEvent(conversation.id) : undefined;
}

declare global {
  interface HTMLElementEventMap {
    'gorun-rename-conversation': RenameConversationEvent;
    'gorun-pin-conversation': PinConversationEvent;
    'gorun-archive-conversation': ArchiveConversationEvent;
    'gorun-delete-conversation': DeleteConversationEvent;
  }
}
