import { createAdapter } from '@socket.io/redis-adapter';
import { Cluster, Redis } from 'ioredis';
import { deserialize, serialize } from 'node:v8';
import type { UserId } from '../../../contracts/ids.ts';
import type { Rooms } from '../rooms.ts';
import type { Sealing } from './sealing.ts';
import { addressOf, clusterOptions, type Address } from './address.ts';
import { isClusterAt } from './connection.ts';

/** A count begins anew at the time when it was forgotten, which no earlier count has reached. */
const KEPT_SECONDS = 90 * 24 * 3_600;

export interface RoomsOptions {
  readonly url: string;
  /** What crosses is sealed between instances: titles and half-typed words are in it. */
  readonly between: Sealing;
  /** Tells the deployments apart that share a Redis; its databases do not. */
  readonly deployment: string;
}

/** The rooms of several instances, over Redis. What is told while Redis is away goes out when it is back, and everybody is then asked to read again. Rejects when Redis does not answer. */
export async function redisRooms({ url, between, deployment }: RoomsOptions): Promise<Rooms> {
  const address = addressOf(url);
  const isCluster = await isClusterAt(address);
  const [told, heard] = [clientOf(address, isCluster), clientOf(address, isCluster)];
  let missed: () => void = () => undefined;
  await Promise.all([told.connect(), heard.connect()]);
  heard.on('ready', () => missed());
  const publish = told.publish.bind(told);
  told.publish = (...given: Parameters<typeof publish>) => publish(...given).catch(() => 0); // at the end of the process nobody is left to hear it
  const keyOf = (user: UserId): string => `notices:{${user}}`;
  const numbered = async (user: UserId, steps: number): Promise<number> => {
    const key = keyOf(user);
    const replies = await told.multi().set(key, Date.now(), 'NX').incrby(key, steps).expire(key, KEPT_SECONDS).exec();
    return Number(replies?.[1]?.[1]);
  };
  return {
    adapter: createAdapter(told, heard, { key: `rooms:${deployment}`, parser: parserWith(between) }),
    next: (user) => numbered(user, 1),
    count: (user) => numbered(user, 0),
    onMissed: (run) => (missed = run),
    async close() {
      await Promise.all([told, heard].map((client) => client.quit().catch(() => client.disconnect())));
    },
  };
}

const PLACE = 'rooms';

/** How the adapter writes and reads what it sends. */
function parserWith({ seal, open }: Sealing): { encode(said: unknown): Buffer; decode(sealed: Buffer): unknown } {
  return {
    encode: (said) => Buffer.from(seal(serialize(said).toString('base64'), PLACE)),
    decode: (sealed) => deserialize(Buffer.from(open(Buffer.from(sealed).toString(), PLACE), 'base64')) as unknown,
  };
}

/** Unlike the bus, whoever tells something here does not wait for it, so it may wait for Redis. */
function clientOf(address: Address, isCluster: boolean): Redis | Cluster {
  const { commandTimeout: _, socketTimeout: _silent, ...shared } = address.shared;
  const patient = { ...shared, enableOfflineQueue: true, autoResubscribe: true, maxRetriesPerRequest: null };
  const [first] = address.nodes;
  const client = isCluster
    ? new Cluster([...address.nodes], { ...clusterOptions(address), enableOfflineQueue: true, redisOptions: patient })
    : new Redis({ ...patient, ...first });
  client.on('error', () => undefined); // the bus tells of it
  return client;
}
