import type { TurnOutcome } from '../../contracts/conversation.ts';
import { Failure, type FailureCode } from '../../contracts/failures.ts';
import type { Usage } from '../../contracts/models.ts';
import { measuredOf } from '../../contracts/view.ts';
import type { Attempt } from '../../machines/turn.ts';
import type { ProviderPart } from '../providers/provider.ts';
import type { Draft } from './draft.ts';

const PASSING: readonly FailureCode[] = ['provider-busy', 'provider-unreachable'];
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;

/** Where the text of a call goes: the draft of a reply, or what a title is made of. */
export type Growing = Pick<Draft, 'push' | 'flush' | 'isFull'>;

export interface Call {
  readonly growing: Growing;
  /** The provider keeps the response, under this name. */
  accepted?(response: string): void;
  /** Of this attempt, from 1. */
  readonly number: number;
  readonly signal: AbortSignal;
  /** For the operator: a mistake of ours, before it becomes a code. */
  warn(error: unknown, what: string): void;
}

/**
 * Listens to what one call of a provider says, which begins with that, and lets its text grow. Only the provider's own end makes the outcome `completed`; an iteration that just stops broke off. A text that has
 * no more room ends there, as one that reached the provider's own limit.
 * Never throws for what a provider does; resolves when everything it said is shown.
 */
export async function callProvider(parts: AsyncIterable<ProviderPart>, { growing, accepted, number, signal, warn }: Call): Promise<Attempt> {
  let usage: Usage | undefined;
  let outcome: TurnOutcome = { kind: 'interrupted', code: 'provider-broke-off' };
  let waitMs = 0;
  let hasText = false;
  const beganAt = performance.now();
  const times: { first?: number; thought?: number; said?: number } = {};
  try {
    for await (const part of parts) {
      if (part.type === 'usage') usage = { ...usage, ...part.usage };
      else if (part.type === 'accepted') accepted?.(part.response);
      else if (part.type === 'end') outcome = outcomeOfEnd(part.reason, part.detail);
      else {
        hasText = true;
        times.first ??= performance.now();
        if (part.type === 'reasoning') times.thought ??= performance.now();
        else times.said ??= performance.now();
        growing.push(part.type, part.text.toWellFormed());
      }
      if (!growing.isFull) continue;
      outcome = outcomeOfEnd('length', undefined);
      break; // and with that the provider's connection is closed
    }
    await growing.flush();
  } catch (error) {
    if (signal.aborted) throw error;
    const failure = error instanceof Failure ? error : new Failure('internal', { cause: error });
    if (failure.code === 'internal') warn(error, 'a call of a provider ended in a mistake of ours');
    outcome = outcomeOfFailure(failure, hasText);
    waitMs = Math.min(LONGEST_WAIT_MS, failure.retryAfterMs ?? FIRST_WAIT_MS * 2 ** (number - 1) * (1 + Math.random() / 4));
    if (hasText) await growing.flush().catch(() => undefined); // the draft's own failure is the outcome already
  }
  const mayRepeat = outcome.kind === 'failed' && !hasText && outcome.code !== undefined && PASSING.includes(outcome.code);
  const reasonedMs = times.thought === undefined ? undefined : Math.max(0, Math.round((times.said ?? performance.now()) - times.thought));
  const firstMs = times.first === undefined ? undefined : Math.round(times.first - beganAt);
  return { outcome, mayRepeat, waitMs, ...measuredOf({ usage, firstMs, reasonedMs }) };
}

function outcomeOfEnd(reason: 'done' | 'length' | 'refused', detail: string | undefined): TurnOutcome {
  const said = detail === undefined ? {} : { detail: detail.slice(0, 2_000).toWellFormed() };
  if (reason === 'done') return { kind: 'completed' };
  return reason === 'length' ? { kind: 'completed', code: 'output-limit', ...said } : { kind: 'failed', code: 'content-refused', ...said };
}

/** A connection that breaks after text has come interrupts the reply; before, it failed. */
function outcomeOfFailure(failure: Failure, hasText: boolean): TurnOutcome {
  const kind = hasText && (failure.code === 'provider-broke-off' || failure.code === 'provider-unreachable') ? 'interrupted' : 'failed';
  const code = kind === 'interrupted' ? 'provider-broke-off' : failure.code;
  return { kind, code, ...(failure.detail !== undefined && { detail: failure.detail.slice(0, 2_000).toWellFormed() }) };
}
