import type { Server, Socket } from 'socket.io';
import type { ConversationId, SessionId, SiteId, UserId } from '../../contracts/ids.ts';
import { comparePositions, type Position } from '../../contracts/position.ts';
import type { Alias, FromTab, Opened, PlacedEvent, ToTab } from '../../contracts/socket.ts';
import type { Visitor } from '../accounts/visits.ts';
import type { Bus, LogEntry } from '../bus/bus.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { OpenConversation } from '../conversations/live.ts';
import { openRoomOf } from './tab-rooms.ts';

export interface TabData {
  user: string;
  /** `null` of a visitor. */
  session: string | null;
  /** Of a visitor: until when, and of which site. */
  visitor?: Visitor;
  /** Looks at the inbox, or is about to. */
  looksAtInbox?: boolean;
  tab: string;
  isHidden: boolean;
}
/** What instances tell each other about sockets. */
export interface BetweenInstances {
  /** These sign-ins have ended. */
  ended(sessions: readonly SessionId[]): void;
  /** This site is not what it was. */
  changed(site: SiteId): void;
  /** The rights of this person have changed. */
  judged(user: UserId): void;
}
export type TabSocket = Socket<FromTab, ToTab, BetweenInstances, TabData>;
export type Io = Server<FromTab, ToTab, BetweenInstances, TabData>;

/** Packets, and bytes, that may wait in one socket before its deltas stop; it is given the whole view when it has drained. With the frame that goes beyond it, no more than 256 KiB wait. */
const SLOW_AT = 64;
const SLOW_BYTES = 192 * 1024;
/** How long a socket may take nothing at all before it is closed. */
const STALLED_MS = 30_000;
/** How long a reply may say nothing before it is asked whether its owner lives. */
export const QUIET_MS = 2_000;
/** Conversations that one tab may follow at a time. */
const MOST_OPEN = 50;

/** How a tab follows: `live` hears everything; `hidden` and `slow` are given the view when they come back; `joining` keeps what it hears until its answer is out. */
type Following = 'live' | 'hidden' | 'slow' | 'joining';

/** What a tab hears before its answer is out. */
interface Heard {
  readonly events: PlacedEvent[];
  isBrokenOff: boolean;
}

interface Watch {
  readonly alias: Alias;
  readonly tabs: Map<TabSocket, Following>;
  readonly heard: Map<TabSocket, Heard>;
  conversation: OpenConversation;
  stop: () => void;
  /** A reply is under way, as far as is known here, and when something was heard last. */
  grows: boolean;
  heardAt: number;
}

export interface DeliveryParts {
  readonly io: Io;
  readonly bus: Bus;
  readonly metrics: Metrics;
  /** Another number of tabs has it open here. */
  onTabs(conversation: OpenConversation, count: number): void;
  /** This instance owns it. */
  isOwn(conversation: OpenConversation): boolean;
  /** A reply has ended under the eyes of somebody here. */
  onSeen(conversation: OpenConversation): void;
  /** Told of what so many tabs here are about to be sent; what it gives is ended when that was done. */
  readonly sending?: ((entry: LogEntry, tabs: number) => { end(): void } | undefined) | undefined;
}

/** Carries the events of conversations to the tabs that have them open, each tab in order and without a gap. One frame is built for all tabs of a conversation. */
export class Delivery {
  readonly #parts: DeliveryParts;
  readonly #watches = new Map<ConversationId, Watch>();
  #nextAlias = 1;

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
  }

  isWatched(conversation: ConversationId): boolean {
    return this.#watches.has(conversation);
  }

  /** Whether somebody looks at it right now: a tab that has it open and is not hidden. */
  isSeen(conversation: ConversationId): boolean {
    return [...(this.#watches.get(conversation)?.tabs.keys() ?? [])].some((tab) => !tab.data.isHidden);
  }

  /** Places in which a tab is waited for until it has drained. */
  get slow(): number {
    return [...this.#watches.values()].reduce((sum, { tabs }) => sum + [...tabs.values()].filter((following) => following === 'slow').length, 0);
  }

  /** What a tab has open. */
  openIn(tab: TabSocket): OpenConversation[] {
    return [...this.#watches.values()].filter((watch) => watch.tabs.has(tab)).map((watch) => watch.conversation);
  }

  /** Whether a tab may open this one: it takes what it is sent, and does not follow too many. One that it follows already it may open again, as every tab does when it is told to. */
  hasRoom(tab: TabSocket, conversation: ConversationId): boolean {
    return !isSlow(tab) && (this.#watches.get(conversation)?.tabs.has(tab) === true || this.openIn(tab).length < MOST_OPEN);
  }

  /**
   * Lets a tab follow from the position it has: the missing events when the log reaches back, else the whole view. `answer` is called before anything that follows it is sent.
   * False when nothing was answered because the conversation has to be opened again.
   */
  async open(tab: TabSocket, conversation: OpenConversation, position: Position, answer: (opened: Opened) => void): Promise<boolean> {
    const watch = this.#watch(conversation);
    const heard = this.#join(tab, watch);
    try {
      const missed = await this.#parts.bus.since(conversation.id, position);
      const view = missed === 'gone' ? await conversation.read() : undefined;
      if (watch.heard.get(tab) !== heard) return (answer({ ok: false, refusal: { code: 'moved-on' } }), true); // it left, or opened again, meanwhile
      if (heard.isBrokenOff || conversation.isOver) return false;
      const { alias } = watch;
      watch.grows ||= view === undefined || view.turn !== null;
      if (view !== undefined) answer({ ok: true, alias, view });
      else answer({ ok: true, alias, events: [...(missed as readonly PlacedEvent[]), ...after((missed as readonly PlacedEvent[]).at(-1) ?? [position.epoch, position.seq], heard.events)] });
      this.#follow(tab, watch, view === undefined ? [] : after([view.position.epoch, view.position.seq], heard.events));
    } catch (error) {
      if (watch.heard.get(tab) === heard) this.leave(tab, conversation.id);
      throw error;
    }
    this.#tellTabs(watch);
    return true;
  }

  leave(tab: TabSocket, conversation: ConversationId): void {
    const watch = this.#watches.get(conversation);
    if (watch === undefined || !watch.tabs.delete(tab)) return;
    watch.heard.delete(tab);
    this.#leaveRoom(tab, conversation);
    void tab.leave(openRoomOf(conversation));
    this.#tellTabs(watch);
    if (watch.tabs.size > 0) return;
    watch.stop();
    this.#watches.delete(conversation);
  }

  gone(tab: TabSocket): void {
    for (const conversation of this.#watches.keys()) this.leave(tab, conversation);
  }

  /**
   * Of replies that have gone quiet: where nobody lives who owns the conversation, its tabs ask again, and whoever answers takes it over. An owner that died between the record of an
   * outcome and its announcement has left nothing open in the store that others would look for.
   */
  async lookAfterQuiet(): Promise<void> {
    const quiet = [...this.#watches].filter(([, { grows, heardAt, conversation }]) => grows && performance.now() - heardAt > QUIET_MS && !this.#parts.isOwn(conversation));
    if (quiet.length === 0) return;
    const owners = await this.#parts.bus.owners(quiet.map(([id]) => id));
    for (const [index, [id, watch]] of quiet.entries()) {
      if (owners[index] !== undefined || this.#watches.get(id) !== watch || this.#parts.isOwn(watch.conversation)) continue;
      watch.grows = false;
      this.#hear(watch, 'restarted');
    }
  }

  /** A hidden tab hears nothing; shown again, it is given everything as it is. */
  setHidden(tab: TabSocket, isHidden: boolean): void {
    if (tab.data.isHidden === isHidden) return;
    tab.data.isHidden = isHidden;
    for (const watch of this.#watches.values()) {
      const following = watch.tabs.get(tab);
      if (isHidden && following === 'live') this.#setAside(tab, watch, 'hidden');
      else if (!isHidden && following === 'hidden') this.#comeBack(tab, watch);
    }
  }

  #watch(conversation: OpenConversation): Watch {
    const known = this.#watches.get(conversation.id);
    if (known !== undefined) {
      known.conversation = conversation;
      return known;
    }
    const watch: Watch = { alias: this.#nextAlias++, tabs: new Map(), heard: new Map(), conversation, stop: () => undefined, grows: false, heardAt: performance.now() };
    watch.stop = this.#parts.bus.subscribe(conversation.id, (heard) => this.#hear(watch, heard));
    this.#watches.set(conversation.id, watch);
    return watch;
  }

  #hear(watch: Watch, heard: LogEntry | 'restarted'): void {
    if (heard === 'restarted') {
      for (const kept of watch.heard.values()) kept.isBrokenOff = true;
      for (const tab of watch.tabs.keys()) tab.emit('resume', watch.alias);
      return;
    }
    for (const [tab, following] of watch.tabs) {
      if (following === 'joining') watch.heard.get(tab)?.events.push(...heard.events);
      else if (following === 'live' && isSlow(tab)) this.#setAside(tab, watch, 'slow');
    }
    watch.heardAt = performance.now();
    watch.grows = heard.events.findLast(([, , { type }]) => type === 'turn-start' || type === 'turn-end')?.[2].type !== 'turn-end';
    const { id } = watch.conversation;
    const room = this.#parts.io.local.to(roomOf(id));
    const sending = this.#parts.sending?.(heard, liveIn(watch));
    for (const placed of heard.events) emitEvent(room, watch.alias, placed);
    sending?.end();
    if (heard.events.some(([, , event]) => event.type === 'turn-end') && this.isSeen(id)) this.#parts.onSeen(watch.conversation);
  }

  /** From now on nothing reaches the tab directly. */
  #join(tab: TabSocket, watch: Watch): Heard {
    this.#leaveRoom(tab, watch.conversation.id);
    const heard: Heard = { events: [], isBrokenOff: false };
    watch.tabs.set(tab, 'joining');
    watch.heard.set(tab, heard);
    void tab.join(openRoomOf(watch.conversation.id));
    return heard;
  }

  /** From now on everything does; first what it has heard and does not know. */
  #follow(tab: TabSocket, watch: Watch, rest: readonly PlacedEvent[]): void {
    watch.heard.delete(tab);
    if (tab.data.isHidden) return void watch.tabs.set(tab, 'hidden');
    for (const placed of rest) emitEvent(tab, watch.alias, placed);
    watch.tabs.set(tab, 'live');
    void tab.join(roomOf(watch.conversation.id));
  }

  #setAside(tab: TabSocket, watch: Watch, why: 'hidden' | 'slow'): void {
    watch.tabs.set(tab, why);
    this.#leaveRoom(tab, watch.conversation.id);
    if (why !== 'slow') return;
    this.#parts.metrics.tabSlowed();
    this.#onceDrained(tab, watch);
  }

  #onceDrained(tab: TabSocket, watch: Watch): void {
    // A reader that takes nothing at all for so long is gone without saying so; it comes back with its position.
    const cut = setTimeout(() => tab.conn.close(), STALLED_MS).unref();
    tab.conn.once('drain', () => {
      clearTimeout(cut);
      if (watch.tabs.get(tab) !== 'slow') return;
      if (tab.data.isHidden) watch.tabs.set(tab, 'hidden');
      else this.#comeBack(tab, watch);
    });
  }

  /** Gives a tab everything as it is now, but never on top of what it has not taken yet. */
  #comeBack(tab: TabSocket, watch: Watch): void {
    const { conversation } = watch;
    if (this.#watches.get(conversation.id) !== watch) return;
    if (isSlow(tab)) return this.#setAside(tab, watch, 'slow');
    const heard = this.#join(tab, watch);
    conversation.read().then(
      (view) => {
        if (watch.heard.get(tab) !== heard) return;
        tab.emit('view', watch.alias, view);
        this.#follow(tab, watch, after([view.position.epoch, view.position.seq], heard.events));
      },
      () => void (watch.heard.get(tab) === heard && tab.emit('resume', watch.alias)), // its owner is away: the tab asks again, and whoever owns it then answers
    );
  }

  #leaveRoom(tab: TabSocket, conversation: ConversationId): void {
    void tab.leave(roomOf(conversation));
  }

  #tellTabs(watch: Watch): void {
    this.#parts.onTabs(watch.conversation, watch.tabs.size);
  }
}

function liveIn({ tabs }: Watch): number {
  return [...tabs.values()].filter((following) => following === 'live').length;
}

/** Those behind a place, in order. */
function after([epoch, seq]: readonly [number, number, ...unknown[]], events: readonly PlacedEvent[]): PlacedEvent[] {
  return events.filter((placed) => comparePositions({ epoch: placed[0], seq: placed[1] }, { epoch, seq }) > 0);
}

interface Packet {
  readonly data?: string | Buffer;
  readonly options?: { readonly wsPreEncodedFrame?: readonly Buffer[] };
}

/**
 * Whether more waits in a socket than it may hold. Engine.IO keeps what waits to itself; nothing public tells a slow tab from a quick one (`bufferedAmount` stays near zero).
 */
function isSlow(tab: TabSocket): boolean {
  const { writeBuffer } = tab.conn as unknown as { writeBuffer: readonly Packet[] };
  if (writeBuffer.length > SLOW_AT) return true;
  let bytes = 0;
  for (const { data, options } of writeBuffer) bytes += data?.length ?? options?.wsPreEncodedFrame?.reduce((sum, part) => sum + part.length, 0) ?? 0;
  return bytes > SLOW_BYTES;
}

function roomOf(conversation: ConversationId): string {
  return `c:${conversation}`;
}

function emitEvent(room: Pick<TabSocket, 'emit'> | ReturnType<Io['local']['to']>, alias: Alias, [epoch, seq, event]: PlacedEvent): void {
  if (event.type === 'text-delta') room.emit('t', alias, seq, event.text);
  else if (event.type === 'reasoning-delta') room.emit('r', alias, seq, event.text);
  else room.emit('e', alias, epoch, seq, event);
}
