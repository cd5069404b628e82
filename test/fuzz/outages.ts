import type { Dice } from '../support/random.ts';
import type { Instance, Processes } from '../support/cluster.ts';

/** What can happen to several instances and what they share. Each is over when it resolves, but for what it leaves behind. */
const OUTAGES: Record<string, (at: Processes, dice: Dice) => Promise<void>> = {
  'an instance is killed and comes back': async (at, dice) => {
    const instance = dice.pick(at.instances) as Instance;
    instance.signal('SIGKILL');
    await instance.ended;
    await instance.start();
  },
  'an instance is paused beyond its lease': async (at, dice) => {
    const instance = dice.pick(at.instances) as Instance;
    const others = at.instances.filter((one) => one !== instance);
    instance.signal('SIGSTOP');
    await until(async () => (await at.redis.look.exists(...(await at.redis.look.keys('inst:*')))) <= others.length);
    instance.signal('SIGCONT');
  },
  'Redis forgets everything': async (at) => void (await at.redis.look.flushall()),
  'Redis is killed and comes back empty': async (at) => {
    await at.redis.kill();
    await until(() => isNotReady(at.instances));
    await at.redis.start();
  },
  'Redis hangs': async (at) => {
    at.redis.pause();
    await until(() => isNotReady(at.instances));
    at.redis.resume();
  },
};

export const OUTAGE_NAMES = Object.keys(OUTAGES);

export async function outage(name: string, at: Processes, dice: Dice): Promise<void> {
  await OUTAGES[name]?.(at, dice);
}

async function isNotReady(instances: readonly Instance[]): Promise<boolean> {
  const statuses = await Promise.all(instances.map(({ url }) => fetch(`${url}/readyz`).then((reply) => reply.status, () => 0)));
  return statuses.every((status) => status !== 200);
}

const WITHIN_MS = 20_000;
const AGAIN_MS = 100;

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + WITHIN_MS; !(await holds()); ) {
    if (performance.now() > end) throw new Error('the outage was not felt in time');
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}
