import type { Begin, Scene } from './history.ts';
import type { SimulatedInstance } from './instance.ts';
import { SimulatedInstance as Instance } from './instance.ts';

const hold = (...ways: { hold(): void; pass(): void }[]): (() => void) => {
  for (const way of ways) way.hold();
  return () => ways.forEach((way) => way.pass());
};
const cut = (...ways: { cut(): void; mend(): void }[]): (() => void) => {
  for (const way of ways) way.cut();
  return () => ways.forEach((way) => way.mend());
};
const up = ({ instances }: Scene): SimulatedInstance[] => instances.filter(({ isUp }) => isUp);

/** What can go wrong, how it begins and is mended, and how long it lasts at most. Nothing to mend: it could not happen just now. */
export const FAULTS: readonly (readonly [name: string, begin: Begin, longestMs: number])[] = [
  ['an instance is killed', (scene, dice) => {
    const at = dice.below(scene.instances.length);
    const instance = scene.instances[at] as SimulatedInstance;
    if (instance.host.isDead || !instance.isUp) return undefined;
    instance.kill();
    return () => {
      const next = new Instance(scene.shared);
      scene.instances[at] = next;
      next.start();
    };
  }, 4_000],
  ['an instance is paused', (scene, dice) => {
    const [instance] = pickOne(up(scene), dice);
    if (instance === undefined) return undefined;
    instance.host.isPaused = true;
    return () => scene.shared.stage.time.resume(instance.host);
  }, 9_000],
  ['an instance is cut off from Redis', (scene, dice) => {
    const [instance] = pickOne(up(scene), dice);
    return instance && cut(instance.ways.commands, instance.ways.ear);
  }, 9_000],
  ['nothing passes between an instance and Redis', (scene, dice) => {
    const [instance] = pickOne(up(scene), dice);
    return instance && hold(instance.ways.commands, instance.ways.ear);
  }, 8_000],
  ['an instance hears nothing of Redis', (scene, dice) => {
    const [instance] = pickOne(up(scene), dice);
    return instance && hold(instance.ways.ear);
  }, 5_000],
  ['the database is slow for an instance that is cut off from Redis', (scene, dice) => {
    const [instance] = pickOne(up(scene), dice);
    if (instance === undefined) return undefined;
    const pass = hold(instance.ways.store);
    const mend = cut(instance.ways.commands, instance.ways.ear);
    return () => (pass(), mend());
  }, 9_000],
  ['an instance cannot reach the database', (scene, dice) => {
    const [instance] = pickOne(up(scene), dice);
    return instance && cut(instance.ways.store);
  }, 4_000],
  ['the database does not answer', ({ instances }) => hold(...instances.map(({ ways }) => ways.store)), 10_000],
  ['commits fail in every way', ({ shared }) => {
    shared.faults = { refused: 8, unanswered: 12, lost: 8, late: 12 };
    return () => void (shared.faults = { refused: 0, unanswered: 0, lost: 0, late: 0 });
  }, 6_000],
  ['Redis forgets everything', ({ shared }) => (shared.redis.flush(), () => undefined), 1],
  ['Redis hangs', ({ shared }) => {
    if (shared.redis.isPaused) return undefined;
    shared.redis.isPaused = true;
    return () => shared.redis.resume();
  }, 6_000],
  ['Redis is killed and comes back empty', (scene) => {
    const mend = cut(...scene.instances.flatMap(({ ways }) => [ways.commands, ways.ear]));
    scene.shared.redis.flush();
    return mend;
  }, 5_000],
  ['an announcement is lost', ({ shared }) => {
    shared.redis.losesNext = true;
    return () => void (shared.redis.losesNext = false);
  }, 2_000],
  ['the clock of an instance is set', (scene, dice) => {
    const [instance] = pickOne(up(scene), dice);
    if (instance === undefined) return undefined;
    instance.host.clockOffMs = dice.below(7_200_000) - 3_600_000;
    return () => undefined;
  }, 1],
];

function pickOne(all: readonly SimulatedInstance[], dice: { pick<T>(choices: readonly T[]): T }): [SimulatedInstance | undefined] {
  return [all.length === 0 ? undefined : dice.pick(all)];
}
