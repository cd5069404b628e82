import type { CaseId } from '../../../contracts/ids.ts';
import type { ExportCommand } from '../../state/exports.ts';
import { AskEvent } from '../settings/outcome.ts';

/** A package is ordered, decided on, cancelled or downloaded, or they are asked for. A file that comes of it is in `outcome`. */
export class ExportCommandEvent extends AskEvent {
  readonly case: CaseId;
  readonly command: ExportCommand;
  constructor(id: CaseId, command: ExportCommand) {
    super('gorun-export-command');
    this.case = id;
    this.command = command;
  }
}

declare global {
  interface HTMLElementEventMap {
    'gorun-export-command': ExportCommandEvent;
  }
}
