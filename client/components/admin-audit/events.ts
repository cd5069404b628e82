import type { AuditWanted } from '../../state/audit-wanted.ts';
import { AskEvent } from '../settings/outcome.ts';

/** Another part of the log shall be shown. */
export class ShowAuditEvent extends Event {
  readonly wanted: AuditWanted;
  constructor(wanted: AuditWanted) {
    super('gorun-show-audit', { bubbles: true, composed: true });
    this.wanted = wanted;
  }
}

/** What came before shall be shown, too. */
export class MoreAuditEvent extends Event {
  constructor() {
    super('gorun-more-audit', { bubbles: true, composed: true });
  }
}

/** New entries shall be shown as they come, or no longer. */
export class FollowAuditEvent extends Event {
  readonly isOn: boolean;
  constructor(isOn: boolean) {
    super('gorun-follow-audit', { bubbles: true, composed: true });
    this.isOn = isOn;
  }
}

export type AuditFormat = 'csv' | 'ndjson';

/** What fits is asked for as a file, which is in `outcome`. */
export class TakeAuditEvent extends AskEvent {
  readonly format: AuditFormat;
  readonly progress: (bytes: number) => void;
  constructor(format: AuditFormat, progress: (bytes: number) => void) {
    super('gorun-take-audit');
    this.format = format;
    this.progress = progress;
  }
}

declare global {
  interface HTMLElementEventMap {
    'gorun-show-audit': ShowAuditEvent;
    'gorun-more-audit': MoreAuditEvent;
    'gorun-follow-audit': FollowAuditEvent;
    'gorun-take-audit': TakeAuditEvent;
  }
}
