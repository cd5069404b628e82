import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Instance } from '../support/cluster.ts';
import { measuredAt } from '../support/measured.ts';
import { newPair, type Pair } from '../support/pair.ts';

const HEALED_WITHIN_MS = 45_000;
const SHARED = { timeout: HEALED_WITHIN_MS, interval: 100 };

let pair: Pair;
beforeEach(async () => {
  pair = await newPair({ DEMO_PACE: '15' });
});
afterEach(() => pair[Symbol.asyncDispose]());

/** What the owner and the other one count. */
async function countedBy(metric: string, labels: Record<string, string> = {}): Promise<number[]> {
  return Promise.all(pair.cluster.instances.map(async ({ url }) => (await measuredAt(url))(metric, labels)));
}

describe('with several instances the metrics tell', () => {
  it('of each what it owns, has claimed, shows and has running; and what one takes over from another that was killed', async () => {
    const { there } = await pair.growing();
    expect(await countedBy('gorunchat_conversations_owned')).toEqual([1, 0]);
    expect(await countedBy('gorunchat_turns_running')).toEqual([1, 0]);
    expect(await countedBy('gorunchat_epochs_claimed_total', { result: 'claimed' })).toEqual([1, 0]);
    expect(await countedBy('gorunchat_first_text_seconds_count')).toEqual([1, 0]);
    expect(await countedBy('gorunchat_tabs_open')).toEqual([1, 1]);
    await there.send('And then?');
    expect(await countedBy('gorunchat_queued_messages')).toEqual([1, 0]); // it waits where the conversation is owned
    pair.owner.signal('SIGKILL');
    const survivor = pair.cluster.instances[1] as Instance;
    const now = async (...asked: Parameters<Awaited<ReturnType<typeof measuredAt>>>) => (await measuredAt(survivor.url))(...asked);
    await expect.poll(() => now('gorunchat_turns_taken_over_total'), SHARED).toBe(1);
    await expect.poll(() => now('gorunchat_turns_total', { outcome: 'interrupted' }), SHARED).toBe(1);
    expect([await now('gorunchat_conversations_owned'), await now('gorunchat_epochs_claimed_total', { result: 'claimed' })]).toEqual([1, 1]);
  });

  it('how long the bus and the database take, and what the bus does not take while it is away', async () => {
    await pair.growing();
    const appended = (result: string): Promise<number> => measuredAt(pair.owner.url).then((now) => now('gorunchat_bus_append_seconds_count', { result }));
    const committed = (await measuredAt(pair.owner.url))('gorunchat_commit_seconds_sum', { result: 'done' });
    const before = await appended('done');
    expect([before > 1, await appended('failed'), committed > 0]).toEqual([true, 0, true]);
    await expect.poll(() => appended('done'), SHARED).toBeGreaterThan(before);
    await pair.cluster.redis.kill();
    await expect.poll(() => appended('failed'), SHARED).toBeGreaterThan(0);
    const [steps] = await countedBy('gorunchat_draft_step_seconds_count');
    expect(steps).toBeGreaterThan(1);
  });
});
