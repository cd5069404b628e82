import type { Host } from './time.ts';
import { Wire, type Stage } from './wire.ts';

type Listener = (...given: unknown[]) => void;

/** What a tab hears of its connection. */
export interface Heard {
  said(event: string, ...given: readonly unknown[]): void;
  gone(): void;
}

/** A socket as the gateway has it, and the two directions of its connection. */
export class SimulatedSocket {
  readonly data = {};
  readonly rooms = new Set<string>();
  readonly handshake;
  readonly request = { headers: {}, socket: { remoteAddress: '127.0.0.1' } };
  readonly conn: { writeBuffer: unknown[]; once: () => void; close: () => void };
  connected = true;
  readonly #listeners = new Map<string, Listener[]>();
  readonly #down: Wire;
  readonly #up: Wire;
  readonly #heard: Heard;
  readonly #stage: Stage;

  constructor(stage: Stage, host: Host, auth: object, heard: Heard) {
    this.#stage = stage;
    this.#down = new Wire(stage);
    this.#up = new Wire(stage, host);
    this.#heard = heard;
    this.handshake = { auth, headers: { cookie: 'gorunchat_session=token' } };
    this.conn = { writeBuffer: [], once: () => undefined, close: () => this.drop() };
  }

  on(event: string, listener: Listener): this {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
    return this;
  }

  once(event: string, listener: Listener): this {
    return this.on(event, listener);
  }

  join(rooms: string | readonly string[]): void {
    for (const room of [rooms].flat()) this.rooms.add(room);
  }

  leave(room: string): void {
    this.rooms.delete(room);
  }

  /** To the tab. */
  emit(event: string, ...given: readonly unknown[]): void {
    const copy = structuredClone(given);
    this.#down.send(() => this.connected && this.#heard.said(event, ...copy));
  }

  /** From the tab. */
  ask(event: string, asked: unknown, answered: (answer: unknown) => void): void {
    const copy = structuredClone(asked);
    const answer = (given: unknown): void => {
      const said = structuredClone(given);
      this.#down.send(() => this.connected && answered(said));
    };
    this.#up.send(() => {
      for (const listener of this.#listeners.get(event) ?? []) listener(copy, answer);
    });
  }

  /** The connection breaks: each side hears of it in its own time. What the tab has said may still arrive. */
  drop(): void {
    if (!this.connected) return;
    this.connected = false;
    this.#down.break();
    this.#up.send(() => {
      for (const listener of this.#listeners.get('disconnect') ?? []) listener();
    });
    this.#up.break();
    this.#stage.time.later(1, () => this.#heard.gone());
  }
}

/** The Socket.IO server of one instance, as far as the gateway needs one. */
export class SimulatedGateway {
  readonly #stage: Stage;
  readonly #host: Host;
  readonly #sockets = new Set<SimulatedSocket>();
  #greet: (socket: SimulatedSocket, next: (error?: Error) => void) => void = (_, next) => next();
  #connected: (socket: SimulatedSocket) => void = () => undefined;

  constructor(stage: Stage, host: Host) {
    this.#stage = stage;
    this.#host = host;
  }

  readonly io = {
    use: (greet: (socket: SimulatedSocket, next: (error?: Error) => void) => void) => void (this.#greet = greet),
    on: (_event: 'connection', connected: (socket: SimulatedSocket) => void) => void (this.#connected = connected),
    local: {
      to: (room: string) => ({
        emit: (event: string, ...given: readonly unknown[]): void => {
          for (const socket of this.#sockets) if (socket.rooms.has(room)) socket.emit(event, ...given);
        },
      }),
    },
  };

  /** A tab connects. */
  connect(auth: object, heard: Heard): SimulatedSocket {
    const socket = new SimulatedSocket(this.#stage, this.#host, auth, heard);
    socket.on('disconnect', () => this.#sockets.delete(socket));
    this.#sockets.add(socket);
    this.#stage.time.later(1, () => this.#greet(socket, (error) => (error === undefined ? this.#connected(socket) : socket.drop())), this.#host);
    return socket;
  }

  /** Its process is gone. */
  close(): void {
    for (const socket of this.#sockets) socket.drop();
  }
}
