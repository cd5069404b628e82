import { createActor, fromPromise, SimulatedClock } from 'xstate';
import { describe, expect, it } from 'vitest';
import { FIRST_WAIT_MS, LOOK_MS, MOST_WAIT_MS, shippingMachine, type Shipped } from './shipping.ts';

const WHOLE: Shipped = { holds: 7, of: 7 };

/** The real machine at a time that the test sets; each call of `ship` waits until it is answered. */
function begin() {
  const clock = new SimulatedClock();
  const asked: PromiseWithResolvers<Shipped>[] = [];
  const ship = fromPromise<Shipped, void>(() => {
    const answer = Promise.withResolvers<Shipped>();
    asked.push(answer);
    return answer.promise;
  });
  const actor = createActor(shippingMachine.provide({ actors: { ship } }), { clock });
  actor.start();
  const told = async (): Promise<void> => {
    for (let turn = 0; turn < 4; turn++) await Promise.resolve();
  };
  return {
    actor,
    clock,
    calls: () => asked.length,
    state: () => actor.getSnapshot().value,
    async answer(how: 'well' | 'badly'): Promise<void> {
      if (how === 'well') asked.at(-1)!.resolve(WHOLE);
      else asked.at(-1)!.reject(new Error('the copy is full'));
      await told();
    },
  };
}

describe('[RE9] shipping', () => {
  it('begins at once, rests when all is there, and looks again', async () => {
    const { actor, clock, calls, state, answer } = begin();
    expect([state(), calls()]).toEqual(['shipping', 1]);
    for (let round = 1; round < 5; round++) {
      await answer('well');
      expect([state(), calls(), actor.getSnapshot().context]).toEqual(['idle', round, { ...WHOLE, failures: 0, problem: undefined }]);
      clock.increment(LOOK_MS - 1);
      expect(state()).toBe('idle');
      clock.increment(1);
      expect([state(), calls()]).toEqual(['shipping', round + 1]);
    }
  });

  it('waits twice as long after each failure, up to five minutes, for as long as it fails', async () => {
    const { clock, calls, state, answer, actor } = begin();
    for (let failures = 1; failures < 1_200; failures++) {
      await answer('badly');
      expect([state(), actor.getSnapshot().context.failures]).toEqual(['backingOff', failures]);
      const wait = failures < 10 ? FIRST_WAIT_MS * 2 ** (failures - 1) : MOST_WAIT_MS;
      clock.increment(Math.min(wait, MOST_WAIT_MS) - 1);
      expect([state(), calls()]).toEqual(['backingOff', failures]);
      clock.increment(1);
      expect([state(), calls()]).toEqual(['shipping', failures + 1]);
    }
  });

  it('begins with the shortest wait again after one time that went well, and keeps what it knew of the copy until then', async () => {
    const { actor, clock, state, answer } = begin();
    await answer('well');
    clock.increment(LOOK_MS);
    for (let failures = 1; failures < 4; failures++) {
      await answer('badly');
      expect(actor.getSnapshot().context).toEqual({ ...WHOLE, failures, problem: new Error('the copy is full') });
      clock.increment(MOST_WAIT_MS);
    }
    await answer('well');
    expect(actor.getSnapshot().context).toEqual({ ...WHOLE, failures: 0, problem: undefined });
    clock.increment(LOOK_MS);
    await answer('badly');
    clock.increment(FIRST_WAIT_MS);
    expect(state()).toBe('shipping');
  });

  it.each(['well', 'badly'] as const)('looks at once when it is told to after it went %s, and never twice at a time', async (how) => {
    const { actor, clock, calls, state, answer } = begin();
    actor.send({ type: 'look' });
    expect([state(), calls()]).toEqual(['shipping', 1]);
    await answer(how);
    actor.send({ type: 'look' });
    actor.send({ type: 'look' });
    expect([state(), calls()]).toEqual(['shipping', 2]);
    clock.increment(MOST_WAIT_MS * 2); // the wait that was cut short is over, and starts nothing
    expect(calls()).toBe(2);
  });

  it('never ends, however it goes', async () => {
    for (let ways = 0; ways < 2 ** 6; ways++) {
      const { actor, clock, calls, state, answer } = begin();
      for (let step = 0; step < 6; step++) {
        const isWell = ((ways >> step) & 1) === 1;
        await answer(isWell ? 'well' : 'badly');
        expect(state()).toBe(isWell ? 'idle' : 'backingOff');
        clock.increment(MOST_WAIT_MS);
        expect([state(), calls(), actor.getSnapshot().status]).toEqual(['shipping', step + 2, 'active']);
      }
    }
  });
});
