import { Cluster, Redis } from 'ioredis';
import { Failure } from '../../../contracts/failures.ts';
import { clusterOptions, type Address } from './address.ts';
import type { Script } from './scripts.ts';

/** A cluster that is there and not ready would be asked for ever. */
const OPEN_WITHIN_MS = 8_000;

type Argument = string | number;

/** The commands of this instance on their way to Redis. Each is answered within two seconds or rejects with `bus-unavailable`; then it may have been done all the same. */
export class Connection {
  readonly isCluster: boolean;
  readonly #client: Redis | Cluster;
  readonly #address: Address;
  /** Since when it has been ready without a break; not before now. */
  #readySince = performance.now();

  private constructor(client: Redis | Cluster, address: Address) {
    this.#client = client;
    this.#address = address;
    this.isCluster = client instanceof Cluster;
    client.on('error', () => undefined); // whoever waits for an answer hears of it, and the beat does
    client.on('ready', () => (this.#readySince = performance.now()));
    client.on('close', () => (this.#readySince = Number.POSITIVE_INFINITY));
  }

  /** Several nodes are a cluster; one may be the door to a cluster. Rejects with a sentence for whoever configured it. */
  static async open(address: Address): Promise<Connection> {
    const [first] = address.nodes;
    const client = (await isClusterAt(address)) ? new Cluster([...address.nodes], clusterOptions(address)) : new Redis({ ...address.shared, ...first });
    return new Connection(await connected(client, address), address);
  }

  get isReady(): boolean {
    return this.#client.status === 'ready';
  }

  get readyForMs(): number {
    return performance.now() - this.#readySince;
  }

  onReady(listener: () => void): void {
    this.#client.on('ready', listener);
  }

  /** Where a node can be reached that announces, the ones known by now included. */
  nodes(): readonly { host: string; port: number }[] {
    if (!(this.#client instanceof Cluster)) return this.#address.nodes;
    const known = this.#client.nodes('master').flatMap(({ options: { host, port } }) => (host === undefined || port === undefined ? [] : [{ host, port }]));
    return known.length > 0 ? known : this.#address.nodes;
  }

  async send(command: string, ...given: readonly Argument[]): Promise<unknown> {
    try {
      return await this.#client.call(command, ...given);
    } catch (error) {
      throw new Failure('bus-unavailable', { cause: error });
    }
  }

  async run(script: Script, keys: readonly string[], given: readonly Argument[]): Promise<unknown> {
    try {
      return await this.#client.evalsha(script.sha, keys.length, ...keys, ...given);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw new Failure('bus-unavailable', { cause: error });
    }
    return this.send('EVAL', script.lua, keys.length, ...keys, ...given);
  }

  /** What goes into one script or one command: everything, or on a cluster what shares a slot. */
  together<T>(all: readonly T[], shard: (one: T) => number): readonly (readonly T[])[] {
    if (all.length === 0) return [];
    return this.isCluster ? [...Map.groupBy(all, shard).values()] : [all];
  }

  async close(): Promise<void> {
    await this.#client.quit().catch(() => undefined); // it was gone already
    this.#client.disconnect();
  }
}

/** Whether there is a cluster at this address, though only one of its nodes may be named. */
export async function isClusterAt(address: Address): Promise<boolean> {
  if (address.nodes.length > 1) return true;
  const [first] = address.nodes;
  const plain = await connected(new Redis({ ...address.shared, ...first }), address);
  // Managed ones may not tell; then it is what the address says, one server.
  const told = await plain.info('cluster').catch(() => '');
  plain.disconnect();
  return /^cluster_enabled:1/mu.test(told);
}

async function connected<C extends Redis | Cluster>(client: C, { name }: Address): Promise<C> {
  let why: unknown;
  const remember = (error: unknown): void => void (why = error);
  client.on('error', remember);
  client.on('node error', remember);
  const inVain = setTimeout(() => client.disconnect(), OPEN_WITHIN_MS);
  try {
    await client.connect();
    if (client.status !== 'ready') throw new Error('it did not answer in time');
    client.off('error', remember);
    client.off('node error', remember);
    return client;
  } catch (error) {
    client.disconnect();
    throw new Error(`Redis cannot be used at ${name}: ${sentenceOf(why ?? error)} Start it, or correct its address.`, { cause: error });
  } finally {
    clearTimeout(inVain);
  }
}

function sentenceOf(error: unknown): string {
  const text = error instanceof Error ? error.message || ('code' in error ? String(error.code) : error.name) : String(error);
  return /[.!?]$/u.test(text) ? text : `${text}.`;
}
