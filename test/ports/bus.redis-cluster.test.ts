import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Failure } from '../../contracts/failures.ts';
import { listen, LogWriter } from '../support/log-writer.ts';
import { newInstance } from '../support/redis-bus.ts';
import { newRedisCluster, type TestRedis } from '../support/redis.ts';
import { busSuite } from './bus.suite.ts';

let cluster: Awaited<ReturnType<typeof newRedisCluster>>;
beforeAll(async () => void (cluster = await newRedisCluster()));
afterAll(() => cluster[Symbol.asyncDispose]());

busSuite('Redis Cluster', async () => {
  const [owner, other] = await Promise.all([newInstance(cluster.url), newInstance(cluster.url)]);
  return { owner: owner.bus, other: other.bus, close: async () => void (await Promise.all([owner.leave(), other.leave()])) };
});

describe('the Redis Cluster bus', () => {
  it('is found through any one of its nodes, and carries questions', async () => {
    const asked = await newInstance((cluster.nodes[1] as TestRedis).url, { answer: (question) => Promise.resolve({ question }) });
    const asker = await newInstance((cluster.nodes[2] as TestRedis).url);
    const long = 'x'.repeat(8_000_000);
    expect(await asker.bus.ask(asked.instance, 'short')).toEqual({ question: 'short' });
    expect(await asker.bus.ask(asked.instance, long)).toEqual({ question: long });
    await asked.leave();
    await expect(asker.bus.ask(asked.instance, 'short')).rejects.toMatchObject({ code: 'outcome-unknown' });
    await asker.leave();
  });

  it('refuses while a node is away, and begins anew what was on it', async () => {
    const [owner, watching] = await Promise.all([newInstance(cluster.url, { beatMs: 200 }), newInstance(cluster.url, { beatMs: 200 })]);
    const writers = await Promise.all(Array.from({ length: 60 }, () => LogWriter.claim(owner.bus)));
    const heard = writers.map(({ conversation }) => listen(watching.bus, conversation));
    await Promise.all(writers.map(({ conversation, position }) => watching.bus.since(conversation, position)));
    expect(new Set(await owner.bus.append(writers.map((writer) => writer.entry('before'))))).toEqual(new Set(['written']));
    for (const { words } of heard) await expect.poll(() => words).toEqual(['before']);

    const epochs = new Map<string, number>();
    const node = cluster.nodes[0] as TestRedis;
    await node.kill();
    const verdicts = await owner.bus.append(writers.map((writer) => writer.entry('meanwhile'))).catch((error: unknown) => (error instanceof Failure ? [error.code] : [error]));
    expect(verdicts.filter((verdict) => verdict !== 'written')).not.toEqual([]);
    expect(['written', 'behind', 'bus-unavailable']).toEqual(expect.arrayContaining([...new Set(verdicts)]));
    await node.start();
    await vi.waitFor(async () => expect(await node.look.cluster('INFO')).toContain('cluster_state:ok'), 30_000);
    await expect.poll(() => [owner.bus.isAway, watching.bus.isAway]).toEqual([false, false]);

    const again = await vi.waitFor(() => Promise.all(writers.map(async ({ bus, conversation }) => {
      const epoch = (epochs.get(conversation) ?? 1) + 1;
      epochs.set(conversation, epoch);
      return LogWriter.claim(bus, conversation, epoch);
    })), 30_000);
    expect(new Set(await owner.bus.append(again.map((writer) => writer.entry('after'))))).toEqual(new Set(['written']));
    // Whoever was told to ask after that was said has it from the answer.
    for (const { words } of heard) await expect.poll(() => words.at(-1)).toMatch(/^(after|restarted)$/u);
    expect(new Set(await owner.bus.append(again.map((writer) => writer.entry('in the end'))))).toEqual(new Set(['written']));
    for (const { words } of heard) await expect.poll(() => words.at(-1)).toBe('in the end');
    await Promise.all([owner.leave(), watching.leave()]);
  });
});
