import { createActor, fromPromise, SimulatedClock, waitFor } from 'xstate';
import { expect, it } from 'vitest';
import type { MessageId, TurnId } from '../contracts/ids.ts';
import { ATTEMPTS, turnMachine, type Attempt, type TurnContext } from './turn.ts';

const DONE: Attempt = { outcome: { kind: 'completed' }, mayRepeat: false, waitMs: 0 };
const BUSY: Attempt = { outcome: { kind: 'failed', code: 'provider-busy' }, mayRepeat: true, waitMs: 1_000 };
const REFUSED: Attempt = { outcome: { kind: 'failed', code: 'provider-refused' }, mayRepeat: false, waitMs: 0 };

/** How everything goes that the machine asks for, in turn: each place is a choice among what can come of it there. */
type Choices = readonly number[];
const OF_STREAM = [DONE, REFUSED, BUSY, 'breaks'] as const;
const OF_RECORD = ['holds', 'breaks'] as const;

interface Walk {
  readonly states: readonly string[];
  readonly calls: readonly string[];
  readonly outcome: Attempt['outcome'];
  /** How many ways there were at each choice that was met. */
  readonly ways: readonly number[];
}

/** One way through the real machine; beyond the choices given, the first is taken. */
async function walk(choices: Choices, resumes: boolean): Promise<Walk> {
  const ways: number[] = [];
  const calls: string[] = [];
  const choose = <T>(name: string, among: readonly T[]): T => {
    const chosen = among[choices[ways.length] ?? 0] as T;
    ways.push(among.length);
    calls.push(name);
    return chosen;
  };
  const recordAttempt = fromPromise<void, TurnContext>(async () => {
    if (choose('recordAttempt', OF_RECORD) === 'breaks') throw new Error('recordAttempt breaks');
  });
  const stream = fromPromise<Attempt, TurnContext>(async () => {
    const attempt = choose('stream', OF_STREAM);
    if (attempt === 'breaks') throw new Error('stream breaks');
    return attempt;
  });
  /** After what the machine asked for has settled. */
  const told = (): Promise<unknown> => Promise.resolve().then(() => Promise.resolve());
  const clock = new SimulatedClock();
  const machine = turnMachine.provide({ actors: { stream, tellWait: fromPromise<void, TurnContext>(() => Promise.resolve()), recordAttempt } });
  const actor = createActor(machine, { input: { turn: 'turn' as TurnId, reply: 'reply' as MessageId, resumes }, clock });
  const states: string[] = [];
  actor.subscribe(({ value }) => {
    states.push(value as string);
    if (value === 'waiting') void told().then(() => clock.increment(BUSY.waitMs));
  });
  actor.start();
  const { output } = await waitFor(actor, ({ status }) => status === 'done');
  return { states, calls, outcome: output!.outcome, ways };
}

/** Every way there is, by counting on at the last choice that has another. */
async function* everyWalk(resumes: boolean): AsyncGenerator<Walk> {
  for (let choices: number[] | undefined = []; choices !== undefined; ) {
    const walked = await walk(choices, resumes);
    yield walked;
    const taken: number[] = walked.ways.map((_, place) => choices?.[place] ?? 0);
    const last = taken.findLastIndex((choice, place) => choice + 1 < (walked.ways[place] as number));
    choices = last < 0 ? undefined : [...taken.slice(0, last), (taken[last] as number) + 1];
  }
}

it.each([false, true])('[RP3] every way through a turn (taken up again: %s) ends with an outcome, asks at most four times, and never again without a record of it', async (resumes) => {
  const seen = new Set<string>();
  let walks = 0;
  for await (const { states, calls, outcome } of everyWalk(resumes)) {
    walks += 1;
    states.forEach((one) => seen.add(one));
    const asked = calls.filter((call) => call === 'stream').length;
    const recorded = calls.filter((call) => call === 'recordAttempt').length;
    expect({ calls, isTooOften: asked > ATTEMPTS }).toEqual({ calls, isTooOften: false });
    expect({ calls, isOnRecord: asked - (resumes ? 0 : 1) <= recorded }).toEqual({ calls, isOnRecord: true });
    expect(outcome.kind).toMatch(/^(?:completed|failed|interrupted)$/u);
    // Whatever follows a call that may not be repeated, it is not another one.
    expect(calls.slice(0, -1).filter((call, place) => call === 'stream' && calls[place + 1] === 'stream')).toEqual([]);
  }
  expect(walks).toBeGreaterThan(10);
  expect([...seen].toSorted()).toEqual(['ended', 'recordingAttempt', 'streaming', 'waiting']);
});
