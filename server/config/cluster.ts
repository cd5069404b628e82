import { createHmac } from 'node:crypto';
import type { Variables } from './environment.ts';
import type { Problems } from './problems.ts';

/** What several instances of one deployment share. */
export interface ClusterSettings {
  readonly mongoUrl: string;
  readonly redisUrl: string;
}

/** The services that are shared, from the environment alone, since their addresses hold passwords; `undefined` for a single instance. One without the other is a problem, told with its reason. */
export function readCluster(variables: Variables, masterKey: string | undefined, problems: Problems): ClusterSettings | undefined {
  const mongo = named(variables, 'MONGODB_URI', 'MONGO_URI');
  const redis = named(variables, 'REDIS_URL', 'REDIS_URI');
  if (mongo === undefined && redis === undefined) return undefined;
  if (redis === undefined) problems.add(mongo?.name ?? '', 'is set, but REDIS_URL is not: instances that share a database must also hear each other. Set both, or neither for a single instance');
  if (mongo === undefined) problems.add(redis?.name ?? '', 'is set, but MONGODB_URI is not: instances that hear each other must also share a database. Set both, or neither for a single instance');
  if (mongo !== undefined && !/^mongodb(\+srv)?:\/\//u.test(mongo.value)) problems.add(mongo.name, 'must begin with mongodb:// or mongodb+srv://');
  if (redis !== undefined && !redis.value.split(',').every((one) => /^rediss?:\/\//u.test(one.trim()))) problems.add(redis.name, 'must begin with redis:// or rediss:// (nodes of a cluster are separated by commas)');
  if (masterKey === undefined) problems.add('GORUNCHAT_MASTER_KEY', 'must be set where several instances share a database: an instance that makes a key of its own can read nothing that the others write');
  return mongo === undefined || redis === undefined ? undefined : { mongoUrl: mongo.value, redisUrl: redis.value };
}

/** The code for the first account that every instance knows, whichever of them is asked. */
export function sharedCode(masterKey: string, signs: string, length: number): string {
  const bytes = createHmac('sha256', masterKey).update('the first account').digest();
  return Array.from(bytes.subarray(0, length), (byte) => signs[byte % signs.length]).join('');
}

function named(variables: Variables, ...names: readonly string[]): { name: string; value: string } | undefined {
  for (const name of names) {
    const value = variables.text(name);
    if (value !== undefined) return { name, value };
  }
  return undefined;
}
