/** The person wants to see the newest, and what comes after it. The thread goes there by itself. */
export class FollowEndEvent extends Event {
  constructor() {
    super('gorun-follow-end', { bubbles: true, composed: true });
  }
}

/** The person wants to write: puts the focus into the composer. */
export class FocusComposerEvent extends Event {
  constructor() {
    super('gorun-focus-composer', { bubbles: true, composed: true });
  }
}

/** What is offered where a conversation should stand and does not. */
export class ThreadActionEvent extends Event {
  readonly action: 'load-again' | 'new-chat';
  constructor(action: ThreadActionEvent['action']) {
    super('gorun-thread-action', { bubbles: true, composed: true });
    this.action = action;
  }
}

declare global {
  interface HTMLElementEventMap {
    'gorun-follow-end': FollowEndEvent;
    'gorun-focus-composer': FocusComposerEvent;
    'gorun-thread-action': ThreadActionEvent;
  }
}
