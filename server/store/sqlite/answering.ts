import { flushCompileCache } from 'node:module';
import { receiveMessageOnPort } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { CommitRefused } from '../refused.ts';
import type { FromWorker, Numbered, Outcome } from './calls.ts';

/** Most calls answered together: bounds one transaction, and how long its first caller waits for the others. */
const MOST_TOGETHER = 256;

export const CLOSE = 'close';

/**
 * The far end of a `WorkerLine`: hands over everything that has arrived since the last group, and posts the answers of a group in one message.
 * `answer` gives one outcome per call, in order, and throws for nothing that a caller could cause.
 */
export function answerGroups<Call>(port: MessagePort, answer: (calls: readonly Call[]) => readonly Outcome[], close: () => void): void {
  port.on('message', (first: Numbered<Call | typeof CLOSE>) => {
    const group = [first, ...takeArrived<Numbered<Call | typeof CLOSE>>(port)];
    const calls = group.filter((call): call is Numbered<Call> => call.it !== CLOSE);
    const outcomes = calls.length === 0 ? [] : answer(calls.map((call) => call.it));
    const replies: Numbered<Outcome>[] = calls.map((call, place) => ({ number: call.number, it: outcomes[place] as Outcome }));
    const closing = group.find((call) => call.it === CLOSE);
    if (closing !== undefined) replies.push({ number: closing.number, it: outcomeOf(close) });
    port.postMessage({ replies } satisfies FromWorker<never>);
    if (closing !== undefined) port.close();
  });
}

/** Says that this thread can be asked. What Node has compiled for it is kept by then: else only a thread that ends in order keeps it, and the next start compiles it again, with fifteen megabytes for the compiler. */
export function sayReady<Ready>(port: MessagePort, ready: Ready): void {
  flushCompileCache();
  port.postMessage({ ready } satisfies FromWorker<Ready>);
}

function takeArrived<Message>(port: MessagePort): Message[] {
  const arrived: Message[] = [];
  while (arrived.length < MOST_TOGETHER - 1) {
    const next = receiveMessageOnPort(port) as { message: Message } | undefined;
    if (next === undefined) break;
    arrived.push(next.message);
  }
  return arrived;
}

/** Runs one read; what it throws becomes a failed outcome instead of the end of the thread. */
export function outcomeOf(run: () => unknown): Outcome {
  try {
    return { is: 'done', value: run() };
  } catch (error) {
    return { is: 'failed', message: messageOf(error) };
  }
}

/** A refusal keeps its reason; anything else that ends a commit means that the engine could not write. */
export function refusalOutcome(error: unknown): Outcome {
  if (error instanceof CommitRefused) return { is: 'refused', reason: error.reason, detail: error.message };
  return { is: 'refused', reason: 'unavailable', detail: messageOf(error) };
}

/** What an error says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
