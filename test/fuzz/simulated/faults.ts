import type { Begin, Going, Scene } from './history.ts';
import { SimulatedInstance } from './instance.ts';

const hold = (...ways: { hold(): void; pass(): void }[]): (() => void) => {
  for (const way of ways) way.hold();
  return () => ways.forEach((way) => way.pass());
};
const cut = (...ways: { cut(): void; mend(): void }[]): (() => void) => {
  for (const way of ways) way.cut();
  return () => ways.forEach((way) => way.mend());
};

/** What is away for all stays away for one that is mended. */
const cutOffRedis = ({ ways }: SimulatedInstance, { shared }: Scene): (() => void) => {
  const mend = cut(ways.commands, ways.ear);
  return () => void (shared.away.redis || mend());
};
const holdStore = ({ ways }: SimulatedInstance, { shared }: Scene): (() => void) => {
  const pass = hold(ways.store);
  return () => void (shared.away.database || pass());
};

/** Hits one of the instances that are up. */
const hitting = (begin: (instance: SimulatedInstance, scene: Scene) => () => void): Begin => (scene, dice): Going | undefined => {
  const up = scene.instances.filter(({ isUp }) => isUp);
  if (up.length === 0) return undefined;
  const hit = dice.pick(up);
  return { heal: begin(hit, scene), hit };
};

const SLOW_AND_CUT_OFF = 'the database is slow for an instance that is cut off from Redis';
/** Takes the conversation from its owner. */
export const OWNER_GOES: ReadonlySet<string> = new Set(['an instance is killed', 'an instance is paused', 'an instance is cut off from Redis', 'nothing passes between an instance and Redis', SLOW_AND_CUT_OFF]);
/** Nothing of an owner that was killed goes on until it is mended. */
export const OWNER_DIES = 'an instance is killed';
export const REDIS_IS_EMPTIED: ReadonlySet<string> = new Set(['Redis forgets everything', 'Redis is killed and comes back empty']);
/** Keeps an owner from saving what it has shown, and from claiming again. */
export const DATABASE_IS_AWAY: ReadonlySet<string> = new Set(['the database does not answer', 'an instance cannot reach the database', 'commits fail in every way', SLOW_AND_CUT_OFF]);

/** What can go wrong, how it begins and is mended, and how many milliseconds it lasts at most. `undefined`: it could not happen just now. */
export const FAULTS: readonly (readonly [name: string, begin: Begin, longestMs: number])[] = [
  [OWNER_DIES, (scene, dice) => {
    const at = dice.below(scene.instances.length);
    const hit = scene.instances[at] as SimulatedInstance;
    if (hit.host.isDead || !hit.isUp) return undefined;
    hit.kill();
    const heal = (): void => {
      const next = new SimulatedInstance(scene.shared);
      scene.instances[at] = next;
      next.start();
    };
    return { heal, hit };
  }, 4_000],
  ['an instance is paused', hitting(({ host }, { shared }) => {
    host.isPaused = true;
    return () => shared.stage.time.resume(host);
  }), 9_000],
  ['an instance is cut off from Redis', hitting(cutOffRedis), 9_000],
  ['nothing passes between an instance and Redis', hitting(({ ways }) => hold(ways.commands, ways.ear)), 8_000],
  ['an instance hears nothing of Redis', hitting(({ ways }) => hold(ways.ear)), 5_000],
  [SLOW_AND_CUT_OFF, hitting((instance, scene) => {
    const [pass, mend] = [holdStore(instance, scene), cutOffRedis(instance, scene)];
    return () => (pass(), mend());
  }), 9_000],
  ['an instance cannot reach the database', hitting(({ ways }) => cut(ways.store)), 4_000],
  ['the database does not answer', ({ instances, shared }) => {
    shared.away.database = true;
    hold(...instances.map(({ ways }) => ways.store));
    return { heal: () => ((shared.away.database = false), instances.forEach(({ ways }) => ways.store.pass())) };
  }, 10_000],
  ['commits fail in every way', ({ shared }) => {
    shared.faults = { refused: 8, unanswered: 12, lost: 8, late: 12 };
    return { heal: () => void (shared.faults = { refused: 0, unanswered: 0, lost: 0, late: 0 }) };
  }, 6_000],
  ['Redis forgets everything', ({ shared }) => (shared.redis.flush(), { heal: () => undefined }), 1],
  ['Redis hangs', ({ shared }) => {
    if (shared.redis.isPaused) return undefined;
    shared.redis.isPaused = true;
    return { heal: () => shared.redis.resume() };
  }, 6_000],
  ['Redis is killed and comes back empty', ({ instances, shared }) => {
    const all = () => instances.flatMap(({ ways }) => [ways.commands, ways.ear]);
    shared.away.redis = true;
    cut(...all());
    shared.redis.flush();
    return { heal: () => ((shared.away.redis = false), all().forEach((way) => way.mend())) };
  }, 5_000],
  ['an announcement is lost', ({ shared }) => {
    shared.redis.losesNext = true;
    return { heal: () => void (shared.redis.losesNext = false) };
  }, 2_000],
  ['the clock of an instance is set', hitting(({ host }, { shared }) => {
    host.clockOffMs = shared.stage.dice.below(7_200_000) - 3_600_000;
    return () => undefined;
  }), 1],
];
