import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LogEntry, Verdict } from '../../server/bus/bus.ts';
import { newLink } from '../support/link.ts';
import { listen, LogWriter } from '../support/log-writer.ts';
import { random } from '../support/random.ts';
import { newInstance } from '../support/redis-bus.ts';
import { newRedis, type TestRedis } from '../support/redis.ts';

let redis: TestRedis;
beforeAll(async () => void (redis = await newRedis()));
afterAll(() => redis[Symbol.asyncDispose]());

/** Where each entry begins where the one before ended, as long as nobody was told to ask for everything. */
function isWhole(heard: readonly (LogEntry | 'restarted')[]): boolean {
  return heard.every((entry, index) => {
    const before = heard[index - 1];
    if (entry === 'restarted' || before === undefined || before === 'restarted') return true;
    return entry.after.epoch === before.after.epoch && entry.after.seq === before.after.seq + before.events.length;
  });
}

it.each([1, 2, 3, 4, 5, 6])('whatever is lost on the way, listeners hear everything once and in order, or that they have to ask (seed %i)', async (seed) => {
  const chance = random(seed);
  const way = await newLink(redis.port);
  const beats = { beatMs: 100, leaseMs: 10_000 };
  const owners = await Promise.all([newInstance(redis.url, beats), newInstance(redis.url, beats)]);
  const watching = await newInstance(`redis://127.0.0.1:${way.port}`, beats);
  let writers = await Promise.all(Array.from({ length: 5 }, () => LogWriter.claim(chance.pick(owners).bus)));
  const heard = writers.map(({ conversation }) => [...owners, watching].map(({ bus }) => listen(bus, conversation)));
  await Promise.all(writers.flatMap(({ conversation, position }) => [...owners, watching].map(({ bus }) => bus.since(conversation, position))));
  const verdicts = new Set<Verdict>();
  for (let step = 0; step < 150; step++) {
    const at = chance.below(writers.length);
    const writer = writers[at] as LogWriter;
    switch (chance.below(12)) {
      case 0:
        writers = writers.with(at, await LogWriter.claim(chance.pick(owners).bus, writer.conversation, writer.position.epoch + 1));
        break;
      case 1:
        way.lose(chance.pick([/log\n/u, /heads\n/u, /begun/u, undefined]));
        break;
      case 2:
        await redis.look.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
        break;
      default:
        verdicts.add(await writer.say(...Array.from({ length: 1 + chance.below(3) }, (_, index) => `${step}.${index}`)));
    }
  }
  expect([...verdicts]).toEqual(['written']);
  way.lose(undefined);
  for (const [at, writer] of writers.entries()) {
    await writer.say('the end');
    for (const { entries, words } of heard[at] ?? []) {
      // Whoever was told to ask at the very end may know `the end` from the answer.
      await expect.poll(() => words.at(-1)).toMatch(/^(the end|restarted)$/u);
      expect(isWhole(entries)).toBe(true);
    }
  }
  await Promise.all([...owners, watching].map(({ leave }) => leave()));
  await way[Symbol.asyncDispose]();
});
