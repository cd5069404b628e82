import type { FailureCode } from '../../../contracts/failures.ts';
import type { MessageId } from '../../../contracts/ids.ts';

/** The person wants the panel away. */
export class ClosePanelEvent extends Event {
  constructor() {
    super('gorun-panel-close', { bubbles: true, composed: true });
  }
}

/** The connection, the conversation or the number of unread replies is another one. */
export class PanelChangeEvent extends Event {
  constructor() {
    super('gorun-panel-change', { bubbles: true, composed: true });
  }
}

/** Something was refused or broke off, under its code of the failure table. */
export class PanelFailureEvent extends Event {
  readonly code: FailureCode;
  constructor(code: FailureCode) {
    super('gorun-failure', { bubbles: true, composed: true });
    this.code = code;
  }
}

/** A person was asked for, has not come for a minute (`waiting`), answers, or answers no more. */
export class HandoffEvent extends Event {
  readonly state: 'asked' | 'waiting' | 'joined' | 'ended';
  constructor(state: HandoffEvent['state']) {
    super('gorun-handoff', { bubbles: true, composed: true });
    this.state = state;
  }
}

/** A message is on record. What it says is the visitor's and stays here, unless the site has it that its pages are told. */
export class MessageSaidEvent extends Event {
  readonly author: 'person' | 'model';
  readonly messageId: MessageId;
  readonly text: string | undefined;
  constructor(author: MessageSaidEvent['author'], messageId: MessageId, text: string | undefined) {
    super('gorun-message', { bubbles: true, composed: true });
    this.author = author;
    this.messageId = messageId;
    this.text = text;
  }
}

declare global {
  interface HTMLElementEventMap {
    'gorun-panel-close': ClosePanelEvent;
    'gorun-panel-change': PanelChangeEvent;
    'gorun-handoff': HandoffEvent;
    'gorun-message': MessageSaidEvent;
    'gorun-failure': PanelFailureEvent;
  }
}
