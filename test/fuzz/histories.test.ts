import { describe, expect, it } from 'vitest';
import { verifyDatabase } from '../../server/journal/verify/database.ts';
import { newServerProcess } from '../support/process.ts';
import { newServer } from '../support/server.ts';
import { newAccount, type Account } from '../support/tab.ts';
import { faultsIn, runHistory, type Outcome } from './history.ts';

const only = process.env['FUZZ_SEED'];
const seeds = (count: number, from: number): number[] => (only === undefined ? Array.from({ length: count }, (_, index) => from + index) : [Number(only)]);

async function judge(outcome: Outcome): Promise<void> {
  expect(await faultsIn(outcome, 25_000, true)).toEqual([]);
}

async function end({ tabs }: Outcome): Promise<void> {
  for (const tab of tabs) await tab[Symbol.asyncDispose]();
}

describe('[OR1] [RP1] whatever is sent, stopped, dropped, reloaded and restarted, every tab ends with the same thread, and no shown character is lost', () => {
  it.each(seeds(6, 1))('seed %i, restarts (again: FUZZ_SEED=$seed npm run test:unit -- histories)', async (seed) => {
    await using server = await newServer({ config: { demoWordsPerSecond: 1_500 } });
    const account: Account = await newAccount(server.url);
    const outcome = await runHistory(seed, 20, { account, crash: () => server.restart() });
    await judge(outcome);
    await end(outcome);
    expect(outcome.acknowledged.length).toBeGreaterThan(0);
  });

  it.each(seeds(2, 101))('seed %i, kill -9 (again: FUZZ_SEED=$seed npm run test:unit -- histories)', async (seed) => {
    await using server = await newServerProcess('never:1', { DEMO_PACE: '1500' });
    const account = await newAccount(server.url);
    const outcome = await runHistory(seed, 16, { account, crash: async () => (await server.kill(), server.start('never:1')) });
    await judge(outcome);
    await end(outcome);
    await server.kill();
    expect(verifyDatabase(server.folder).findings).toEqual([]);
  });
});
