import { randomBytes } from 'node:crypto';
import { MongoClient, type Db } from 'mongodb';
import { inject } from 'vitest';

/** A database of one test file, looked at beside the store. */
export interface TestDatabase extends AsyncDisposable {
  /** Names the database, too. */
  readonly uri: string;
  readonly db: Db;
  /** Removes all documents but those that say how the database is laid out. */
  clear(): Promise<void>;
  /** Keeps all documents as they are, and resolves with what puts them back. */
  aside(): Promise<() => Promise<void>>;
}

/** With an outage or a fail point in mind, `forFaults`: those are felt by everybody on that server. */
export async function newTestDatabase(server: 'uri' | 'forFaults' = 'uri'): Promise<TestDatabase> {
  const servers = inject('mongo');
  if ('missing' in servers) throw new Error(servers.missing);
  return newDatabaseOn(servers[server]);
}

/** On the server at this address: for runners that are not Vitest, which has started none for them. */
export async function newDatabaseOn(server: string): Promise<TestDatabase> {
  const name = `gorunchat_${randomBytes(6).toString('hex')}`;
  const client = await MongoClient.connect(server, { serverSelectionTimeoutMS: 10_000 });
  const db = client.db(name);
  return {
    uri: server.replace(/^(mongodb(?:\+srv)?:\/\/[^/?]+)\/?([^?]*)/u, `$1/${name}`),
    db,
    async clear() {
      const collections = await db.listCollections({}, { nameOnly: true }).toArray();
      await Promise.all(collections.map(({ name: collection }) => db.collection<{ _id: string }>(collection).deleteMany({ _id: { $nin: ['layout', 'whole'] } })));
    },
    async aside() {
      const kept = await Promise.all((await db.collections()).map(async (collection) => [collection, await collection.find().toArray()] as const));
      return async () => {
        for (const collection of await db.collections()) await collection.deleteMany({});
        for (const [collection, documents] of kept) if (documents.length > 0) await collection.insertMany(documents);
      };
    },
    async [Symbol.asyncDispose]() {
      await db.dropDatabase();
      await client.close();
    },
  };
}
