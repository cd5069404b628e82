import { io } from 'socket.io-client';
import { Follow } from '../../client/link/resume.ts';
import { Link, type TabSocket } from '../../client/link/socket.ts';
import type { Answer } from '../../contracts/commands.ts';
import type { CommandId, ConversationId, MessageId, TabId } from '../../contracts/ids.ts';
import { PROTOCOL_VERSION } from '../../contracts/socket.ts';
import { textOf } from '../../contracts/view.ts';
import { newId } from '../../server/ids.ts';
import type { Account } from '../support/tab.ts';
import { nowMs } from './processor.ts';
import { FAKE } from './product-tab.ts';

/** As the page does it: what is only passing is asked again after so long. */
const AGAIN_AFTER_MS = 1_000;

/** A tab with the page's own link: it connects, comes back and follows as the page does, with its waits. */
export class PageTab {
  readonly link: Link;
  readonly follow: Follow;
  /** When it was first cut off, when it was greeted and when it followed again after that, and when its turn was over. */
  lostAt: number | undefined;
  greetedAt: number | undefined;
  liveAt: number | undefined;
  concludedAt: number | undefined;
  /** Text that was shown and then was not. */
  wrong = 0;
  #shown = '';
  #reply: string | undefined;
  readonly #changed: () => void;
  #again: NodeJS.Timeout | undefined;

  constructor(account: Account, conversation: ConversationId, changed: () => void) {
    this.#changed = changed;
    const handshake = { version: PROTOCOL_VERSION, tab: newId<TabId>(), user: account.person.id };
    // What the page opens its socket with, and what a browser adds.
    const socket: TabSocket = io(account.url, { transports: ['websocket'], autoConnect: false, reconnection: false, forceNew: true, timeout: 8_000, auth: { ...handshake }, extraHeaders: { cookie: account.cookie, origin: account.url } });
    this.link = new Link(handshake, { socket, random: Math.random, later: (ms, run) => laterOf(ms, run) });
    this.follow = new Follow(conversation, (id, position) => this.link.open(id, position), () => this.#moved());
    this.link.listen({
      t: (...said) => this.follow.text(...said),
      r: (...said) => this.follow.reasoning(...said),
      e: (...said) => this.follow.event(...said),
      view: (...said) => this.follow.whole(...said),
      resume: (...said) => this.follow.brokenOff(...said),
      greeted: () => this.#greeted(),
      moved: (state) => state === 'lost' && this.#lost(),
    });
    this.link.connect();
  }

  #hasBegun = false;
  /** To be called when the conversation exists. */
  begin(): void {
    this.#hasBegun = true;
    if (this.link.state === 'live') this.follow.connected();
  }

  send(text: string): Promise<Answer> {
    const parent = this.follow.view?.messages.at(-1)?.id ?? null;
    return this.link.command({ type: 'turn.send', commandId: newId<CommandId>(), conversation: this.follow.conversation, message: newId<MessageId>(), parent, text, files: [], model: FAKE, mode: 'queue' });
  }

  /** From now on it is taken when it is cut off and comes back. */
  watch(): void {
    this.lostAt = this.greetedAt = this.liveAt = this.concludedAt = undefined;
  }

  get isFollowing(): boolean {
    return this.follow.state === 'following';
  }

  get isRunning(): boolean {
    return this.follow.view === undefined || this.follow.view.turn !== null;
  }

  /** Characters of the latest reply. */
  get characters(): number {
    return this.#shown.length;
  }

  get text(): string {
    return this.#shown;
  }

  close(): void {
    clearTimeout(this.#again);
    this.link.close();
  }

  #greeted(): void {
    if (this.lostAt !== undefined) this.greetedAt ??= nowMs();
    if (this.#hasBegun) this.follow.connected();
  }

  #lost(): void {
    this.lostAt ??= nowMs();
    this.follow.disconnected();
  }

  #moved(): void {
    const { view, state } = this.follow;
    if (state === 'refused') this.#askAgain();
    const reply = view?.turn?.reply ?? view?.messages.findLast((message) => message.author === 'model');
    if (reply !== undefined) this.#show(reply.id, textOf(reply));
    if (this.lostAt !== undefined && state === 'following') {
      this.liveAt ??= nowMs();
      if (view?.turn === null) this.concludedAt ??= nowMs();
    }
    this.#changed();
  }

  #show(id: string, text: string): void {
    if (id === this.#reply && !text.startsWith(this.#shown)) this.wrong += 1;
    this.#reply = id;
    this.#shown = text;
  }

  #askAgain(): void {
    clearTimeout(this.#again);
    this.#again = setTimeout(() => this.follow.state === 'refused' && this.follow.again(), this.follow.refusal?.retryAfterMs ?? AGAIN_AFTER_MS);
  }
}

function laterOf(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}
