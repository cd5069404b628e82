import type { SessionId, UserId } from '../../../contracts/ids.ts';
import type { ModelId } from '../../../contracts/ids.ts';
import { RedisBus, type Sealing } from '../../../server/bus/redis.ts';
import type { Connection } from '../../../server/bus/redis/connection.ts';
import type { Ear } from '../../../server/bus/redis/ear.ts';
import { Directory } from '../../../server/conversations/directory.ts';
import { DraftTick } from '../../../server/conversations/draft-tick.ts';
import { openFiles } from '../../../server/conversations/files.ts';
import type { Question } from '../../../server/conversations/questions.ts';
import { LiveConversation } from '../../../server/conversations/live.ts';
import { startSweep } from '../../../server/conversations/sweep.ts';
import { Failure } from '../../../contracts/failures.ts';
import { Delivery, type Io } from '../../../server/gateway/delivery.ts';
import { serveSockets } from '../../../server/gateway/socket.ts';
import { newId } from '../../../server/ids.ts';
import { KEPT } from '../../../server/conversations/retention.ts';
import { openKeys } from '../../../server/journal/keys.ts';
import { openBytes, sealBytes, type Key } from '../../../server/journal/seal.ts';
import { UNCOUNTED } from '../../../server/observe/metrics.ts';
import { UNTRACED } from '../../../server/observe/traces.ts';
import { CommitRefused } from '../../../server/store/refused.ts';
import { openCatalog, type Catalog } from '../../../server/providers/catalog.ts';
import { SimulatedGateway } from './gateway.ts';
import { scriptedProvider, type Calls } from './provider.ts';
import { SimulatedConnection, SimulatedEar, type SimulatedRedis } from './redis.ts';
import type { StoredData } from './store.ts';
import { storeOver, type CommitFaults } from './store-way.ts';
import { Host } from './time.ts';
import { Unanswered, Unreached, Way, type Stage } from './wire.ts';

/** What all instances share. */
export interface Shared {
  readonly stage: Stage;
  readonly data: StoredData;
  readonly redis: SimulatedRedis;
  readonly calls: Calls;
  readonly master: Key;
  readonly user: UserId;
  faults: CommitFaults;
  /** What nobody reaches just now, an instance that starts meanwhile neither. */
  readonly away: { redis: boolean; database: boolean };
  /** What the operator would be told of mistakes of ours. */
  readonly mistakes: unknown[];
}

/** One process of the product, the gateway and the bus included, on connections that are not there. */
export class SimulatedInstance {
  readonly host = new Host();
  readonly ways: { readonly commands: Way; readonly ear: Way; readonly store: Way };
  gateway: SimulatedGateway | undefined;
  #directory: Directory | undefined;
  readonly #shared: Shared;

  constructor(shared: Shared) {
    this.#shared = shared;
    const { stage } = shared;
    this.ways = { commands: new Way(stage, this.host), ear: new Way(stage, this.host), store: new Way(stage, this.host) };
    if (shared.away.redis) for (const way of [this.ways.commands, this.ways.ear]) way.cut();
    if (shared.away.database) this.ways.store.hold();
  }

  /** Starts as soon as everything can be reached. */
  start(): void {
    const { time } = this.#shared.stage;
    time.on(this.host, () => {
      this.#begin().catch((error: unknown) => {
        if (!isOutage(error)) this.#shared.mistakes.push(error);
        time.later(500, () => this.start(), this.host); // as whatever supervises it would
      });
    });
  }

  get isUp(): boolean {
    return this.gateway !== undefined && !this.host.isDead && !this.host.isPaused;
  }

  /** Whether it owns the conversation, as far as it knows. */
  get isOwner(): boolean {
    return !this.host.isDead && (this.#directory?.counts.owned ?? 0) > 0;
  }

  kill(): void {
    this.host.isDead = true;
    this.gateway?.close();
    this.gateway = undefined;
    for (const way of Object.values(this.ways)) way.cut();
  }

  async #begin(): Promise<void> {
    const { stage, data, redis, calls, master, user, mistakes } = this.#shared;
    const store = storeOver(data, this.ways.store, stage, () => this.#shared.faults);
    const keys = openKeys(store, master);
    const keyed = async (conversation: string): Promise<Sealing> => {
      const key = await keys.of(conversation);
      if (key === undefined) throw new Failure('erased');
      return sealingWith(key);
    };
    const instance = newId();
    const connection = new SimulatedConnection(redis, this.ways.commands);
    const bus = new RedisBus({ url: '', instance, keyed, between: sealingWith(master), report: () => undefined }, connection as unknown as Connection, (heard) => new SimulatedEar(redis, this.ways.ear, { channel: `bus:${instance}`, ...heard }) as unknown as Ear);
    await bus.begin();
    const clock = { now: () => Date.now() };
    const tick = new DraftTick(store, bus, UNCOUNTED, () => 0);
    const warn = (error: unknown): void => void (isOutage(error) || mistakes.push(error));
    const world = { store, tick, catalog: catalogOf(calls), files: openFiles(store, keys, { now: () => Date.now(), restoreMs: 1 }), clock, metrics: UNCOUNTED, isBehind: () => false, keyOf: () => () => Promise.resolve(undefined), restoreMs: 1, epochsAfter: 0, retention: KEPT, showsHolds: false, certifying: () => Promise.resolve({ id: 'deployment', key: master }), costOf: () => undefined, forgetKey: (id: string) => keys.forget(id), takenOver: () => undefined, warn };
    const gateway = new SimulatedGateway(stage, this.host);
    const delivery: Delivery = new Delivery({ io: gateway.io as unknown as Io, bus, metrics: UNCOUNTED, onTabs: () => undefined, isOwn: (one) => one instanceof LiveConversation && !one.isOver, onSeen: () => undefined });
    const directory = new Directory(world, bus, keys, { isWatched: (id) => delivery.isWatched(id), onRow: () => undefined });
    this.#directory = directory;
    bus.serve({ answer: (question) => directory.answer(question as Question), lost: (conversation, how) => directory.lost(conversation, how) });
    await startSweep(store, directory, clock, () => undefined);
    const session = { id: newId<SessionId>(), user, createdAt: 0, expiresAt: clock.now() + 1e10 };
    serveSockets(gateway.io as unknown as Io, {
      metrics: UNCOUNTED, traces: UNTRACED, directory, delivery, trust: () => false, now: () => clock.now(), warn, seen: () => undefined,
      sessions: { find: () => Promise.resolve(session) } as never, sites: {} as never, visits: {} as never, allowances: {} as never, people: {} as never, disclosures: {} as never, rows: { visitorOf: () => Promise.resolve(undefined) } as never, notices: { count: () => Promise.resolve(1), tell: () => undefined, tellOthers: () => undefined, tellInbox: () => undefined, tellSites: () => undefined, tellRemoved: () => undefined, tellNoted: () => undefined },
    });
    this.gateway = gateway;
  }
}

function catalogOf(calls: Calls): Catalog {
  const catalog = openCatalog([], { demoWordsPerSecond: 100 });
  const provider = scriptedProvider(calls);
  return { ...catalog, serve: async (model: ModelId, keyOf) => ({ ...(await catalog.serve(model, keyOf)), provider }) };
}

function sealingWith(key: Key): Sealing {
  return { seal: (text, place) => sealBytes(Buffer.from(text), key, place), open: (sealed, place) => openBytes(sealed, key, place).toString() };
}

/** What an outage explains is no mistake. */
function isOutage(error: unknown): boolean {
  return error instanceof CommitRefused || error instanceof Unreached || error instanceof Unanswered || (error instanceof Failure && error.code !== 'internal');
}
