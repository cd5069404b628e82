/** Why a commit did not happen, or that this is not known. `store.ts` says what each means. */
export type RefusalReason = 'stale' | 'conflict' | 'uncovered' | 'unfenced' | 'ungated' | 'too-large' | 'unavailable' | 'unknown';

/** Thrown by every adapter of the store, so that callers decide by the reason and never by a driver's error. */
export class CommitRefused extends Error {
  readonly reason: RefusalReason;
  constructor(reason: RefusalReason, options: { detail?: string; cause?: unknown } = {}) {
    super(options.detail ? `commit ${reason}: ${options.detail}` : `commit ${reason}`, { cause: options.cause });
    this.name = 'CommitRefused';
    this.reason = reason;
  }
}
