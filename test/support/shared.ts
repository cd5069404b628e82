import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { newTestDatabase, type TestDatabase } from './mongo-database.ts';
import { newRedis, type TestRedis } from './redis.ts';

/** Whether servers of this run are instances on MongoDB and Redis. */
export const isOnCluster = process.env['ON_MONGODB_AND_REDIS'] === 'yes';

interface Shared {
  readonly database: TestDatabase;
  readonly redis: TestRedis;
}

/** Emptied by whoever had them: to lay out a database takes longer than most tests. */
const free: Shared[] = [];
const made: Shared[] = [];
if (isOnCluster) {
  afterAll(async () => {
    await Promise.all(made.splice(0).flatMap(({ database, redis }) => [database[Symbol.asyncDispose](), redis[Symbol.asyncDispose]()]));
  });
}

/** What an instance shares with others: a database and a Redis that nobody else has meanwhile. The master key stands in the data folder, as it does where there is only one instance. */
export async function takeShared(folder: string): Promise<AsyncDisposable & { readonly environment: Record<string, string>; readonly database: TestDatabase }> {
  const shared = free.pop() ?? (await newShared());
  const key = randomBytes(32).toString('hex');
  writeFileSync(join(folder, 'master.key'), key, { mode: 0o600 });
  return {
    database: shared.database,
    environment: { MONGODB_URI: shared.database.uri, REDIS_URL: shared.redis.url, GORUNCHAT_MASTER_KEY: key },
    async [Symbol.asyncDispose]() {
      await Promise.all([shared.database.clear(), shared.redis.clear()]);
      free.push(shared);
    },
  };
}

async function newShared(): Promise<Shared> {
  const [database, redis] = await Promise.all([newTestDatabase(), newRedis()]);
  const shared = { database, redis };
  made.push(shared);
  return shared;
}
