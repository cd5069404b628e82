import { Failure } from '../../../contracts/failures.ts';
import type { Connection } from '../../../server/bus/redis/connection.ts';
import type { Ear, EarParts } from '../../../server/bus/redis/ear.ts';
import type { Script } from '../../../server/bus/redis/scripts.ts';
import { runScript } from './redis-scripts.ts';
import { Way, type Stage } from './wire.ts';

/** As the product's own connections have it. */
const ANSWER_WITHIN_MS = 2_000;

export type Entry = readonly [id: string, fields: readonly string[]];

export interface Stream {
  last: readonly [epoch: number, seq: number];
  entries: Entry[];
}

/** What one Redis knows. Everything it is asked it does in one step. */
export class SimulatedRedis {
  readonly stage: Stage;
  values = new Map<string, { value: string; until: number }>();
  streams = new Map<string, Stream>();
  sets = new Map<string, Map<string, number>>();
  readonly #listeners = new Map<string, SimulatedEar>();
  readonly #waiting: (() => void)[] = [];
  /** The numbers of the connections that are there. */
  readonly #connections = new Set<number>();
  #lastConnection = 0;
  isPaused = false;
  /** Whether the next announcement is lost on its way. */
  losesNext = false;
  /** Appends under an epoch below one that had begun. */
  staleAppends = 0;

  constructor(stage: Stage) {
    this.stage = stage;
  }

  /** Everything is forgotten, as by a restart without persistence. */
  flush(): void {
    this.values = new Map();
    this.streams = new Map();
    this.sets = new Map();
  }

  resume(): void {
    this.isPaused = false;
    for (const run of this.#waiting.splice(0)) run();
  }

  /** Does it now, or when it goes on. */
  whenRunning<T>(work: () => T): T | Promise<T> {
    return this.isPaused ? new Promise((resolve, reject) => this.#waiting.push(() => { try { resolve(work()); } catch (error) { reject(error as Error); } })) : work();
  }

  connect(): number {
    this.#connections.add((this.#lastConnection += 1));
    return this.#lastConnection;
  }

  disconnect(id: number): void {
    this.#connections.delete(id);
  }

  listen(channel: string, ear: SimulatedEar): void {
    this.#listeners.set(channel, ear);
  }

  deafen(channel: string, ear: SimulatedEar): void {
    if (this.#listeners.get(channel) === ear) this.#listeners.delete(channel);
  }

  publish(channel: string, text: string): number {
    const ear = this.#listeners.get(channel);
    if (ear === undefined) return 0;
    const isLost = this.losesNext && text.startsWith('log');
    if (isLost) this.losesNext = false;
    else ear.say(text);
    return 1;
  }

  value(key: string): string | null {
    const found = this.values.get(key);
    if (found === undefined || found.until <= this.stage.time.now) return null;
    return found.value;
  }

  set(key: string, value: string, forMs = Number.POSITIVE_INFINITY): void {
    this.values.set(key, { value, until: this.stage.time.now + forMs });
  }

  command(name: string, given: readonly (string | number)[]): unknown {
    const [key = '', value = '', ...options] = given.map(String);
    switch (name) {
      case 'GET':
        return this.value(key);
      case 'MGET':
        return given.map((one) => this.value(String(one)));
      case 'DEL':
        return this.values.delete(key) ? 1 : 0;
      case 'SET': {
        const before = this.value(key);
        const forMs = options[0] === 'PX' ? Number(options[1]) : options[0] === 'EX' ? Number(options[1]) * 1_000 : undefined;
        this.set(key, value, forMs);
        return options.includes('GET') ? before : 'OK';
      }
      case 'GETDEL': {
        const before = this.value(key);
        this.values.delete(key);
        return before;
      }
      case 'ZREM':
        return this.sets.get(key)?.delete(value) === true ? 1 : 0;
      case 'PUBLISH':
        return this.publish(key, value);
      case 'PUBSUB':
        return key === 'CHANNELS' ? [...this.#listeners.keys()] : [value, this.#listeners.has(value) ? 1 : 0];
      case 'CLIENT': // LIST ID number
        return this.#connections.has(Number(options[0])) ? `id=${options[0]}` : '';
      default:
        throw new Error(`the simulated Redis does not know ${name}`);
    }
  }
}

/** What the product has for a connection, over a way that can break. */
export class SimulatedConnection implements Pick<Connection, keyof Connection> {
  readonly isCluster = false;
  readonly #redis: SimulatedRedis;
  readonly #way: Way;
  readonly #listeners: (() => void)[] = [];
  #readySince: number;
  #isReady = true;
  #id: number;

  constructor(redis: SimulatedRedis, way: Way) {
    this.#redis = redis;
    this.#id = redis.connect();
    this.#way = way;
    this.#readySince = redis.stage.time.now;
    way.onCut = () => {
      this.#isReady = false;
      redis.disconnect(this.#id);
    };
    way.onMended = () => {
      this.#isReady = true;
      this.#id = redis.connect();
      this.#readySince = redis.stage.time.now;
      for (const listener of this.#listeners) listener();
    };
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  get readyForMs(): number {
    return this.#isReady ? this.#redis.stage.time.now - this.#readySince : Number.NEGATIVE_INFINITY;
  }

  onReady(listener: () => void): void {
    this.#listeners.push(listener);
  }

  nodes(): readonly { host: string; port: number }[] {
    return [{ host: 'redis', port: 6379 }];
  }

  send(command: string, ...given: readonly (string | number)[]): Promise<unknown> {
    return this.#ask(() => (command === 'CLIENT' && given[0] === 'ID' ? this.#id : this.#redis.command(command, given)));
  }

  run(script: Script, keys: readonly string[], given: readonly (string | number)[]): Promise<unknown> {
    return this.#ask(() => runScript(this.#redis, script, keys, given.map(String)));
  }

  together<T>(all: readonly T[]): readonly (readonly T[])[] {
    return all.length === 0 ? [] : [all];
  }

  close(): Promise<void> {
    this.#isReady = false;
    this.#redis.disconnect(this.#id);
    return Promise.resolve();
  }

  async #ask(work: () => unknown): Promise<unknown> {
    try {
      if (!this.#isReady) throw new Error('the connection is not there');
      return await this.#way.ask(() => this.#redis.whenRunning(work), ANSWER_WITHIN_MS);
    } catch (error) {
      throw new Failure('bus-unavailable', { cause: error });
    }
  }
}

/** What the product has for an ear. */
export class SimulatedEar implements Pick<Ear, keyof Ear> {
  readonly #redis: SimulatedRedis;
  readonly #way: Way;
  readonly #parts: Pick<EarParts, 'channel' | 'onMessage' | 'onBack' | 'onLost'>;
  #isOpen = false;

  constructor(redis: SimulatedRedis, way: Way, parts: Pick<EarParts, 'channel' | 'onMessage' | 'onBack' | 'onLost'>) {
    this.#redis = redis;
    this.#way = way;
    this.#parts = parts;
    way.onCut = () => this.#lost();
    way.onMended = () => void this.open().then(() => parts.onBack(), () => way.drop());
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  async open(): Promise<void> {
    await this.#way.ask(() => this.#redis.whenRunning(() => this.#redis.listen(this.#parts.channel, this)), ANSWER_WITHIN_MS);
    this.#isOpen = true;
  }

  say(text: string): void {
    this.#way.tell(() => this.#isOpen && this.#parts.onMessage(text));
  }

  check(): void {
    if (this.#isOpen) this.#way.ask(() => this.#redis.whenRunning(() => undefined), ANSWER_WITHIN_MS).catch(() => this.#isOpen && this.#way.drop());
  }

  close(): void {
    this.#isOpen = false;
    this.#redis.deafen(this.#parts.channel, this);
  }

  #lost(): void {
    const wasOpen = this.#isOpen;
    this.close();
    if (wasOpen) this.#parts.onLost();
    if (!this.#way.isCut) this.#redis.stage.time.later(25, () => this.#way.isCut || this.#way.onMended(), this.#way.host);
  }
}
