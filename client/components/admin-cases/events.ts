import type { CaseId } from '../../../contracts/ids.ts';
import type { CaseCommand } from '../../state/cases.ts';
import type { Reviewing } from '../../state/review.ts';
import { AskEvent } from '../settings/outcome.ts';

/** A case is opened or closed, a hold placed or released. */
export class CaseCommandEvent extends AskEvent {
  readonly command: CaseCommand;
  constructor(command: CaseCommand) {
    super('gorun-case-command');
    this.command = command;
  }
}

/** Something that others wrote is asked for. What comes of it is in `outcome`, too. */
export class ReviewEvent extends AskEvent {
  readonly case: CaseId;
  readonly asked: Reviewing;
  constructor(id: CaseId, asked: Reviewing) {
    super('gorun-review');
    this.case = id;
    this.asked = asked;
  }
}

declare global {
  interface HTMLElementEventMap {
    'gorun-case-command': CaseCommandEvent;
    'gorun-review': ReviewEvent;
  }
}
