import { Failure } from '../../contracts/failures.ts';
import type { ConversationId } from '../../contracts/ids.ts';
import type { Position } from '../../contracts/position.ts';
import type { PlacedEvent } from '../../contracts/socket.ts';
import type { Bus, InstanceId, Listener, LogEntry, Serving, Verdict } from './bus.ts';
import { addressOf } from './redis/address.ts';
import { Beat } from './redis/beat.ts';
import { Claims } from './redis/claims.ts';
import { Connection } from './redis/connection.ts';
import { Ear } from './redis/ear.ts';
import { Hearings } from './redis/hearings.ts';
import { channelOf } from './redis/keys.ts';
import { Liveness } from './redis/liveness.ts';
import { Log } from './redis/log.ts';
import { Questions } from './redis/questions.ts';
import { Sealings, type Sealing } from './redis/sealing.ts';

export type { Sealing } from './redis/sealing.ts';

export interface RedisOptions {
  /** `redis://…` or `rediss://…`; several of them, separated by commas, are nodes of one Redis Cluster. */
  readonly url: string;
  /** Never used before. */
  readonly instance: InstanceId;
  /** What is said in a conversation is kept and sent under its own key. Rejects while the key cannot be read. */
  keyed(conversation: ConversationId): Promise<Sealing>;
  /** For what instances ask each other. */
  readonly between: Sealing;
  /** How long an instance that says nothing counts as living. */
  readonly leaseMs?: number;
  readonly beatMs?: number;
  /** What logs hold of epochs up to this one is of before a restore: nobody goes on from it. Nothing, where nothing was restored. */
  readonly epochsAfter?: number;
  report(sentence: string, error?: unknown): void;
}

/** The bus of several instances. Redis keeps the order and what happened lately; it never sees content. Rejects with a sentence when Redis cannot be used. */
export async function redisBus(options: RedisOptions): Promise<Bus> {
  const address = addressOf(options.url);
  const connection = await Connection.open(address);
  const bus = new RedisBus(options, connection, (heard) => new Ear({ ...heard, address, channel: channelOf(options.instance), nodes: () => connection.nodes() }));
  try {
    await bus.begin();
  } catch (error) {
    await connection.close();
    throw new Error(`Redis at ${address.name} answers, but cannot be used as the bus: ${causeOf(error)}`, { cause: error });
  }
  return bus;
}

type Heard = Pick<ConstructorParameters<typeof Ear>[0], 'onMessage' | 'onBack' | 'onLost'>;

/** Over connections that are there: `redisBus` makes them, a simulation has its own. */
export class RedisBus implements Bus {
  readonly isShared = true;
  readonly #connection: Connection;
  readonly #ear: Ear;
  readonly #beat: Beat;
  readonly #sealings: Sealings;
  readonly #log: Log;
  readonly #claims: Claims;
  readonly #hearings: Hearings;
  readonly #questions: Questions;
  readonly #liveness: Liveness;
  #serving: Serving | undefined;

  constructor(options: RedisOptions, connection: Connection, ear: (heard: Heard) => Ear) {
    const { instance: me, report, leaseMs = 3_000, beatMs = 1_000, epochsAfter = 0 } = options;
    this.#connection = connection;
    this.#sealings = new Sealings((conversation) => options.keyed(conversation));
    const liveness = (this.#liveness = new Liveness(connection, leaseMs, () => this.#beat.isSteady));
    const sealings = this.#sealings;
    this.#log = new Log(connection, sealings, me, report);
    this.#claims = new Claims({ connection, log: this.#log, sealings, liveness, me, epochsAfter, settleMs: leaseMs });
    this.#hearings = new Hearings({ connection, log: this.#log, sealings, me, report });
    this.#questions = new Questions({ connection, liveness, between: options.between, me, report });
    const missed = (): void => void this.#hearings.renew().catch(() => undefined); // the next beat tries again
    this.#ear = ear({ onMessage: (text) => this.#heard(text), onBack: () => (missed(), void this.#beat.now()), onLost: () => void this.#beat.now() });
    this.#beat = new Beat({
      connection, me, leaseMs, beatMs,
      isListening: () => this.#ear.isOpen,
      onForgotten: () => this.#hearings.renew(),
      duties: [() => this.#claims.check((...lost) => this.#serving?.lost(...lost)), () => this.#claims.tellHeads(), () => this.#hearings.keep(), () => this.#questions.check(), () => this.#ear.check()],
    });
  }

  async begin(): Promise<void> {
    await this.#ear.open();
    await this.#beat.begin();
    await this.#claims.begin();
    this.#liveness.watch();
  }

  get isAway(): boolean {
    return !this.#connection.isReady || this.#beat.isLate;
  }

  async append(entries: readonly LogEntry[]): Promise<readonly Verdict[]> {
    this.#needRedis();
    if (entries.length === 0) return [];
    return this.#log.append(entries, (entry, verdict) => {
      this.#claims.settled(entry, verdict);
      if (verdict === 'written') this.#hearings.appended(entry);
    });
  }

  async since(conversation: ConversationId, position: Position): Promise<readonly PlacedEvent[] | 'gone'> {
    this.#needRedis();
    await this.#hearings.of(conversation)?.ready();
    const read = await this.#log.read(conversation, position);
    return 'gone' in read ? 'gone' : read.events;
  }

  subscribe(conversation: ConversationId, listener: Listener): () => void {
    return this.#hearings.subscribe(conversation, listener);
  }

  async claim(conversation: ConversationId, epoch: number): Promise<readonly PlacedEvent[] | 'stale'> {
    this.#needRedis();
    const held = await this.#claims.claim(conversation, epoch);
    if (held !== 'stale') this.#hearings.of(conversation)?.begun({ epoch, seq: 0 });
    return held;
  }

  async release(conversation: ConversationId, epoch: number): Promise<void> {
    this.#hearings.of(conversation)?.released();
    this.#needRedis();
    await this.#claims.release(conversation, epoch);
  }

  async owners(conversations: readonly ConversationId[]): Promise<readonly (InstanceId | undefined)[]> {
    this.#needRedis();
    return this.#claims.owners(conversations);
  }

  async ask(owner: InstanceId, question: unknown): Promise<unknown> {
    this.#needRedis();
    return this.#questions.ask(owner, question);
  }

  serve(serving: Serving): () => Promise<void> {
    this.#serving = serving;
    this.#questions.answer = (question) => serving.answer(question);
    let left: Promise<void> | undefined;
    return () => (left ??= this.#leave());
  }

  async #leave(): Promise<void> {
    this.#serving = undefined;
    this.#questions.answer = undefined;
    this.#questions.end();
    this.#liveness.end();
    await Promise.all([this.#claims.releaseAll(), this.#hearings.end()]);
    await this.#beat.end();
    this.#ear.close();
    await this.#connection.close();
  }

  #needRedis(): void {
    if (this.isAway) throw new Failure('bus-unavailable', { cause: new Error('Redis has not answered lately') });
  }

  #heard(text: string): void {
    const [kind, ...lines] = text.split('\n');
    const [first = ''] = lines;
    if (kind === 'log') {
      for (const line of lines) this.#stepDown(line);
      this.#hearings.announced(lines);
    } else if (kind === 'heads') this.#hearings.standing(lines);
    else if (kind === 'ask') void this.#questions.heardQuestion(first);
    else if (kind === 'answer') void this.#questions.heardAnswer(first);
  }

  /** Whoever owned what another instance has claimed hears of it before the next beat. */
  #stepDown(line: string): void {
    const [conversation, after, id] = line.split(' ') as [ConversationId, string, string];
    if (after === 'begun' && this.#claims.taken(conversation, Number(id.split('-')[0]))) this.#serving?.lost(conversation, 'taken');
  }
}

function causeOf(error: unknown): string {
  const cause = error instanceof Failure ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}
