import type { Bus, InstanceId, Serving } from '../../server/bus/bus.ts';
import { redisBus, type RedisOptions, type Sealing } from '../../server/bus/redis.ts';
import { newId } from '../../server/ids.ts';
import { newKey, openBytes, sealBytes } from '../../server/journal/seal.ts';

const keys = new Map<string, Sealing>();

/** The same key for every instance in this process, as if they had read it from one store. */
export function sealingOf(name: string): Sealing {
  const known = keys.get(name);
  if (known !== undefined) return known;
  const key = newKey();
  const made: Sealing = { seal: (text, place) => sealBytes(Buffer.from(text), key, place), open: (sealed, place) => openBytes(sealed, key, place).toString() };
  keys.set(name, made);
  return made;
}

/** One instance's bus, with what it was told by the way. */
export interface TestInstance {
  readonly bus: Bus;
  readonly instance: InstanceId;
  readonly lost: string[];
  readonly reports: string[];
  leave(): Promise<void>;
}

export async function newInstance(url: string, given: Partial<RedisOptions> & { answer?: Serving['answer'] } = {}): Promise<TestInstance> {
  const { answer = () => Promise.reject(new Error('nothing is answered here')), ...options } = given;
  const instance = newId<InstanceId>();
  const reports: string[] = [];
  const lost: string[] = [];
  const bus = await redisBus({ url, instance, keyed: (conversation) => Promise.resolve(sealingOf(conversation)), between: sealingOf('between'), report: (sentence) => void reports.push(sentence), ...options });
  const leave = bus.serve({ answer, lost: (conversation, how) => void lost.push(`${conversation} ${how}`) });
  return { bus, instance, lost, reports, leave };
}
