import type { InstanceId } from '../bus.ts';
import type { Connection } from './connection.ts';
import { channelOf, leaseKey } from './keys.ts';

/** How long nobody must listen to an instance's channel before that proves that its process is gone. One that lives listens again, or says that it cannot, sooner. */
const GRACE_MS = 600;

/**
 * Which instances live: those whose lease is there. Of a crash more is known, on a single Redis: the lease says that the instance is connected, and nobody listens to its
 * channel. An instance that has lost only its ear says so in its lease; whoever hangs, or is cut off, keeps its connections and so its lease until that runs out.
 */
export class Liveness {
  readonly #connection: Connection;
  readonly #leaseMs: number;
  readonly #suspected = new Map<InstanceId, Promise<boolean>>();
  /** Proven dead, until its lease has run out, too. An id never comes back. */
  readonly #dead = new Map<InstanceId, number>();

  constructor(connection: Connection, leaseMs: number) {
    this.#connection = connection;
    this.#leaseMs = leaseMs;
  }

  async living(instances: readonly InstanceId[]): Promise<ReadonlySet<InstanceId>> {
    const alive = await Promise.all(instances.map((instance) => this.#isLiving(instance)));
    return new Set(instances.filter((_, index) => alive[index]));
  }

  async hasLease(instance: InstanceId): Promise<boolean> {
    return (await this.#connection.send('GET', leaseKey(instance))) !== null;
  }

  async #isLiving(instance: InstanceId): Promise<boolean> {
    if (performance.now() < (this.#dead.get(instance) ?? 0)) return false;
    this.#dead.delete(instance);
    const seen = await this.#look(instance);
    if (seen !== 'unheard' || !this.#canProve()) return seen !== 'gone';
    const proof = this.#suspected.get(instance) ?? this.#lookAgain(instance).finally(() => this.#suspected.delete(instance));
    this.#suspected.set(instance, proof);
    return proof;
  }

  /** Not right after Redis was away: then nobody listens yet. */
  #canProve(): boolean {
    return !this.#connection.isCluster && this.#connection.readyForMs > this.#leaseMs;
  }

  async #lookAgain(instance: InstanceId): Promise<boolean> {
    await new Promise((resolve) => setTimeout(resolve, GRACE_MS));
    const seen = await this.#look(instance);
    if (seen === 'unheard' && this.#canProve()) this.#dead.set(instance, performance.now() + this.#leaseMs);
    return seen !== 'gone' && !this.#dead.has(instance);
  }

  /** `unheard`: it says that it is connected, and nobody listens. */
  async #look(instance: InstanceId): Promise<'there' | 'unheard' | 'gone'> {
    const lease = this.#connection.send('GET', leaseKey(instance));
    if (this.#connection.isCluster) return (await lease) === null ? 'gone' : 'there'; // each node counts its own listeners only
    const [state, listeners] = (await Promise.all([lease, this.#connection.send('PUBSUB', 'NUMSUB', channelOf(instance))])) as [string | null, [string, number]];
    if (state === null) return 'gone';
    return state === 'connected' && listeners[1] === 0 ? 'unheard' : 'there';
  }
}
