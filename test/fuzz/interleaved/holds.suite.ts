import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenStore } from '../../ports/store.suite.ts';
import { planOf, runHistory, type Plan } from './history.ts';
import { nextChoices } from './schedule.ts';
import { newWorld, type World } from './world.ts';

/** Two who meet, in every order that there is of what they read and commit. Those with longer ways are among three. */
const MEETINGS: readonly Plan[] = [
  { start: 'due', of: 'conversation', isHeld: false, parties: ['hold', 'erase'] },
  { start: 'due', of: 'everybody', isHeld: false, parties: ['hold', 'erase'] },
  { start: 'unsent', of: 'site', isHeld: false, parties: ['hold', 'unsent'] },
  { start: 'due', of: 'person', isHeld: true, parties: ['release', 'erase'] },
  { start: 'due', of: 'everybody', isHeld: true, parties: ['release', 'erase'] },
  { start: 'due', of: 'everybody', isHeld: true, parties: ['hold', 'release'] },
  { start: 'unsent', of: 'everybody', isHeld: false, parties: ['hold', 'unsent'] },
  { start: 'due', of: 'everybody', isHeld: false, parties: ['hold of an earlier time', 'erase'] },
  { start: 'unsent', of: 'person', isHeld: false, parties: ['know', 'hold'] },
  { start: 'unsent', of: 'person', isHeld: true, parties: ['know', 'unsent'] },
  { start: 'unsent', of: 'person', isHeld: true, parties: ['know', 'release'] },
  { start: 'due', of: 'person', isHeld: false, parties: ['hold', 'erase'] },
  { start: 'due', of: 'conversation', isHeld: false, parties: ['hold of an earlier time', 'erase'] },
  { start: 'due', of: 'conversation', isHeld: true, parties: ['hold', 'release'] },
  { start: 'due', of: 'conversation', isHeld: false, parties: ['erase', 'erase'] },
  { start: 'deleted', of: 'conversation', isHeld: false, parties: ['restore', 'erase'] },
  { start: 'live', of: 'conversation', isHeld: false, parties: ['delete', 'hold'] },
  { start: 'unsent', of: 'person', isHeld: true, parties: ['release', 'unsent'] },
  { start: 'unsent', of: 'conversation', isHeld: false, parties: ['send', 'unsent'] },
];
/** More orders than any of them has. */
const MOST_ORDERS = 200;

const nameOf = ({ start, of, isHeld, parties }: Plan): string => `${parties.join(' and ')}: ${start}${isHeld ? ', held' : ''}, ${of}`;

interface Explored {
  readonly orders: number;
  readonly found: readonly string[];
}

async function explore(world: World, plan: Plan, isEnough: (found: readonly string[]) => boolean = () => false): Promise<Explored> {
  const found: string[] = [];
  let orders = 0;
  for (let choices: number[] | undefined = []; choices !== undefined && orders < MOST_ORDERS && !isEnough(found); orders++) {
    const made: { choice: number; of: number }[] = [];
    const given: readonly number[] = choices;
    const wrong = await runHistory(world, plan, (of) => {
      const choice = given[made.length] ?? 0;
      made.push({ choice, of });
      return choice;
    });
    found.push(...wrong.map((one) => `${nameOf(plan)} (${made.map(({ choice }) => choice).join('')}): ${one}`));
    choices = nextChoices(made);
  }
  return { orders, found };
}

/** What is promised of holds and erasure, whatever order things come in, on every store. */
export function interleavedHolds(name: string, open: () => Promise<OpenStore>, { meetings, seeds }: { readonly meetings: number; readonly seeds: number }): void {
  const only = process.env['FUZZ_SEED'];
  const SEEDS = only === undefined ? Array.from({ length: seeds }, (_, index) => index + 1) : [Number(only)];
  describe(`[RE7] [RE27] holds and erasure on the ${name} store`, () => {
    let opened: OpenStore;
    let world: World;
    beforeEach(async () => {
      opened = await open();
      world = await newWorld(opened.store);
    });
    afterEach(async () => {
      await world.end();
      await opened.close();
    });

    it.each(MEETINGS.slice(0, meetings).map((plan) => [nameOf(plan), plan] as const))('two at once, in every order of what they read and commit: nothing is erased that is held, nothing by half, and all of it once nothing holds it: %s', async (_, plan) => {
      const { orders, found } = await explore(world, plan, (wrong) => wrong.length > 0);
      expect(found).toEqual([]);
      expect(orders).toBeGreaterThan(1);
      expect(orders).toBeLessThan(MOST_ORDERS);
    });

    it('three at once: the same, in orders that seeds say', async () => {
      for (const seed of SEEDS) {
        const { plan, dice } = planOf(seed);
        expect(await runHistory(world, plan, (count) => dice.below(count)), `FUZZ_SEED=${seed}, ${nameOf(plan)}`).toEqual([]);
      }
    });

    it('is found out where whoever erases reads the gate and does not write it', async () => {
      const reading = await newWorld(opened.store, true);
      for (const meeting of MEETINGS.slice(0, 2)) expect((await explore(reading, meeting, (found) => found.length > 0)).found).toEqual(expect.arrayContaining([expect.stringMatching(/was erased at \d+ while it was held/u)]));
      await reading.end();
    });
  });
}
