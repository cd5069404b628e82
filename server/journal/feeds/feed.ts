import type { OcsfEvent } from '../ocsf.ts';

/** Where the audit log is sent on to, such as a system that watches many products. */
export interface Feed {
  /** Where that is, in words for the operator; no secret. */
  readonly place: string;
  /** Resolves when all of them were taken over there, as far as the way there tells. Rejects with whatever went wrong: then all of them are sent again. */
  send(events: readonly OcsfEvent[]): Promise<void>;
}
