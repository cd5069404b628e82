import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newInstance } from '../support/redis-bus.ts';
import { newRedisCluster } from '../support/redis.ts';
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
    const asked = await newInstance((cluster.nodes[1] as { url: string }).url, { answer: (question) => Promise.resolve({ question }) });
    const asker = await newInstance((cluster.nodes[2] as { url: string }).url);
    const long = 'x'.repeat(8_000_000);
    expect(await asker.bus.ask(asked.instance, 'short')).toEqual({ question: 'short' });
    expect(await asker.bus.ask(asked.instance, long)).toEqual({ question: long });
    await asked.leave();
    await expect(asker.bus.ask(asked.instance, 'short')).rejects.toMatchObject({ code: 'outcome-unknown' });
    await asker.leave();
  });
});
