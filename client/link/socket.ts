import { io } from 'socket.io-client';
import type { Socket } from 'socket.io-client';
import type { Answer, Command } from '../../contracts/commands.ts';
import type { Refusal } from '../../contracts/failures.ts';
import type { ConversationId } from '../../contracts/ids.ts';
import type { Position } from '../../contracts/position.ts';
import type { FromTab, Handshake, Hello, Opened, ToTab } from '../../contracts/socket.ts';

export type TabSocket = Socket<ToTab, FromTab>;

/** The number of `contracts/socket.ts`, whose file is types to a page: the compiler holds the two equal. */
export const PROTOCOL_VERSION = 1 satisfies typeof import('../../contracts/socket.ts').PROTOCOL_VERSION;

/** Milliseconds after which an unanswered question is asked again: the server remembers commands, so asking twice does nothing twice. */
const ANSWER_WITHIN_MS = 15_000;
const SLOWEST_RETRY_MS = 2_000;
/** Milliseconds after which an attempt to connect that nobody answers is given up. */
const CONNECT_WITHIN_MS = 8_000;

/** `live`: greeted as this account, so the outbox may be sent. `crowded`: there are as many connections as the server lets this visitor or address have. `ended`: this sign-in is over. `outdated`: the page is older than the server. */
export type LinkState = 'connecting' | 'live' | 'lost' | 'crowded' | 'ended' | 'outdated';

/** What a listener may want to hear. `moved` tells of a new state of the link, `greeted` comes once per connection. */
export type LinkListener = Partial<Omit<ToTab, 'hello' | 'session-ended'>> & { moved?(state: LinkState): void; greeted?(hello: Hello): void };

export interface LinkParts {
  readonly socket: TabSocket;
  readonly random: () => number;
  /** Runs once after so many milliseconds; the result takes it back. */
  readonly later: (ms: number, run: () => void) => () => void;
}

/** A socket of the page's own origin, or of another server, that connects when told to and never by itself. */
export function openSocket(handshake: Handshake, server = location.origin): TabSocket {
  return io(server, { transports: ['websocket'], autoConnect: false, reconnection: false, forceNew: true, timeout: CONNECT_WITHIN_MS, auth: (give) => give({ ...handshake }) });
}

/** Milliseconds before the next attempt: 50 to 100 at first, then anything up to a limit that doubles to 2 s, so that a room full of tabs does not come back at once. */
export function retryAfterMs(attempt: number, random: () => number): number {
  return 50 + random() * Math.min(SLOWEST_RETRY_MS - 50, 50 * 2 ** attempt);
}

/**
 * One tab's connection. It keeps trying until the sign-in has ended or the page is too old, and says who it is greeted
 * as. It knows nothing of what is sent over it, and forgets every question when the connection breaks: the questions
 * reject, and whoever asked asks again after the next greeting.
 */
export class Link {
  state: LinkState = 'connecting';
  readonly #handshake: Handshake;
  readonly #parts: LinkParts;
  readonly #listeners = new Set<LinkListener>();
  #attempt = 0;
  #cancelRetry: (() => void) | undefined;
  #isClosed = false;

  constructor(handshake: Handshake, parts: LinkParts) {
    this.#handshake = handshake;
    this.#parts = parts;
    this.#listen(parts.socket);
  }

  connect(): void {
    this.#parts.socket.connect();
  }

  /** The next token of a visitor: for this connection, and for the next ones. */
  renew(token: string): void {
    this.#handshake.token = token;
    if (this.state === 'live') this.#parts.socket.emit('renew', token, () => undefined); // a server that does not take it ends the connection
  }

  /** Begins anew after the sign-in had ended and the same account signed in again. */
  restart(): void {
    this.#attempt = 0;
    this.#move('connecting');
    this.connect();
  }

  /** Tries at once instead of at the end of the wait: the tab is looked at again. On a new network an attempt that is under way is given up too, for it may hang on the old one. */
  retryNow(isNewNetwork = false): void {
    if (this.state === 'crowded' && !isNewNetwork) return; // looking at it makes no room
    if (this.#cancelRetry === undefined && !(isNewNetwork && this.state === 'lost')) return;
    if (isNewNetwork) this.#parts.socket.disconnect();
    this.#attempt = 0;
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    this.connect();
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelRetry?.();
    this.#listeners.clear();
    this.#parts.socket.disconnect();
  }

  /** @returns what ends the listening. */
  listen(listener: LinkListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Rejects when it is not known what became of the command. */
  command(command: Command): Promise<Answer> {
    return this.#ask((socket, answer) => socket.emit('command', command, answer));
  }

  open(conversation: ConversationId, position: Position): Promise<Opened> {
    return this.#ask((socket, answer) => socket.emit('open', { conversation, position }, answer));
  }

  leave(conversation: ConversationId): void {
    if (this.state === 'live') this.#parts.socket.emit('leave', { conversation });
  }

  typing(conversation: ConversationId | 'new', text: string): void {
    if (this.state === 'live') this.#parts.socket.emit('typing', { conversation, text });
  }

  writing(conversation: ConversationId): void {
    if (this.state === 'live') this.#parts.socket.emit('writing', { conversation });
  }

  /** Resolves whether this tab is told of what comes into the inbox from now on. */
  inbox(isOpen: boolean): Promise<boolean> {
    return this.#ask((socket, answer) => socket.emit('inbox', isOpen, answer));
  }

  hidden(isHidden: boolean): void {
    if (this.state === 'live') this.#parts.socket.emit('hidden', isHidden);
  }

  #ask<A>(emit: (socket: ReturnType<TabSocket['timeout']>, answer: (error: Error | null, answer: A) => void) => void): Promise<A> {
    return new Promise((resolve, reject) => {
      if (this.state !== 'live') return reject(new Error('not connected'));
      emit(this.#parts.socket.timeout(ANSWER_WITHIN_MS), (error, answer) => (error === null || error === undefined ? resolve(answer) : reject(error)));
    });
  }

  #listen(socket: TabSocket): void {
    const tell = <E extends keyof ToTab & keyof LinkListener>(name: E) =>
      (...said: Parameters<ToTab[E]>): void => {
        for (const listener of this.#listeners) (listener[name] as ((...said: Parameters<ToTab[E]>) => void) | undefined)?.call(listener, ...said);
      };
    socket.on('t', tell('t'));
    socket.on('r', tell('r'));
    socket.on('e', tell('e'));
    socket.on('view', tell('view'));
    socket.on('resume', tell('resume'));
    socket.on('notice', tell('notice'));
    socket.on('hello', (hello) => this.#greet(hello));
    socket.on('session-ended', () => this.#stop('ended'));
    socket.on('connect_error', (error) => this.#fail(error));
    socket.on('disconnect', () => this.#retry());
  }

  #greet(hello: Hello): void {
    if (hello.version !== this.#handshake.version) return this.#stop('outdated');
    if (hello.user !== this.#handshake.user) return this.#stop('ended');
    this.#attempt = 0;
    this.#move('live');
    for (const listener of this.#listeners) listener.greeted?.(hello);
  }

  #fail(error: Error & { data?: unknown }): void {
    const { code = error.message, retryAfterMs: waitMs = 0 } = (error.data ?? {}) as Partial<Refusal>;
    if (code === 'session-ended') return this.#stop('ended');
    if (code === 'client-outdated') return this.#stop('outdated');
    if (code === 'rate-limited') return this.#retry('crowded', Math.max(SLOWEST_RETRY_MS, waitMs) * (1 + this.#parts.random())); // not all of them at once
    this.#retry();
  }

  #retry(state: LinkState = 'lost', ms = retryAfterMs(this.#attempt++, this.#parts.random)): void {
    if (this.#isClosed || this.state === 'ended' || this.state === 'outdated') return;
    this.#move(state);
    this.#cancelRetry?.();
    this.#cancelRetry = this.#parts.later(ms, () => {
      this.#cancelRetry = undefined;
      this.connect();
    });
  }

  #stop(state: 'ended' | 'outdated'): void {
    this.#move(state);
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    this.#parts.socket.disconnect();
  }

  #move(state: LinkState): void {
    if (this.state === state) return;
    this.state = state;
    for (const listener of this.#listeners) listener.moved?.(state);
  }
}
