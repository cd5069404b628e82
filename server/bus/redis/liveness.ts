import type { InstanceId } from '../bus.ts';
import type { Connection } from './connection.ts';
import { channelOf, leaseKey } from './keys.ts';

/** How long an instance must have no connection before that proves that its process is gone. One that lives has one again, or says so, sooner. */
const GRACE_MS = 200;
/** How often it is looked who listens no more: whoever died has been found out, or nearly, by the time somebody asks for what it owned. */
const WATCH_MS = 100;
/** What the channels of all instances begin with. */
const CHANNELS = channelOf('' as InstanceId);

/**
 * Which instances live: those whose lease is there, and after Redis was away all of them, until whoever lives has had the time to renew its own. Of a crash more is known, on a single
 * Redis: the lease names a connection, that one is gone, and nobody listens to the instance's channel. Whoever has lost only one of them says so in its lease; whoever hangs keeps both, and so
 * its lease until that runs out. One that loses both at once, and does not come back within the grace, is taken for dead: its turns are concluded, and it steps down when it is back.
 */
export class Liveness {
  readonly #connection: Connection;
  readonly #leaseMs: number;
  readonly #isSteady: () => boolean;
  readonly #suspected = new Map<InstanceId, Promise<boolean>>();
  /** The channels that were listened to at the last look. */
  #listening: ReadonlySet<string> = new Set();
  #timer: NodeJS.Timeout | undefined;
  #isEnded = false;
  /** Proven dead, until its lease has run out, too. An id never comes back. */
  readonly #dead = new Map<InstanceId, number>();

  /** `isSteady`: Redis has answered for as long as a lease lasts. */
  constructor(connection: Connection, leaseMs: number, isSteady: () => boolean) {
    this.#connection = connection;
    this.#leaseMs = leaseMs;
    this.#isSteady = isSteady;
  }

  async living(instances: readonly InstanceId[]): Promise<ReadonlySet<InstanceId>> {
    const alive = await Promise.all(instances.map((instance) => this.#isLiving(instance)));
    return new Set(instances.filter((_, index) => alive[index]));
  }

  /** Looks for the dead before anybody asks, from now until `end`. */
  watch(): void {
    if (this.#connection.isCluster) return; // nothing can be proven there
    const next = (): void => void (this.#isEnded || this.watch());
    this.#timer = setTimeout(() => void this.#lookAround().then(next, next), WATCH_MS).unref(); // while Redis is away the next look tells more
  }

  end(): void {
    this.#isEnded = true;
    clearTimeout(this.#timer);
  }

  async #lookAround(): Promise<void> {
    const channels = new Set((await this.#connection.send('PUBSUB', 'CHANNELS', `${CHANNELS}*`)) as string[]);
    const gone = [...this.#listening].filter((channel) => !channels.has(channel));
    this.#listening = channels;
    await Promise.all(gone.map((channel) => this.#isLiving(channel.slice(CHANNELS.length) as InstanceId)));
  }

  async hasLease(instance: InstanceId): Promise<boolean> {
    return (await this.#connection.send('GET', leaseKey(instance))) !== null;
  }

  async #isLiving(instance: InstanceId): Promise<boolean> {
    if (performance.now() < (this.#dead.get(instance) ?? 0)) return false;
    this.#dead.delete(instance);
    const seen = await this.#look(instance);
    if (seen !== 'unconnected' || !this.#canProve()) return seen !== 'gone' || !this.#isSteady();
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
    if (seen === 'unconnected' && this.#canProve()) this.#dead.set(instance, performance.now() + this.#leaseMs);
    return (seen !== 'gone' || !this.#isSteady()) && !this.#dead.has(instance);
  }

  /** `unconnected`: it says that it is connected, that connection is gone, and nobody listens. */
  async #look(instance: InstanceId): Promise<'there' | 'unconnected' | 'gone'> {
    const lease = this.#connection.send('GET', leaseKey(instance));
    if (this.#connection.isCluster) return (await lease) === null ? 'gone' : 'there'; // each node counts its own listeners only
    const [state, listeners] = (await Promise.all([lease, this.#connection.send('PUBSUB', 'NUMSUB', channelOf(instance))])) as [string | null, [string, number]];
    if (state === null) return 'gone';
    const [, id] = /^connected (\d+)$/u.exec(state) ?? [];
    if (id === undefined || listeners[1] > 0) return 'there';
    // Who may not list connections cannot prove a death, and waits for the lease.
    const found = await this.#connection.send('CLIENT', 'LIST', 'ID', id).catch(() => id);
    return String(found).trim() === '' ? 'unconnected' : 'there';
  }
}
