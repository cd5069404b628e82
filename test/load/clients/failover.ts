import { io, type Socket } from 'socket.io-client';
import type { ConversationId } from '../../../contracts/ids.ts';
import { newId } from '../../../server/ids.ts';
import { serveParent } from '../child.ts';
import { PageTab } from '../page-tab.ts';
import { nowMs } from '../processor.ts';
import { newPeople } from '../product-tab.ts';
import { questionFor, textOf, type Script } from '../script.ts';

/** Tabs behind a balancer whose server is killed: the page's own link, and socket.io-client as it comes. When each is back, on the clock of this machine. */
const WITHIN_MS = 30_000;
const BEGUN_CHARACTERS = 30;
const TABS_EACH = 2;

let waiting: (() => void)[] = [];
function moved(): void {
  const woken = waiting;
  waiting = [];
  for (const wake of woken) wake();
}

async function until(holds: () => boolean, what: string): Promise<void> {
  const late = AbortSignal.timeout(WITHIN_MS);
  late.addEventListener('abort', moved);
  while (!holds()) {
    if (late.aborted) throw new Error(`not within ${WITHIN_MS / 1_000} s: ${what}`);
    await new Promise<void>((resolve) => waiting.push(resolve));
  }
  late.removeEventListener('abort', moved);
}

let tabs: PageTab[] = [];
let whole = '';

async function openProduct({ url, conversations }: { url: string; conversations: number }): Promise<void> {
  const [person] = await newPeople(url, 1);
  if (person === undefined) throw new Error('nobody');
  tabs = Array.from({ length: conversations }, () => newId<ConversationId>()).flatMap((conversation) => Array.from({ length: TABS_EACH }, () => new PageTab(person, conversation, moved)));
}

const firstTabs = (): PageTab[] => tabs.filter((_, index) => index % TABS_EACH === 0);

/** Resolves when each tab sees its reply grow. */
async function beginProduct(script: Script): Promise<void> {
  whole = textOf(script);
  await until(() => tabs.every(({ link }) => link.state === 'live'), 'every tab is greeted');
  for (const tab of tabs) tab.watch();
  for (const tab of firstTabs()) {
    const answer = await tab.send(questionFor(script));
    if (!answer.ok || answer.did !== 'started') throw new Error(answer.ok ? `a turn was ${answer.did}` : answer.refusal.code);
  }
  for (const tab of tabs) if (tab.follow.view === undefined) tab.begin();
  await until(() => tabs.every((tab) => tab.isFollowing && tab.isRunning && tab.characters >= BEGUN_CHARACTERS), 'every tab sees its reply grow');
  for (const tab of tabs) tab.watch();
}

interface Back {
  /** When each tab was greeted by the survivor. */
  readonly greeted: readonly number[];
  /** When each tab followed again. */
  readonly live: readonly number[];
  /** When each tab had a turn that is over or goes on. */
  readonly concluded: readonly number[];
}

async function backProduct(): Promise<Back> {
  const goesOn = tabs.map((tab) => tab.characters);
  await until(() => tabs.every((tab, index) => tab.liveAt !== undefined && (tab.concludedAt !== undefined || tab.characters > (goesOn[index] as number) + BEGUN_CHARACTERS * 10)), 'every tab is back and its turn is over or goes on');
  const wrong = tabs.filter((tab) => tab.wrong > 0 || !whole.startsWith(tab.text));
  const differs = firstTabs().some((tab, index) => !tab.isRunning && tab.text !== tabs[index * TABS_EACH + 1]?.text);
  if (wrong.length > 0 || differs) throw new Error(`${wrong.length} tabs show something else than was said${differs ? ', two tabs of a conversation differ' : ''}`);
  const times = { greeted: tabs.map(({ greetedAt }) => greetedAt as number), live: tabs.map(({ liveAt }) => liveAt as number), concluded: tabs.map(({ concludedAt }) => concludedAt ?? nowMs()) };
  await until(() => tabs.every((tab) => tab.isFollowing && !tab.isRunning), 'every turn is over');
  return times;
}

interface PlainTab {
  readonly socket: Socket;
  readonly room: string;
  isLost: boolean;
  heardAt: number | undefined;
}
let plain: PlainTab[] = [];

/** With the waits that socket.io-client has when nobody says anything. */
function openPlain({ url, conversations }: { url: string; conversations: number }): void {
  plain = Array.from({ length: conversations * TABS_EACH }, (_, index) => {
    const tab: PlainTab = { socket: io(url, { transports: ['websocket'], forceNew: true }), room: `room-${Math.floor(index / TABS_EACH)}`, isLost: true, heardAt: undefined };
    tab.socket.on('connect', () => void tab.socket.emit('join', tab.room, () => undefined));
    tab.socket.on('disconnect', () => (tab.isLost = true));
    tab.socket.on('token', () => {
      if (!tab.isLost || !tab.socket.connected) return;
      tab.isLost = false;
      tab.heardAt = nowMs();
      moved();
    });
    return tab;
  });
}

const hearsAgain = async (): Promise<void> => {
  await until(() => plain.every(({ isLost, heardAt }) => !isLost && heardAt !== undefined), 'every bare tab hears its room');
};

serveParent(
  {
    openProduct,
    beginProduct,
    /** To be asked before the kill. */
    backProduct,
    openPlain,
    beginPlain: async () => {
      await hearsAgain();
      for (const tab of plain) tab.heardAt = undefined;
    },
    backPlain: async () => {
      await hearsAgain();
      return plain.map(({ heardAt }) => heardAt as number);
    },
  },
  () => {
    for (const tab of tabs) tab.close();
    for (const { socket } of plain) socket.disconnect();
  },
);
