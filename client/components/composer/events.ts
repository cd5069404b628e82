import type { TurnId } from '../../../contracts/ids.ts';

/** Sends what is written, or queues it while a reply runs. */
export class SendTurnEvent extends Event {
  readonly text: string;
  constructor(text: string) {
    super('gorun-send-turn', { bubbles: true, composed: true });
    this.text = text;
  }
}

/** Asks whoever owns the conversation to stop the running turn. */
export class StopTurnEvent extends Event {
  readonly turn: TurnId;
  constructor(turn: TurnId) {
    super('gorun-stop-turn', { bubbles: true, composed: true });
    this.turn = turn;
  }
}

/** Stops the running turn and sends this in its place. */
export class StopAndSendEvent extends Event {
  readonly text: string;
  constructor(text: string) {
    super('gorun-stop-and-send', { bubbles: true, composed: true });
    this.text = text;
  }
}

/** Files were chosen, pasted or dropped. Nothing was checked yet. */
export class AttachEvent extends Event {
  readonly files: readonly File[];
  constructor(files: readonly File[]) {
    super('gorun-attach', { bubbles: true, composed: true });
    this.files = files;
  }
}

/** The text that is being written has changed. */
export class ChangeDraftEvent extends Event {
  readonly text: string;
  constructor(text: string) {
    super('gorun-change-draft', { bubbles: true, composed: true });
    this.text = text;
  }
}

/** The person wants to change their last message. */
export class EditLastEvent extends Event {
  constructor() {
    super('gorun-edit-last', { bubbles: true, composed: true });
  }
}

declare global {
  interface HTMLElementEventMap {
    'gorun-send-turn': SendTurnEvent;
    'gorun-stop-turn': StopTurnEvent;
    'gorun-stop-and-send': StopAndSendEvent;
    'gorun-attach': AttachEvent;
    'gorun-change-draft': ChangeDraftEvent;
    'gorun-edit-last': EditLastEvent;
  }
}
