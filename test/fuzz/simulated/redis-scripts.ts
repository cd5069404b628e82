import { APPEND, BORN, CLAIM, HEADS, READ, RELEASE, WATCH, type Script } from '../../../server/bus/redis/scripts.ts';
import type { Entry, SimulatedRedis, Stream } from './redis.ts';

// Each is what the Lua of the same name says, told again. That Redis does the same is held by the port's suite against a real one.

type Run = (redis: SimulatedRedis, keys: readonly string[], given: readonly string[]) => unknown;
type At = (index: number) => string;

const SCRIPTS = new Map<string, Run>([
  [APPEND.sha, append],
  [READ.sha, read],
  [CLAIM.sha, claim],
  [BORN.sha, born],
  [RELEASE.sha, release],
  [WATCH.sha, watch],
  [HEADS.sha, heads],
]);

export function runScript(redis: SimulatedRedis, script: Script, keys: readonly string[], given: readonly string[]): unknown {
  const run = SCRIPTS.get(script.sha);
  if (run === undefined) throw new Error('the simulated Redis does not know this script');
  return run(redis, keys, given);
}

const at = (all: readonly string[]): At => (index) => all[index] as string;
const placeOf = (id: string): readonly [number, number] => id.split('-').map(Number) as [number, number];
const isAtOrAfter = (id: string, from: readonly [number, number]): boolean => placeOf(id)[0] > from[0] || (placeOf(id)[0] === from[0] && placeOf(id)[1] >= from[1]);
const lastOf = (redis: SimulatedRedis, log: string): readonly [number, number] => redis.streams.get(log)?.last ?? [0, 0];
const idOf = ([epoch, seq]: readonly [number, number]): string => `${epoch}-${seq}`;

function ownerOf(redis: SimulatedRedis, key: string): { epoch: number; instance: string } | undefined {
  const [epoch, instance] = redis.value(key)?.split(' ') ?? [];
  return instance === undefined ? undefined : { epoch: Number(epoch), instance };
}

function add(redis: SimulatedRedis, key: string, id: string, fields: readonly string[]): void {
  const stream: Stream = redis.streams.get(key) ?? { last: [0, 0], entries: [] };
  stream.last = placeOf(id);
  stream.entries.push([id, fields]);
  redis.streams.set(key, stream);
}

/** Announcements of one script, packed for each instance. */
class Announcements {
  readonly #packed = new Map<string, string[]>();
  readonly #redis: SimulatedRedis;
  constructor(redis: SimulatedRedis) {
    this.#redis = redis;
  }

  tellOne(instance: string, line: string): void {
    this.#packed.set(instance, [...(this.#packed.get(instance) ?? []), line]);
  }

  tell(me: string, watchers: string, line: string): Set<string> {
    const told = new Set<string>();
    for (const [instance, until] of this.#redis.sets.get(watchers) ?? []) {
      if (until < this.#redis.stage.time.now) continue;
      if (instance !== me) this.tellOne(instance, line);
      told.add(instance);
    }
    return told;
  }

  send(kind: string): void {
    for (const [instance, lines] of this.#packed) this.#redis.publish(`bus:${instance}`, `${kind}\n${lines.join('\n')}`);
  }
}

function append(redis: SimulatedRedis, keys: readonly string[], given: readonly string[]): string[] {
  const [me = '', ...rest] = given;
  const announcements = new Announcements(redis);
  const verdicts = Array.from({ length: keys.length / 3 }, (_, index) => {
    const [log, own, watchers] = keys.slice(index * 3) as [string, string, string];
    const [conversation, epoch, after, last, sealed] = rest.slice(index * 5) as [string, string, string, string, string];
    const verdict = verdictOn(redis, { log, own, me, epoch: Number(epoch), after: Number(after), id: `${epoch}-${last}` });
    if (verdict !== undefined) return verdict;
    if (lastOf(redis, log)[0] > Number(epoch)) redis.staleAppends += 1;
    add(redis, log, `${epoch}-${last}`, ['e', sealed]);
    announcements.tell(me, watchers, `${conversation} ${after} ${epoch}-${last} ${sealed}`);
    return 'written';
  });
  announcements.send('log');
  return verdicts;
}

function verdictOn(redis: SimulatedRedis, { log, own, me, epoch, after, id }: { log: string; own: string; me: string; epoch: number; after: number; id: string }): string | undefined {
  const owner = ownerOf(redis, own);
  const [there, seq] = lastOf(redis, log);
  if (there > epoch || (owner !== undefined && (owner.epoch > epoch || (owner.epoch === epoch && owner.instance !== me)))) return 'stale';
  if (owner?.epoch !== epoch || there !== epoch) return 'behind';
  if (seq === after) return undefined;
  return redis.streams.get(log)?.entries.some(([one]) => one === id) === true ? 'written' : 'behind';
}

function read(redis: SimulatedRedis, keys: readonly string[], given: readonly string[]): unknown[] {
  const log = at(keys)(0);
  const from: readonly [number, number] = [Number(given[0]), Number(given[1])];
  const last = lastOf(redis, log);
  if (last[0] !== from[0] || last[1] < from[1]) return [idOf(last)];
  return [idOf(last), (redis.streams.get(log)?.entries ?? []).filter(([id]) => isAtOrAfter(id, from))];
}

function claim(redis: SimulatedRedis, keys: readonly string[], given: readonly string[]): readonly Entry[] | null {
  const [log, own, watchers] = keys as [string, string, string];
  const [me, seconds, conversation, epoch] = given as [string, string, string, string];
  const owner = ownerOf(redis, own);
  const [there, seq] = lastOf(redis, log);
  const isRepeated = owner?.epoch === Number(epoch) && owner.instance === me && there === Number(epoch) && seq === 0;
  if (!isRepeated && ((owner?.epoch ?? 0) >= Number(epoch) || there >= Number(epoch))) return null;
  const held = [...(redis.streams.get(log)?.entries ?? [])];
  if (isRepeated) return held;
  add(redis, log, `${epoch}-0`, ['o', me]);
  redis.set(own, `${epoch} ${me}`, Number(seconds) * 1_000);
  const announcements = new Announcements(redis);
  const told = announcements.tell(me, watchers, `${conversation} begun ${epoch}-0`);
  if (owner !== undefined && owner.instance !== me && !told.has(owner.instance)) announcements.tellOne(owner.instance, `${conversation} begun ${epoch}-0`);
  announcements.send('log');
  return held;
}

function born(redis: SimulatedRedis, keys: readonly string[]): number {
  const key = at(keys)(0);
  const since = redis.value(key);
  if (since !== null) return redis.stage.time.now - Number(since);
  redis.set(key, String(redis.stage.time.now));
  return 0;
}

function release(redis: SimulatedRedis, keys: readonly string[], given: readonly string[]): null {
  keys.forEach((key, index) => redis.value(key) === given[index] && redis.values.delete(key));
  return null;
}

function watch(redis: SimulatedRedis, keys: readonly string[], given: readonly string[]): string[] {
  const [me = '', lasting = '0'] = given;
  return Array.from({ length: keys.length / 2 }, (_, index) => {
    const [log, watchers] = keys.slice(index * 2) as [string, string];
    redis.sets.set(watchers, (redis.sets.get(watchers) ?? new Map<string, number>()).set(me, redis.stage.time.now + Number(lasting)));
    return idOf(lastOf(redis, log));
  });
}

function heads(redis: SimulatedRedis, keys: readonly string[], given: readonly string[]): null {
  const [me = '', , ...rest] = given;
  const announcements = new Announcements(redis);
  for (let index = 0; index < keys.length / 3; index++) {
    const [log, own, watchers] = keys.slice(index * 3) as [string, string, string];
    const [conversation, epoch, last, trimmed] = rest.slice(index * 4) as [string, string, string, string];
    const owner = ownerOf(redis, own);
    if (owner?.epoch !== Number(epoch) || owner.instance !== me) continue;
    const stream = redis.streams.get(log);
    if (stream !== undefined && trimmed !== '') stream.entries = stream.entries.filter(([id]) => isAtOrAfter(id, placeOf(trimmed)));
    announcements.tell(me, watchers, `${conversation} ${last}`);
  }
  announcements.send('heads');
  return null;
}
