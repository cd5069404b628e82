import { expect, it } from 'vitest';
import { judge } from './simulated/run.ts';
import { MECHANISMS } from './simulated/store.ts';

const only = process.env['FUZZ_SEED'];
const SEEDS = only === undefined ? Array.from({ length: 80 }, (_, index) => index + 1) : [Number(only)];

it('[OR1] [OR3] [CO1] [RP1] whatever goes wrong with instances, Redis, the database and the network: no gap, no duplicate, no stale write, no turn lost, and every command is answered with what is so', async () => {
  for (const seed of SEEDS) expect(await judge(seed, undefined), `npm run faults -- --simulated 1 --seed ${seed}`).toMatchObject({ found: [] });
});

/** From which seed on each is looked for: the rarer it matters, the fewer histories find it. */
const FROM: Record<(typeof MECHANISMS)[number], number> = { fence: 1, dedupe: 1, position: 1, checkpoints: 540 };

it.each(MECHANISMS)('without the %s the same histories find failures', async (without) => {
  const judged = [];
  for (let seed = FROM[without]; seed < FROM[without] + 60; seed++) judged.push(await judge(seed, without));
  expect(judged.filter(({ found }) => found.length > 0).length).toBeGreaterThan(0);
});

it('the same seed is the same history', async () => {
  const [one, again] = [await judge(7, undefined), await judge(7, undefined)];
  expect({ ...again }).toEqual({ ...one });
});
