import type { Rating } from '../../../contracts/conversation.ts';
import type { MessageId } from '../../../contracts/ids.ts';

/** The person wrote another version of a message of theirs; it becomes a sibling and is answered anew. */
export class EditMessageEvent extends Event {
  readonly message: MessageId;
  readonly text: string;
  constructor(message: MessageId, text: string) {
    super('gorun-edit-message', { bubbles: true, composed: true });
    this.message = message;
    this.text = text;
  }
}

/** Asks for another reply beside this one. */
export class RetryTurnEvent extends Event {
  readonly message: MessageId;
  constructor(message: MessageId) {
    super('gorun-retry-turn', { bubbles: true, composed: true });
    this.message = message;
  }
}

/** Asks for more of a reply that was cut off. */
export class ContinueTurnEvent extends Event {
  readonly message: MessageId;
  constructor(message: MessageId) {
    super('gorun-continue-turn', { bubbles: true, composed: true });
    this.message = message;
  }
}

/** Shows this message instead of its siblings. */
export class ChooseBranchEvent extends Event {
  readonly message: MessageId;
  constructor(message: MessageId) {
    super('gorun-choose-branch', { bubbles: true, composed: true });
    this.message = message;
  }
}

/** Sends a refused message again with this text; `isAnyway` although the conversation has moved on. */
export class ResendMessageEvent extends Event {
  readonly pending: string;
  readonly text: string;
  readonly isAnyway: boolean;
  constructor(pending: string, text: string, isAnyway: boolean) {
    super('gorun-resend-message', { bubbles: true, composed: true });
    this.pending = pending;
    this.text = text;
    this.isAnyway = isAnyway;
  }
}

/** Takes back a message that has not gone out. */
export class RemovePendingEvent extends Event {
  readonly pending: string;
  constructor(pending: string) {
    super('gorun-remove-pending', { bubbles: true, composed: true });
    this.pending = pending;
  }
}

/** A way out of a failure that leads elsewhere. `message` is the reply that failed, when there is one. */
export class FailureActionEvent extends Event {
  readonly action: 'settings' | 'other-model' | 'choose-model' | 'shorten' | 'sign-in' | 'reload';
  readonly message: MessageId | undefined;
  constructor(action: FailureActionEvent['action'], message: MessageId | undefined) {
    super('gorun-failure-action', { bubbles: true, composed: true });
    this.action = action;
    this.message = message;
  }
}

/** What the person thinks of a reply; `null` takes it back. */
export class RateMessageEvent extends Event {
  readonly message: MessageId;
  readonly rating: Rating | null;
  constructor(message: MessageId, rating: Rating | null) {
    super('gorun-rate-message', { bubbles: true, composed: true });
    this.message = message;
    this.rating = rating;
  }
}

declare global {
  interface HTMLElementEventMap {
    'gorun-edit-message': EditMessageEvent;
    'gorun-retry-turn': RetryTurnEvent;
    'gorun-continue-turn': ContinueTurnEvent;
    'gorun-choose-branch': ChooseBranchEvent;
    'gorun-rate-message': RateMessageEvent;
    'gorun-resend-message': ResendMessageEvent;
    'gorun-remove-pending': RemovePendingEvent;
    'gorun-failure-action': FailureActionEvent;
  }
}
