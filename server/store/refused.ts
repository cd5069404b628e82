import { Failure } from '../../contracts/failures.ts';

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

/** Whether a commit did not happen because somebody else changed, or added, the same first. */
export function isConflict(error: unknown): boolean {
  return error instanceof CommitRefused && error.reason === 'conflict';
}

/** Whether it happened: not when somebody else was first. */
export async function wentThrough(commit: Promise<void>): Promise<boolean> {
  try {
    await commit;
    return true;
  } catch (error) {
    if (isConflict(error)) return false;
    throw error;
  }
}

/** What a store that could not be read means to whoever asked; a failure that has a code already keeps it. Throws. */
export function unread(error: unknown): never {
  if (error instanceof Failure) throw error;
  throw new Failure('record-unavailable', { cause: error });
}
