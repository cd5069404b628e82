import { MongoError } from 'mongodb';
import type { ClientSession, TransactionOptions } from 'mongodb';
import { CommitRefused } from '../refused.ts';
import { Collided } from './apply.ts';
import { causeOf, hasLabel, isDisconnected } from './driver-error.ts';

const SHORTEST_WAIT_MS = 4;
const LONGEST_WAIT_MS = 250;

const OPTIONS: TransactionOptions = { readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority' }, readPreference: 'primary' };

/** How one attempt ended, when it did not throw. `lost`: it was asked to be committed, and nobody said what became of that. */
type End = { readonly is: 'committed' } | { readonly is: 'again' | 'lost'; readonly cause: unknown };

export interface Sessions {
  begin(): ClientSession;
  /** Told of a session whose transaction may be open still, with nobody to end it. */
  abandon(session: ClientSession): void;
}

/**
 * Runs `work` in a transaction until it is known to be committed by a majority. A write conflict, a lost connection or a new primary before the commit means that nothing
 * happened: all of it is done again, for `tryForMs`, then it is refused as `unavailable`. An answer to the commit that was lost is asked for again as long; then, and
 * whenever a later refusal may be the trace of an earlier attempt, it is `unknown`. What `work` throws is thrown on, with nothing of it done.
 */
export async function commitTransaction(sessions: Sessions, tryForMs: number, work: (session: ClientSession) => Promise<void>): Promise<void> {
  const until = performance.now() + tryForMs;
  let lost: { readonly cause: unknown } | undefined;
  for (let attempt = 0; ; attempt++) {
    const end = await attemptOnce(sessions, work, { until, lose: (cause) => { lost = { cause }; } }).catch((error: unknown) => {
      throw lost !== undefined && error instanceof CommitRefused ? unknown(error) : error;
    });
    if (end.is === 'committed') return;
    if (end.is === 'lost') throw unknown(end.cause);
    if (performance.now() >= until) throw lost === undefined ? new CommitRefused('unavailable', { detail: 'tried for long enough', cause: causeOf(end.cause) }) : unknown(end.cause);
    await shortWait(attempt);
  }
}

interface Attempt {
  readonly until: number;
  /** Called when a commit was asked for and not answered with yes: a later attempt may find what this one left. */
  readonly lose: (cause: unknown) => void;
}

async function attemptOnce({ begin, abandon }: Sessions, work: (session: ClientSession) => Promise<void>, attempt: Attempt): Promise<End> {
  const session = begin();
  let isAway = false;
  try {
    session.startTransaction(OPTIONS);
    try {
      await work(session);
    } catch (error) {
      isAway = isDisconnected(error);
      if (isAway || isPassing(error)) return { is: 'again', cause: error };
      if (error instanceof MongoError) throw new CommitRefused('unavailable', { detail: error.message, cause: causeOf(error) });
      throw error;
    }
    const end = await commitOf(session, attempt);
    if (end.is === 'lost') abandon(session);
    return end;
  } finally {
    // Ends what is still open. A server that is away does that by itself in time, and nobody should wait for it to be back.
    const ended = session.endSession().catch(() => {});
    if (!isAway) await ended;
  }
}

async function commitOf(session: ClientSession, { until, lose }: Attempt): Promise<End> {
  for (let asked = 0; ; asked++) {
    try {
      await session.commitTransaction();
      return { is: 'committed' };
    } catch (error) {
      lose(error);
      if (hasLabel(error, 'TransientTransactionError')) return { is: 'again', cause: error };
      const canBeAsked = hasLabel(error, 'UnknownTransactionCommitResult') || isDisconnected(error);
      if (!canBeAsked || performance.now() >= until) return { is: 'lost', cause: error };
      await shortWait(asked);
    }
  }
}

function isPassing(error: unknown): boolean {
  return error instanceof Collided || hasLabel(error, 'TransientTransactionError');
}

/** The refusal of a commit of which nobody knows whether it happened. */
export function unknown(error: unknown): CommitRefused {
  const cause = causeOf(error);
  return new CommitRefused('unknown', { detail: cause.message, cause });
}

/** Random, so that those who ran into each other do not do so again. */
export function shortWait(attempt: number): Promise<void> {
  const longest = Math.min(LONGEST_WAIT_MS, SHORTEST_WAIT_MS * 2 ** Math.min(attempt, 10));
  return new Promise((resolve) => { setTimeout(resolve, longest * Math.random()); });
}
