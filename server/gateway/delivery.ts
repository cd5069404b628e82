import type { Server, Socket } from 'socket.io';
import type { ConversationEvent } from '../../contracts/events.ts';
import type { ConversationId } from '../../contracts/ids.ts';
import type { Position } from '../../contracts/position.ts';
import type { Alias, FromTab, Opened, PlacedEvent, ToTab } from '../../contracts/socket.ts';
import type { Bus, LogEntry } from '../bus/bus.ts';
import type { LiveConversation } from '../conversations/live.ts';

export interface TabData {
  user: string;
  session: string;
  tab: string;
  isHidden: boolean;
}
export type TabSocket = Socket<FromTab, ToTab, Record<string, never>, TabData>;
export type Io = Server<FromTab, ToTab, Record<string, never>, TabData>;

/** Packets that may wait in one socket before its deltas stop; it is given the whole view when it has drained. */
const SLOW_AT = 64;
/** How long a socket may take nothing at all before it is closed. */
const STALLED_MS = 30_000;

/** How a tab follows: `live` hears everything, `away` (slow or hidden) is given the view when it comes back, `joining` keeps what it hears until its answer is out. */
type Following = 'live' | 'away' | 'joining';

interface Watch {
  readonly alias: Alias;
  readonly tabs: Map<TabSocket, Following>;
  readonly heard: Map<TabSocket, PlacedEvent[]>;
  live: LiveConversation;
  stop: () => void;
}

/** Carries the events of conversations to the tabs that have them open, each tab in order and without a gap. One frame is built for all tabs of a conversation. */
export class Delivery {
  readonly #io: Io;
  readonly #bus: Bus;
  readonly #watches = new Map<ConversationId, Watch>();
  readonly #onTabs: (conversation: ConversationId, owner: string, count: number) => void;
  #nextAlias = 1;

  constructor(io: Io, bus: Bus, onTabs: (conversation: ConversationId, owner: string, count: number) => void) {
    this.#io = io;
    this.#bus = bus;
    this.#onTabs = onTabs;
  }

  isWatched(conversation: ConversationId): boolean {
    return this.#watches.has(conversation);
  }

  /** Whether somebody looks at it right now: a tab that has it open and is not hidden. */
  isSeen(conversation: ConversationId): boolean {
    return [...(this.#watches.get(conversation)?.tabs.keys() ?? [])].some((tab) => !tab.data.isHidden);
  }

  /** What a tab has open. */
  openIn(tab: TabSocket): LiveConversation[] {
    return [...this.#watches.values()].filter((watch) => watch.tabs.has(tab)).map((watch) => watch.live);
  }

  /** Lets a tab follow from the position it has: the missing events when the log reaches back, else the whole view. `answer` is called before anything that follows it is sent. */
  async open(tab: TabSocket, live: LiveConversation, position: Position, answer: (opened: Opened) => void): Promise<void> {
    const watch = this.#watch(live);
    this.#leaveRoom(tab, live.id);
    const heard: PlacedEvent[] = [];
    watch.tabs.set(tab, 'joining');
    watch.heard.set(tab, heard);
    const missed = await this.#bus.since(live.id, position);
    if (watch.heard.get(tab) !== heard) return answer({ ok: false, refusal: { code: 'moved-on' } }); // it left, or opened again, meanwhile
    watch.heard.delete(tab);
    if (missed === 'gone' || watch.live.isOver) answer({ ok: true, alias: watch.alias, view: watch.live.view });
    else answer({ ok: true, alias: watch.alias, events: [...missed, ...heard.filter(([, seq]) => seq > (missed.at(-1)?.[1] ?? position.seq))] });
    watch.tabs.set(tab, tab.data.isHidden ? 'away' : 'live');
    if (!tab.data.isHidden) void tab.join(roomOf(live.id));
    this.#tellTabs(live, watch);
  }

  leave(tab: TabSocket, conversation: ConversationId): void {
    const watch = this.#watches.get(conversation);
    if (watch === undefined || !watch.tabs.delete(tab)) return;
    watch.heard.delete(tab);
    this.#leaveRoom(tab, conversation);
    this.#tellTabs(watch.live, watch);
    if (watch.tabs.size > 0) return;
    watch.stop();
    this.#watches.delete(conversation);
  }

  gone(tab: TabSocket): void {
    for (const conversation of this.#watches.keys()) this.leave(tab, conversation);
  }

  /** A hidden tab hears nothing; shown again, it is given everything as it is. */
  setHidden(tab: TabSocket, isHidden: boolean): void {
    if (tab.data.isHidden === isHidden) return;
    tab.data.isHidden = isHidden;
    for (const [conversation, watch] of this.#watches) {
      if (isHidden && watch.tabs.get(tab) === 'live') this.#setAway(tab, watch, conversation);
      else if (!isHidden && watch.tabs.get(tab) === 'away') this.#comeBack(tab, watch, conversation);
    }
  }

  #watch(live: LiveConversation): Watch {
    const known = this.#watches.get(live.id);
    if (known !== undefined) {
      known.live = live;
      return known;
    }
    const watch: Watch = { alias: this.#nextAlias++, tabs: new Map(), heard: new Map(), live, stop: () => undefined };
    watch.stop = this.#bus.subscribe(live.id, (heard) => this.#hear(live.id, watch, heard));
    this.#watches.set(live.id, watch);
    return watch;
  }

  #hear(conversation: ConversationId, watch: Watch, heard: LogEntry | 'restarted'): void {
    if (heard === 'restarted') {
      for (const tab of watch.tabs.keys()) tab.emit('resume', watch.alias);
      return;
    }
    for (const [tab, following] of watch.tabs) {
      if (following === 'joining') watch.heard.get(tab)?.push(...heard.events);
      else if (following === 'live' && waitingIn(tab) > SLOW_AT) this.#setAway(tab, watch, conversation, true);
    }
    const room = this.#io.local.to(roomOf(conversation));
    for (const [epoch, seq, event] of heard.events) emitEvent(room, watch.alias, epoch, seq, event);
  }

  #setAway(tab: TabSocket, watch: Watch, conversation: ConversationId, untilDrained = false): void {
    watch.tabs.set(tab, 'away');
    this.#leaveRoom(tab, conversation);
    if (!untilDrained) return;
    // A reader that takes nothing at all for so long is gone without saying so; it comes back with its position.
    const cut = setTimeout(() => tab.conn.close(), STALLED_MS).unref();
    tab.conn.once('drain', () => {
      clearTimeout(cut);
      if (!tab.data.isHidden) this.#comeBack(tab, watch, conversation);
    });
  }

  #comeBack(tab: TabSocket, watch: Watch, conversation: ConversationId): void {
    if (watch.tabs.get(tab) !== 'away' || this.#watches.get(conversation) !== watch) return;
    tab.emit('view', watch.alias, watch.live.view);
    watch.tabs.set(tab, 'live');
    void tab.join(roomOf(conversation));
  }

  #leaveRoom(tab: TabSocket, conversation: ConversationId): void {
    void tab.leave(roomOf(conversation));
  }

  #tellTabs(live: LiveConversation, watch: Watch): void {
    this.#onTabs(live.id, live.owner, watch.tabs.size);
  }
}

/** Packets that wait in a socket. Engine.IO keeps the number to itself; nothing public tells a slow tab from a quick one (`bufferedAmount` stays near zero). */
function waitingIn(tab: TabSocket): number {
  return (tab.conn as unknown as { writeBuffer: unknown[] }).writeBuffer.length;
}

function roomOf(conversation: ConversationId): string {
  return `c:${conversation}`;
}

function emitEvent(room: ReturnType<Io['local']['to']>, alias: Alias, epoch: number, seq: number, event: ConversationEvent): void {
  if (event.type === 'text-delta') room.emit('t', alias, seq, event.text);
  else if (event.type === 'reasoning-delta') room.emit('r', alias, seq, event.text);
  else room.emit('e', alias, epoch, seq, event);
}
