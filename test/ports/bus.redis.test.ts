import { afterAll, beforeAll } from 'vitest';
import { newInstance } from '../support/redis-bus.ts';
import { newRedis, type TestRedis } from '../support/redis.ts';
import { busSuite } from './bus.suite.ts';

let redis: TestRedis;
beforeAll(async () => void (redis = await newRedis()));
afterAll(() => redis[Symbol.asyncDispose]());

busSuite('Redis', async () => {
  const [owner, other] = await Promise.all([newInstance(redis.url), newInstance(redis.url)]);
  return { owner: owner.bus, other: other.bus, close: async () => void (await Promise.all([owner.leave(), other.leave()])) };
});
