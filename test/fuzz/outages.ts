import type { Dice } from '../support/random.ts';
import type { Instance, Processes, Ways } from '../support/cluster.ts';

interface Scene {
  readonly at: Processes;
  readonly dice: Dice;
  /** Somebody sends a message. */
  readonly meanwhile: () => void;
}

/** What can happen to several instances and what they share. Each is over when it resolves, but for what it leaves behind. */
const OUTAGES: Record<string, (scene: Scene) => Promise<void>> = {
  'an instance is killed and comes back': async ({ at, dice }) => {
    const instance = dice.pick(at.instances);
    instance.signal('SIGKILL');
    await instance.ended;
    await instance.start();
  },
  'an instance is told to leave and comes back': async ({ at, dice, meanwhile }) => {
    const instance = dice.pick(at.instances);
    instance.signal('SIGTERM');
    meanwhile();
    if ((await instance.ended) !== 0) throw new Error('an instance that was told to leave did not end well');
    await instance.start();
  },
  'the clock of an instance is set back, ahead, and right again': async ({ at, dice, meanwhile }) => {
    const instance = dice.pick(at.instances);
    for (let set = 0; set < 3; set++) {
      instance.signal('SIGUSR2');
      meanwhile();
      await pause(dice.below(1_500));
    }
  },
  'an instance is paused beyond its lease': async ({ at, dice, meanwhile }) => {
    const instance = dice.pick(at.instances);
    const others = at.instances.length - 1;
    instance.signal('SIGSTOP');
    meanwhile();
    await until(async () => (await leases(at)).length <= others);
    instance.signal('SIGCONT');
  },
  'an instance is paused, replaced, and wakes while it writes': async ({ at, dice, meanwhile }) => {
    const instance = dice.pick(at.instances);
    const [mine] = await ownerOf(at);
    meanwhile();
    instance.signal('SIGSTOP');
    meanwhile();
    await until(async () => (await leases(at)).length < at.instances.length);
    meanwhile();
    await within(2_000, async () => (await ownerOf(at))[0] !== mine);
    instance.signal('SIGCONT');
  },
  'an instance is cut off from Redis while its database is slow': async ({ at, dice, meanwhile }) => {
    const instance = dice.pick(at.instances);
    const { redis, mongo } = waysOf(instance);
    const before = await leases(at);
    mongo.hold();
    meanwhile();
    meanwhile();
    await pause(100);
    redis.cut();
    await until(async () => (await leases(at)).length < at.instances.length);
    meanwhile();
    await within(2_500, async () => (await ownerOf(at)).every((owner) => !before.includes(`inst:${owner}`)));
    await pause(dice.below(1_500));
    mongo.pass();
    await pause(dice.below(500));
    redis.mend();
    await back(instance);
  },
  'an instance is cut off from Redis': async ({ at, dice, meanwhile }) => {
    const instance = dice.pick(at.instances);
    const { redis } = waysOf(instance);
    redis.cut();
    meanwhile();
    await until(async () => (await leases(at)).length < at.instances.length);
    await pause(dice.below(2_000));
    redis.mend();
    await back(instance);
  },
  'nothing passes between an instance and Redis for a while': async ({ at, dice, meanwhile }) => {
    const { redis } = waysOf(dice.pick(at.instances));
    redis.hold();
    meanwhile();
    await pause(dice.below(6_000));
    redis.pass();
  },
  'the database does not answer for a while': async ({ at, dice, meanwhile }) => {
    const all = at.instances.map((instance) => waysOf(instance).mongo);
    for (const link of all) link.hold();
    meanwhile();
    await pause(dice.below(4_000));
    for (const link of all) link.pass();
  },
  'the database does what it is asked, and its answers are lost': async ({ at, dice, meanwhile }) => {
    const { mongo } = waysOf(dice.pick(at.instances));
    mongo.lose(/[^]/u);
    meanwhile();
    await pause(dice.below(2_000));
    mongo.cut();
    mongo.lose(undefined);
    mongo.mend();
    for (const instance of at.instances) await back(instance);
  },
  'the database is gone and comes back': async ({ at, dice, meanwhile }) => {
    const all = at.instances.map((instance) => waysOf(instance).mongo);
    for (const link of all) link.cut();
    meanwhile();
    await pause(dice.below(3_000));
    for (const link of all) link.mend();
    for (const instance of at.instances) await back(instance);
  },
  'Redis forgets everything': async ({ at }) => void (await at.redis.look.flushall()),
  'Redis is killed and comes back empty': async ({ at }) => {
    await at.redis.kill();
    await until(async () => (await Promise.all(at.instances.map(isReady))).every((ready) => !ready));
    await at.redis.start();
  },
  'Redis hangs': async ({ at }) => {
    at.redis.pause();
    await until(async () => (await Promise.all(at.instances.map(isReady))).every((ready) => !ready));
    at.redis.resume();
  },
};

export const OUTAGE_NAMES = Object.keys(OUTAGES);

const THROUGH_WHICH_ALL_GOES_ON = /clock|database|Redis (?:forgets|is killed|hangs)/u;
const REDIS_IS_EMPTIED = /Redis (?:forgets|is killed)/u;

/** Whether a reply may have been interrupted by what happened: its owner may have gone, or been kept from claiming again after Redis was emptied. */
export function mayInterrupt(happened: readonly string[]): boolean {
  return happened.some((name) => !THROUGH_WHICH_ALL_GOES_ON.test(name) || name.startsWith('an instance is cut off')) || (happened.some((name) => REDIS_IS_EMPTIED.test(name)) && happened.some((name) => name.startsWith('the database')));
}

export async function outage(name: string, at: Processes, dice: Dice, meanwhile: () => void): Promise<void> {
  await OUTAGES[name]?.({ at, dice, meanwhile });
}

/** Ends whatever an outage began that did not come to its own end. */
export async function calm({ instances, redis }: Processes): Promise<void> {
  redis.resume();
  for (const instance of instances) {
    instance.signal('SIGCONT');
    const { redis: toRedis, mongo } = waysOf(instance);
    for (const way of [toRedis, mongo]) {
      way.lose(undefined);
      way.pass();
      way.mend();
    }
  }
  for (const instance of instances) await back(instance);
}

function waysOf(instance: Instance): Ways {
  if (instance.ways === undefined) throw new Error('the instances have no ways of their own');
  return instance.ways;
}

function leases(at: Processes): Promise<string[]> {
  return at.redis.look.keys('inst:*');
}

/** Who owns the conversations that anybody owns. */
async function ownerOf(at: Processes): Promise<string[]> {
  const keys = await at.redis.look.keys('own:*');
  const values = keys.length === 0 ? [] : await at.redis.look.mget(...keys);
  return values.flatMap((value) => value?.split(' ')[1] ?? []);
}

function isReady({ url }: Instance): Promise<boolean> {
  return fetch(`${url}/readyz`).then((reply) => reply.status === 200, () => false);
}

/** An instance takes people again, or it is said why not. */
async function back(instance: Instance): Promise<void> {
  if (await within(WITHIN_MS, () => isReady(instance))) return;
  const why = await fetch(`${instance.url}/readyz`).then((reply) => reply.text(), (error: unknown) => `it cannot be reached: ${String(error)}`);
  throw new Error(`an instance does not come back: ${why}`);
}

const WITHIN_MS = 45_000;
const AGAIN_MS = 100;

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  if (!(await within(WITHIN_MS, holds))) throw new Error('the outage was not felt in time');
}

async function within(ms: number, holds: () => Promise<boolean>): Promise<boolean> {
  for (const end = performance.now() + ms; performance.now() < end; await pause(AGAIN_MS)) if (await holds()) return true;
  return false;
}
