import { MongoClient, MongoError, MongoServerError, MongoServerSelectionError } from 'mongodb';
import type { Document } from 'mongodb';
import { refuseClosedSockets } from './closed-sockets.ts';

const DEFAULT_DATABASE = 'gorunchat';
/** What the address says goes first. */
const MOST_CONNECTIONS = 100;

export interface Deployment {
  /** With the hosts, a sign-in and the database; without a database it is `gorunchat`. */
  readonly uri: string;
  readonly appName?: string;
  /** How long a start, a read or a commit waits for a primary. */
  readonly serverSelectionTimeoutMs?: number;
}

export interface Connected {
  readonly client: MongoClient;
  readonly database: string;
}

/** Connects, or rejects with a sentence for a person that holds no password. Transactions need a replica set (one member is one) or a sharded cluster. */
export async function connect({ uri, appName = 'gorunchat', serverSelectionTimeoutMs = 5_000 }: Deployment): Promise<Connected> {
  refuseClosedSockets();
  const client = clientOf(uri, {
    appName, ...(!/[?&]maxPoolSize=/iu.test(uri) && { maxPoolSize: MOST_CONNECTIONS }), serverSelectionTimeoutMS: serverSelectionTimeoutMs,
    retryWrites: true, retryReads: true,
    // A server that vanished is noticed within seconds, and no call waits for it for ever.
    connectTimeoutMS: 5_000, heartbeatFrequencyMS: 2_000, socketTimeoutMS: 20_000, waitQueueTimeoutMS: 10_000,
  });
  const hosts = client.options.srvHost ?? client.options.hosts.join(', ');
  try {
    await client.connect();
    checkDeployment(await client.db('admin').command({ hello: 1 }), hosts);
    return { client, database: databaseIn(uri) };
  } catch (error) {
    await client.close();
    throw error instanceof MongoError ? new Error(whyNot(error, hosts, serverSelectionTimeoutMs), { cause: error }) : error;
  }
}

/** Refuses a server that stands alone, by what it says of itself. */
export function checkDeployment(hello: Document, hosts: string): void {
  if (hello['setName'] !== undefined || hello['msg'] === 'isdbgrid') return;
  throw new Error(`The MongoDB server at ${hosts} stands alone, and transactions need a replica set. Start it with --replSet and run rs.initiate() once; one member is enough.`);
}

function clientOf(uri: string, options: ConstructorParameters<typeof MongoClient>[1]): MongoClient {
  try {
    return new MongoClient(uri, options);
  } catch (error) {
    // The driver's message may repeat parts of the address, and a password is one of them.
    throw new Error('The MongoDB address is not one. It looks like mongodb://host:27017/gorunchat?replicaSet=rs0, with special characters in a password written as %XX.', { cause: error });
  }
}

function databaseIn(uri: string): string {
  const named = /^mongodb(?:\+srv)?:\/\/[^/]+\/([^?]+)/u.exec(uri)?.[1];
  return named === undefined ? DEFAULT_DATABASE : decodeURIComponent(named);
}

function whyNot(error: MongoError, hosts: string, waitedMs: number): string {
  if (error instanceof MongoServerSelectionError) {
    return `No MongoDB primary answered at ${hosts} within ${waitedMs / 1_000} seconds (${error.message}). Check the address and the name of the replica set, and that it has a primary.`;
  }
  if (error instanceof MongoServerError && (error.code === 18 || error.code === 8_000)) return `MongoDB at ${hosts} did not accept the user name and password.`;
  return `MongoDB at ${hosts} could not be used: ${error.message}.`;
}
