import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Server } from 'socket.io';
import type { UserId } from '../../contracts/ids.ts';
import { redisRooms } from '../../server/bus/redis/rooms.ts';
import { newId } from '../../server/ids.ts';
import { newKey, openBytes, sealBytes, type Key } from '../../server/journal/seal.ts';
import { newRedis, newRedisCluster, type TestRedis } from '../support/redis.ts';

const sealingWith = (key: Key) => ({ seal: (text: string, place: string) => sealBytes(Buffer.from(text), key, place), open: (sealed: string, place: string) => openBytes(sealed, key, place).toString() });

/** An instance as far as its rooms go, with what it hears from others. */
async function newInstance(url: string, deployment: string, key: Key) {
  const rooms = await redisRooms({ url, between: sealingWith(key), deployment });
  const io = new Server(createServer(), { adapter: rooms.adapter! });
  const heard: unknown[] = [];
  io.on('said', (what: unknown) => heard.push(what));
  return { rooms, io, heard, close: async () => (await io.close(), await rooms.close()) };
}

describe('rooms over Redis', () => {
  let redis: TestRedis;
  beforeAll(async () => void (redis = await newRedis()));
  afterAll(() => redis[Symbol.asyncDispose]());

  it('reach every instance of a deployment, none of another one that shares the Redis, and nobody who looks into it reads a word', async () => {
    const [ours, theirs] = [newKey(), newKey()];
    const [one, other, foreign] = await Promise.all([newInstance(redis.url, 'ours', ours), newInstance(redis.url, 'ours', ours), newInstance(`${redis.url}/1`, 'theirs', theirs)]);
    const seen: string[] = [];
    const look = redis.look.duplicate();
    await look.psubscribe('*');
    look.on('pmessageBuffer', (_pattern: Buffer, _channel: Buffer, message: Buffer) => seen.push(message.toString('latin1')));
    foreign.io.serverSideEmit('said', 'of theirs');
    one.io.emit('notice', 7, { type: 'typing', text: 'canary' }); // to people
    one.io.serverSideEmit('said', 'of ours');
    await expect.poll(() => other.heard).toEqual(['of ours']);
    expect([foreign.heard, one.heard]).toEqual([[], []]);
    await expect.poll(() => seen.length).toBeGreaterThanOrEqual(3);
    expect(seen.join('').includes('canary')).toBe(false);
    look.disconnect();
    await Promise.all([one, other, foreign].map((instance) => instance.close()));
  });
});

describe('rooms over a Redis Cluster', () => {
  let cluster: Awaited<ReturnType<typeof newRedisCluster>>;
  beforeAll(async () => void (cluster = await newRedisCluster()));
  afterAll(() => cluster[Symbol.asyncDispose]());

  it('are found through any one of its nodes: everybody is told, on whichever node their count is', async () => {
    const key = newKey();
    const [one, other] = await Promise.all([newInstance((cluster.nodes[0] as TestRedis).url, 'ours', key), newInstance((cluster.nodes[2] as TestRedis).url, 'ours', key)]);
    for (let person = 0; person < 12; person++) {
      const user = newId<UserId>();
      const before = await one.rooms.count(user);
      expect([await other.rooms.next(user), await one.rooms.count(user)]).toEqual([before + 1, before + 1]);
    }
    one.io.serverSideEmit('said', 'to all');
    await expect.poll(() => other.heard).toEqual(['to all']);
    await Promise.all([one, other].map((instance) => instance.close()));
  });
});
