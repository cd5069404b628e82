import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConversationId } from '../../contracts/ids.ts';
import type { Serving } from '../../server/bus/bus.ts';
import { redisBus, type RedisOptions } from '../../server/bus/redis.ts';
import { bornKey, leaseKey } from '../../server/bus/redis/keys.ts';
import { newId } from '../../server/ids.ts';
import { listen, LogWriter } from '../support/log-writer.ts';
import { freePort } from '../support/process.ts';
import { newInstance, sealingOf, type TestInstance } from '../support/redis-bus.ts';
import { newRedis, type TestRedis } from '../support/redis.ts';

const OFTEN = { beatMs: 200 };

let redis: TestRedis;
const cleanUps: (() => unknown)[] = [];
beforeEach(async () => {
  redis = await newRedis();
  cleanUps.push(() => redis[Symbol.asyncDispose]());
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function instance(given: Partial<RedisOptions> & { answer?: Serving['answer'] } = {}): Promise<TestInstance> {
  const made = await newInstance(redis.url, { ...OFTEN, ...given });
  cleanUps.push(made.leave);
  return made;
}

const optionsFor = (url: string): RedisOptions => ({ url, instance: newId(), keyed: (conversation) => Promise.resolve(sealingOf(conversation)), between: sealingOf('between'), report: () => undefined });

/** Everything that asks Redis for something is refused, and none of it waits for long. */
async function refusesAll({ bus }: TestInstance, writer: LogWriter): Promise<void> {
  const { conversation, position } = writer;
  const began = performance.now();
  const calls = [bus.append([writer.entry('lost')]), bus.since(conversation, position), bus.claim(conversation, 9), bus.release(conversation, 9), bus.owners([conversation])];
  const question = bus.ask(newId(), 'anybody?').catch((error: unknown) => error);
  for (const settled of await Promise.allSettled(calls)) expect(settled).toMatchObject({ status: 'rejected', reason: { code: 'bus-unavailable' } });
  expect(await question).toMatchObject({ code: expect.stringMatching(/^(bus-unavailable|outcome-unknown)$/u) }); // on its way when Redis went, it may have arrived
  expect(performance.now() - began).toBeLessThan(30_000);
}

/** An owner, and somebody on another instance who has heard a word of it. */
async function conversing(): Promise<{ owner: TestInstance; watching: TestInstance; writer: LogWriter; heard: ReturnType<typeof listen> }> {
  const [owner, watching] = await Promise.all([instance(), instance()]);
  const writer = await LogWriter.claim(owner.bus);
  const heard = listen(watching.bus, writer.conversation);
  await watching.bus.since(writer.conversation, writer.position);
  await writer.say('before');
  await expect.poll(() => heard.words).toEqual(['before']);
  return { owner, watching, writer, heard };
}

/** The log was lost: its owner is told, claims anew, and everybody hears what it says from then on. */
async function beginsAnew({ owner, watching, writer, heard }: Awaited<ReturnType<typeof conversing>>): Promise<void> {
  await expect.poll(() => owner.lost).toEqual([`${writer.conversation} missing`]);
  expect(await writer.say('behind')).toBe('behind');
  expect(await watching.bus.since(writer.conversation, { epoch: 1, seq: 1 })).toBe('gone');
  const next = await LogWriter.claim(owner.bus, writer.conversation, 2);
  await expect.poll(() => heard.words).toEqual(['before', 'restarted']);
  await next.say('after');
  await expect.poll(() => heard.words).toEqual(['before', 'restarted', 'after']);
  expect(await watching.bus.owners([writer.conversation])).toEqual([owner.instance]);
}

describe('when Redis', () => {
  it('is killed, everything is refused; when it comes back empty, logs begin anew', async () => {
    const all = await conversing();
    const { owner, watching, writer } = all;
    await redis.kill();
    await expect.poll(() => [owner.bus.isAway, watching.bus.isAway]).toEqual([true, true]);
    await refusesAll(owner, writer);
    await redis.start();
    await expect.poll(() => [owner.bus.isAway, watching.bus.isAway]).toEqual([false, false]);
    await beginsAnew(all);
  });

  it('is flushed, logs begin anew', async () => {
    const all = await conversing();
    await redis.look.flushall();
    await beginsAnew(all);
    expect(all.watching.lost).toEqual([]);
  });

  it('is flushed, nobody is taken for gone before whoever lives has had the time to claim again', async () => {
    const { owner, watching, writer } = await conversing();
    await redis.look.flushall();
    const asked = watching.bus.owners([writer.conversation]);
    await expect.poll(() => owner.lost).toEqual([`${writer.conversation} missing`]);
    await LogWriter.claim(owner.bus, writer.conversation, 2);
    expect(await asked).toEqual([owner.instance]);
  });

  it('is flushed again while that is waited for, the time begins anew', async () => {
    const [owner, watching] = await Promise.all([instance(), instance({ leaseMs: 1_000 })]);
    const { conversation } = await LogWriter.claim(owner.bus);
    await redis.look.flushall();
    const asked = watching.bus.owners([conversation]);
    const isWaiting = async () => (await redis.look.exists(bornKey(0))) === 1;
    await expect.poll(isWaiting).toBe(true);
    await redis.look.flushall();
    await expect.poll(isWaiting).toBe(true);
    await LogWriter.claim(owner.bus, conversation, 2);
    expect(await asked).toEqual([owner.instance]);
  });

  it('hangs, everything is refused; when it goes on, so does everything', async () => {
    const { owner, watching, writer, heard } = await conversing();
    redis.pause();
    await refusesAll(owner, writer);
    await expect.poll(() => [owner.bus.isAway, watching.bus.isAway]).toEqual([true, true]);
    await refusesAll(watching, writer);
    redis.resume();
    await expect.poll(() => [owner.bus.isAway, watching.bus.isAway]).toEqual([false, false]);
    // It is not known what was written, so the owner begins anew, and everybody hears that.
    const next = await LogWriter.claim(owner.bus, writer.conversation, 10);
    await next.say('after');
    await expect.poll(() => heard.words.slice(-2)).toEqual(['restarted', 'after']);
    expect(heard.words[0]).toBe('before');
  });

  it('has hung, a lease that ran out meanwhile proves nothing until whoever lives has had the time to renew it', async () => {
    const [owner, watching] = await Promise.all([instance({ beatMs: 60_000 }), instance({ beatMs: 200, leaseMs: 1_000 })]);
    const { conversation } = await LogWriter.claim(owner.bus);
    redis.pause();
    await expect.poll(() => watching.bus.isAway).toBe(true);
    redis.resume();
    await expect.poll(() => watching.bus.isAway).toBe(false);
    await redis.look.del(leaseKey(owner.instance));
    expect(await watching.bus.owners([conversation])).toEqual([owner.instance]);
    await expect.poll(() => watching.bus.owners([conversation])).toEqual([undefined]);
  });

  it('hangs over a claim, the same claim can be made again, and counts once', async () => {
    const owner = await instance();
    const conversation = newId<ConversationId>();
    redis.pause();
    await expect(owner.bus.claim(conversation, 1)).rejects.toMatchObject({ code: 'bus-unavailable' });
    redis.resume();
    await expect.poll(() => owner.bus.isAway).toBe(false);
    expect(await owner.bus.claim(conversation, 1)).toEqual([]);
    expect(await owner.bus.claim(conversation, 1)).toBe('stale');
  });

  it('is away while somebody begins to listen, they are told to ask for everything once it is back', async () => {
    const [owner, watching] = await Promise.all([instance(), instance()]);
    const writer = await LogWriter.claim(owner.bus);
    await redis.kill();
    await expect.poll(() => watching.bus.isAway).toBe(true);
    const heard = listen(watching.bus, writer.conversation);
    await expect(watching.bus.since(writer.conversation, writer.position)).rejects.toMatchObject({ code: 'bus-unavailable' });
    await redis.start();
    await expect.poll(() => heard.words).toEqual(['restarted']);
    await expect.poll(() => owner.bus.isAway).toBe(false);
    const next = await LogWriter.claim(owner.bus, writer.conversation, 2);
    // What is said before they are told to ask is in what they are given then, and not told again.
    await expect.poll(() => heard.words).toEqual(['restarted', 'restarted']);
    await next.say('after');
    await expect.poll(() => heard.words).toEqual(['restarted', 'restarted', 'after']);
  });

  it('is away while an instance leaves, that ends all the same', async () => {
    const leaving = await instance();
    await LogWriter.claim(leaving.bus);
    await redis.kill();
    await leaving.leave();
    await expect(leaving.bus.claim(newId<ConversationId>(), 1)).rejects.toMatchObject({ code: 'bus-unavailable' });
  });
});

describe('an instance cannot start', () => {
  const why = (url: string): Promise<string> => redisBus(optionsFor(url)).then(() => 'it started', (error: Error) => error.message);

  it('where there is no Redis, and says so in a sentence without the password', async () => {
    const port = await freePort();
    expect(await why(`redis://somebody:secret@127.0.0.1:${port}`)).toBe(`Redis cannot be used at redis://127.0.0.1:${port}: connect ECONNREFUSED 127.0.0.1:${port}. Start it, or correct its address.`);
    expect(await why(`redis://:secret@127.0.0.1:${port},redis://127.0.0.1:${port}`)).toMatch(/^Redis cannot be used at redis:\/\/127\.0\.0\.1:\d+, redis:\/\/127\.0\.0\.1:\d+: .* Start it, or correct its address\.$/u);
  });

  it('where its password is not right', async () => {
    await redis.look.config('SET', 'requirepass', 'right');
    expect(await why(`redis://:wrong@127.0.0.1:${redis.port}`)).toMatch(/^Redis cannot be used at redis:\/\/127\.0\.0\.1:\d+: WRONGPASS .*password/u);
    const started = await redisBus(optionsFor(`redis://:right@127.0.0.1:${redis.port}`));
    await started.serve({ answer: () => Promise.resolve(), lost: () => undefined })();
  });

  it('with what is no address', async () => {
    expect(await why('http://:secret@redis')).toBe("'http://…@redis' is not the address of a Redis: it should look like redis://host:6379.");
    expect(await why('redis://one,rediss://two')).toBe('The addresses of Redis must all begin with redis:// or all with rediss://.');
  });
});
