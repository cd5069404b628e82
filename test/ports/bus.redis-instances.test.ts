import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ConversationId } from '../../contracts/ids.ts';
import type { InstanceId, Serving } from '../../server/bus/bus.ts';
import { leaseKey, logKey, ownKey, watchKey } from '../../server/bus/redis/keys.ts';
import type { RedisOptions } from '../../server/bus/redis.ts';
import { newId } from '../../server/ids.ts';
import { newLink, type TestLink } from '../support/link.ts';
import { listen, LogWriter, placed, wordsOf } from '../support/log-writer.ts';
import { newInstance, sealingOf, type TestInstance } from '../support/redis-bus.ts';
import { newRedis, type TestRedis } from '../support/redis.ts';

/** So seldom that within a test there is none. */
const HARDLY_EVER = { beatMs: 60_000, leaseMs: 600_000 };
const OFTEN = { beatMs: 100 };

let redis: TestRedis;
const cleanUps: (() => unknown)[] = [];
beforeAll(async () => void (redis = await newRedis()));
afterAll(() => redis[Symbol.asyncDispose]());
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function instance(given: Partial<RedisOptions> & { answer?: Serving['answer'] } = {}, url = redis.url): Promise<TestInstance> {
  const made = await newInstance(url, given);
  cleanUps.push(made.leave);
  return made;
}

async function link(): Promise<TestLink & { url: string }> {
  const made = await newLink(redis.port);
  cleanUps.push(() => made[Symbol.asyncDispose]());
  return { ...made, url: `redis://127.0.0.1:${made.port}` };
}

/** Every word on any channel, until the test ends. */
async function overhear(): Promise<[channel: string, text: string][]> {
  const said: [string, string][] = [];
  const line = redis.look.duplicate();
  cleanUps.push(() => line.disconnect());
  line.on('pmessage', (_, channel, text) => said.push([channel, text]));
  await line.connect();
  await line.psubscribe('bus:*');
  return said;
}

describe('an announcement', () => {
  it('reaches the instances that have tabs on the conversation, and no other', async () => {
    const [owner, watching, idle] = await Promise.all([instance(HARDLY_EVER), instance(HARDLY_EVER), instance(HARDLY_EVER)]);
    const said = await overhear();
    const writer = await LogWriter.claim(owner.bus);
    const heard = [listen(owner.bus, writer.conversation), listen(watching.bus, writer.conversation)];
    await Promise.all([owner, watching].map(({ bus }) => bus.since(writer.conversation, writer.position)));
    await writer.say('a');
    await writer.say('b');
    for (const one of heard) await expect.poll(() => one.words).toEqual(['a', 'b']);
    heard[1]?.stop();
    await expect.poll(() => redis.look.zrange(watchKey(writer.conversation), '0', '-1')).toEqual([owner.instance]);
    await writer.say('c');
    await redis.look.publish('bus:end', '');
    await expect.poll(() => said.at(-1)?.[0]).toBe('bus:end');
    expect(said.slice(0, -1).map(([channel]) => channel)).toEqual([`bus:${watching.instance}`, `bus:${watching.instance}`]);
    expect(idle.reports).toEqual([]);
  });

  it('of many conversations is one message and one script', async () => {
    const [owner, watching] = await Promise.all([instance(HARDLY_EVER), instance(HARDLY_EVER)]);
    const writers = await Promise.all(Array.from({ length: 200 }, () => LogWriter.claim(owner.bus)));
    const heard = writers.map(({ conversation }) => listen(watching.bus, conversation));
    await Promise.all(writers.map(({ conversation, position }) => watching.bus.since(conversation, position)));
    await owner.bus.append(writers.map((writer) => writer.entry('first')));
    const said = await overhear();
    await redis.look.call('CONFIG', 'RESETSTAT');
    expect(new Set(await owner.bus.append(writers.map((writer) => writer.entry('second'))))).toEqual(new Set(['written']));
    for (const one of heard) await expect.poll(() => one.words).toEqual(['first', 'second']);
    const stats = await redis.look.info('commandstats');
    expect(/^cmdstat_evalsha:calls=(\d+)/mu.exec(stats)?.[1]).toBe('1');
    expect(stats).not.toMatch(/^cmdstat_eval:/mu);
    expect(said.map(([channel]) => channel)).toEqual([`bus:${watching.instance}`]);
  });

  it('that is lost is made up for by the next one', async () => {
    const way = await link();
    const [owner, watching] = await Promise.all([instance(HARDLY_EVER), instance(HARDLY_EVER, way.url)]);
    const writer = await LogWriter.claim(owner.bus);
    const heard = listen(watching.bus, writer.conversation);
    await watching.bus.since(writer.conversation, writer.position);
    await writer.say('a');
    await expect.poll(() => heard.words).toEqual(['a']);
    way.lose(/log\n/u);
    await writer.say('b');
    await writer.say('c', 'd');
    expect(wordsOf(await watching.bus.since(writer.conversation, { epoch: 1, seq: 1 }))).toEqual(['b', 'c', 'd']);
    way.lose(undefined);
    await writer.say('e');
    await expect.poll(() => heard.words).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('that is lost is made up for by the beat when nothing follows', async () => {
    const way = await link();
    const [owner, watching] = await Promise.all([instance(OFTEN), instance(HARDLY_EVER, way.url)]);
    const writer = await LogWriter.claim(owner.bus);
    const heard = listen(watching.bus, writer.conversation);
    await watching.bus.since(writer.conversation, writer.position);
    way.lose(/log\n/u);
    await writer.say('a', 'b');
    await expect.poll(() => heard.words).toEqual(['a', 'b']);
  });

  it('of a claim that is lost is made up for by what follows', async () => {
    const way = await link();
    const [owner, watching] = await Promise.all([instance(HARDLY_EVER), instance(HARDLY_EVER, way.url)]);
    const writer = await LogWriter.claim(owner.bus);
    const heard = listen(watching.bus, writer.conversation);
    await watching.bus.since(writer.conversation, writer.position);
    way.lose(/begun/u);
    const next = await LogWriter.claim(owner.bus, writer.conversation, 2);
    expect(await watching.bus.since(writer.conversation, writer.position)).toBe('gone');
    way.lose(undefined);
    await next.say('a');
    await expect.poll(() => heard.words).toEqual(['restarted']);
    await next.say('b');
    await expect.poll(() => heard.words).toEqual(['restarted', 'b']);
  });

  it('that was made while nobody listened is heard once somebody does', async () => {
    const [owner, watching] = await Promise.all([instance(HARDLY_EVER), instance(HARDLY_EVER)]);
    const writer = await LogWriter.claim(owner.bus);
    const heard = listen(watching.bus, writer.conversation);
    await watching.bus.since(writer.conversation, writer.position);
    for (let round = 0; round < 20; round++) {
      await redis.look.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
      await writer.say(`w${round}`);
    }
    await expect.poll(() => heard.words).toEqual(Array.from({ length: 20 }, (_, round) => `w${round}`));
  });

  it('waits for the key of its conversation, in order', async () => {
    const keys = Promise.withResolvers<void>();
    const owner = await instance(HARDLY_EVER);
    const watching = await instance({ ...HARDLY_EVER, keyed: async (conversation) => (await keys.promise, sealingOf(conversation)) });
    const writer = await LogWriter.claim(owner.bus);
    const heard = listen(watching.bus, writer.conversation);
    await watching.bus.since(writer.conversation, writer.position);
    for (const word of ['a', 'b', 'c']) await writer.say(word);
    expect(heard.words).toEqual([]);
    keys.resolve();
    await expect.poll(() => heard.words).toEqual(['a', 'b', 'c']);
  });

  it('is tried again when the key cannot be read', async () => {
    let isThere = false;
    const owner = await instance(HARDLY_EVER);
    const watching = await instance({ ...OFTEN, keyed: (conversation) => (isThere ? Promise.resolve(sealingOf(conversation)) : Promise.reject(new Error('the store is away'))) });
    const writer = await LogWriter.claim(owner.bus);
    const heard = listen(watching.bus, writer.conversation);
    await watching.bus.since(writer.conversation, writer.position);
    await writer.say('a');
    await writer.say('b');
    isThere = true;
    await expect.poll(() => heard.words).toEqual(['a', 'b']);
  });

  it('that cannot be opened lets the tabs ask for everything', async () => {
    const owner = await instance(HARDLY_EVER);
    const watching = await instance({ ...HARDLY_EVER, keyed: () => Promise.resolve(sealingOf('of something else')) });
    const writer = await LogWriter.claim(owner.bus);
    const heard = listen(watching.bus, writer.conversation);
    await watching.bus.since(writer.conversation, writer.position);
    await writer.say('a');
    await expect.poll(() => heard.words).toEqual(['restarted']);
    expect(watching.reports).toHaveLength(1);
  });
});

describe('the log', () => {
  it('gives a new owner everything that it still holds', async () => {
    const [owner, next] = await Promise.all([instance(), instance()]);
    const writer = await LogWriter.claim(owner.bus);
    await writer.say('a', 'b');
    await writer.say('c');
    expect(await next.bus.claim(writer.conversation, 2)).toEqual(placed({ epoch: 1, seq: 0 }, ['a', 'b', 'c']));
    expect(await owner.bus.claim(writer.conversation, 3)).toEqual(placed({ epoch: 1, seq: 0 }, ['a', 'b', 'c']));
  });

  it('takes what comes again from its owner for what it has', async () => {
    const owner = await instance();
    const writer = await LogWriter.claim(owner.bus);
    const entry = writer.entry('a', 'b');
    await writer.say('c').then((verdict) => expect(verdict).toBe('behind'));
    const again = await LogWriter.claim(owner.bus, writer.conversation, 2);
    const first = again.entry('a');
    expect(await owner.bus.append([first])).toEqual(['written']);
    expect(await owner.bus.append([first])).toEqual(['written']);
    expect(wordsOf(await owner.bus.since(writer.conversation, { epoch: 2, seq: 0 }))).toEqual(['a']);
    expect(await owner.bus.append([entry])).toEqual(['stale']);
  });

  it('lets go of what is in the store, and still knows where it stands', async () => {
    const owner = await instance(OFTEN);
    const writer = await LogWriter.claim(owner.bus);
    for (let index = 0; index < 300; index++) await writer.say(`w${index}`);
    await owner.bus.append([{ ...writer.entry('w300'), stored: { epoch: 1, seq: 290 } }]);
    await expect.poll(() => owner.bus.since(writer.conversation, { epoch: 1, seq: 1 })).toBe('gone');
    expect(wordsOf(await owner.bus.since(writer.conversation, { epoch: 1, seq: 295 }))).toEqual(['w295', 'w296', 'w297', 'w298', 'w299', 'w300']);
    await redis.look.xtrim(logKey(writer.conversation), 'MAXLEN', 0);
    expect(await writer.say('after')).toBe('written');
    expect(await owner.bus.since(writer.conversation, { epoch: 1, seq: 300 })).toBe('gone');
  });

  it('of one conversation that cannot be written leaves the others alone', async () => {
    const owner = await instance();
    const writers = await Promise.all(Array.from({ length: 5 }, () => LogWriter.claim(owner.bus)));
    await redis.look.set(watchKey((writers[2] as LogWriter).conversation), 'not a list of instances');
    expect(await owner.bus.append(writers.map((writer) => writer.entry('a')))).toEqual(['written', 'written', 'behind', 'written', 'written']);
    expect(owner.reports).toHaveLength(1);
  });

  it('and everything else that Redis is told of content is cipher text', async () => {
    const canary = 'the-canary-sings';
    const [owner, watching] = await Promise.all([instance({ answer: (question) => Promise.resolve(question) }), instance(OFTEN)]);
    const seen: string[] = [];
    const monitor = await redis.look.duplicate().monitor();
    cleanUps.push(() => monitor.disconnect());
    monitor.on('monitor', (_, given: string[]) => seen.push(given.join(' ')));
    const writer = await LogWriter.claim(owner.bus);
    const heard = listen(watching.bus, writer.conversation);
    await watching.bus.since(writer.conversation, writer.position);
    await writer.say(canary);
    await expect.poll(() => heard.words).toEqual([canary]);
    for (const question of [canary, canary.repeat(10_000)]) expect(await watching.bus.ask(owner.instance, question)).toBe(question);
    await redis.look.get('the end');
    await expect.poll(() => seen.some((line) => line.includes('the end'))).toBe(true);
    expect(seen.filter((line) => line.includes(writer.conversation)).length).toBeGreaterThan(3);
    expect(seen.filter((line) => line.includes('canary'))).toEqual([]);
    const kept = await Promise.all((await redis.look.keys('*')).map(async (key) => [key, (await redis.look.dumpBuffer(key))?.toString('latin1')].join(' ')));
    expect(kept.length).toBeGreaterThan(3);
    expect(kept.filter((text) => text.includes('canary'))).toEqual([]);
  });
});

describe('an owner', () => {
  it('is known to the others while it lives and has not let go', async () => {
    const [one, two] = await Promise.all([instance(), instance()]);
    const [mine, yours, nobodys, released] = [newId<ConversationId>(), newId<ConversationId>(), newId<ConversationId>(), newId<ConversationId>()];
    await Promise.all([one.bus.claim(mine, 1), two.bus.claim(yours, 1), two.bus.claim(released, 1)]);
    await two.bus.release(released, 1);
    expect(await one.bus.owners([mine, yours, nobodys, released])).toEqual([undefined, two.instance, undefined, undefined]);
    await two.leave();
    expect(await one.bus.owners([yours])).toEqual([undefined]);
    expect(await redis.look.exists(ownKey(yours))).toBe(0);
  });

  it('that crashed is known to be dead before its lease has run out', async () => {
    const way = await link();
    const one = await instance({ beatMs: 100, leaseMs: 300 });
    const two = await instance(HARDLY_EVER, way.url);
    const conversation = newId<ConversationId>();
    await two.bus.claim(conversation, 1);
    expect(await one.bus.owners([conversation])).toEqual([two.instance]);
    way.cut();
    await expect.poll(() => one.bus.owners([conversation])).toEqual([undefined]);
    expect(await redis.look.exists(`inst:${two.instance}`)).toBe(1);
    await expect(one.bus.ask(two.instance, 'still there?')).rejects.toMatchObject({ code: 'outcome-unknown' });
    expect(await one.bus.claim(conversation, 2)).toEqual([]);
  });

  it('that hangs is known to be dead when its lease has run out', async () => {
    const [one, two] = await Promise.all([instance(), instance({ beatMs: 60_000, leaseMs: 500 })]);
    const conversation = newId<ConversationId>();
    await two.bus.claim(conversation, 1);
    await expect.poll(() => one.bus.owners([conversation])).toEqual([undefined]);
    await expect(one.bus.ask(two.instance, 'still there?')).rejects.toMatchObject({ code: 'outcome-unknown' });
  });

  it('lives though the connection on which it is told things comes and goes', async () => {
    const one = await instance({ beatMs: 100, leaseMs: 300 });
    const two = await instance(OFTEN);
    const conversation = newId<ConversationId>();
    await two.bus.claim(conversation, 1);
    for (let round = 0; round < 10; round++) {
      await redis.look.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
      expect(await one.bus.owners([conversation])).toEqual([two.instance]);
    }
  });

  it('lives though it cannot be told anything for long', async () => {
    const way = await link();
    const one = await instance({ beatMs: 100, leaseMs: 300 });
    const two = await instance(OFTEN, way.url);
    const conversation = newId<ConversationId>();
    await two.bus.claim(conversation, 1);
    way.close();
    await redis.look.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    for (let beat = 0; beat < 5; beat++) {
      await expect.poll(() => redis.look.get(`inst:${two.instance}`)).toBe('reconnecting');
      await redis.look.set(`inst:${two.instance}`, 'of the beat before', 'PX', 3_000);
      await expect.poll(() => redis.look.get(`inst:${two.instance}`)).toBe('reconnecting');
      expect(await one.bus.owners([conversation])).toEqual([two.instance]);
    }
    way.mend();
    await expect.poll(() => redis.look.get(`inst:${two.instance}`)).toMatch(/^connected \d+$/u);
  });

  it('is taken for dead only when the connection that it names is gone, too', async () => {
    const one = await instance({ beatMs: 100, leaseMs: 300 });
    const [gone, there] = [redis.look.duplicate(), redis.look.duplicate()];
    const owned = await Promise.all([gone, there].map(async (connection) => {
      const [conversation, other] = [newId<ConversationId>(), newId<InstanceId>()];
      await redis.look.set(ownKey(conversation), `1 ${other}`);
      await redis.look.set(leaseKey(other), `connected ${await connection.client('ID')}`, 'PX', 60_000);
      return { conversation, other };
    }));
    gone.disconnect();
    const [dead, living] = owned as [(typeof owned)[number], (typeof owned)[number]];
    await expect.poll(() => one.bus.owners([dead.conversation])).toEqual([undefined]);
    expect(await one.bus.owners([living.conversation])).toEqual([living.other]);
    there.disconnect();
  });

  it('hears at once that another has its conversation', async () => {
    const [former, next] = await Promise.all([instance(HARDLY_EVER), instance(HARDLY_EVER)]);
    const writer = await LogWriter.claim(former.bus);
    await next.bus.claim(writer.conversation, 2);
    await expect.poll(() => former.lost).toEqual([`${writer.conversation} taken`]);
  });

  it('hears it with the beat when that was lost', async () => {
    const way = await link();
    const [former, next] = await Promise.all([instance(OFTEN, way.url), instance()]);
    const writer = await LogWriter.claim(former.bus);
    way.lose(/begun/u);
    await next.bus.claim(writer.conversation, 2);
    await expect.poll(() => former.lost).toEqual([`${writer.conversation} taken`]);
  });

  it('hears once that the bus has forgotten who owns its conversation', async () => {
    const owner = await instance(OFTEN);
    const writers = await Promise.all([LogWriter.claim(owner.bus), LogWriter.claim(owner.bus)]);
    const [first, second] = writers as [LogWriter, LogWriter];
    await redis.look.del(ownKey(first.conversation));
    await expect.poll(() => owner.lost).toEqual([`${first.conversation} missing`]);
    await redis.look.del(ownKey(second.conversation));
    await expect.poll(() => owner.lost).toEqual([`${first.conversation} missing`, `${second.conversation} missing`]);
    expect(await first.say('a')).toBe('behind');
    expect(await owner.bus.claim(first.conversation, 2)).toEqual([]);
  });

  it('is one though many claim at once', async () => {
    const instances = await Promise.all([instance(), instance(), instance()]);
    const conversation = newId<ConversationId>();
    for (let epoch = 1; epoch <= 100; epoch++) {
      const claims = await Promise.all(instances.map(({ bus }) => bus.claim(conversation, epoch)));
      expect(claims.filter((one) => one !== 'stale')).toHaveLength(1);
    }
  });
});

describe('a question', () => {
  it('of any length has its answer', async () => {
    const [asker, asked] = await Promise.all([instance(), instance({ answer: (question) => Promise.resolve({ question }) })]);
    const long = 'ü'.repeat(4_000_000);
    for (const question of [{ a: 1 }, null, '', long, long]) expect(await asker.bus.ask(asked.instance, question)).toEqual({ question });
    expect(await redis.look.keys('body:*')).toEqual([]);
  });

  it('to an instance that is not there ends at once', async () => {
    const asker = await instance();
    await expect(asker.bus.ask(newId(), 'anybody?')).rejects.toMatchObject({ code: 'outcome-unknown' });
  });

  it('that cannot be answered ends at once', async () => {
    const [asker, asked] = await Promise.all([instance(), instance()]);
    await expect(asker.bus.ask(asked.instance, 'well?')).rejects.toMatchObject({ code: 'outcome-unknown' });
    expect(asked.reports).toHaveLength(1);
  });

  it('to an instance that dies over it ends when that is known', async () => {
    const way = await link();
    const isAsked = Promise.withResolvers<void>();
    const asker = await instance({ beatMs: 100, leaseMs: 300 });
    const asked = await instance({ ...HARDLY_EVER, answer: () => (isAsked.resolve(), new Promise<never>(() => undefined)) }, way.url);
    const answer = asker.bus.ask(asked.instance, 'well?');
    await isAsked.promise;
    way.cut();
    await expect(answer).rejects.toMatchObject({ code: 'outcome-unknown', cause: { message: 'the instance is gone' } });
  });
});
