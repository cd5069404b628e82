import type { CaseId } from '../../../contracts/ids.ts';
import type { AccessCommand } from '../../state/accesses.ts';
import { AskEvent } from '../settings/outcome.ts';

/** Reading is asked for, granted, refused or withdrawn, or who may is asked. */
export class AccessCommandEvent extends AskEvent {
  readonly case: CaseId;
  readonly command: AccessCommand;
  constructor(id: CaseId, command: AccessCommand) {
    super('gorun-access-command');
    this.case = id;
    this.command = command;
  }
}

declare global {
  interface HTMLElementEventMap {
    'gorun-access-command': AccessCommandEvent;
  }
}
