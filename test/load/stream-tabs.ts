import { Agent, get, request, type IncomingMessage } from 'node:http';
import type { ConversationId } from '../../contracts/ids.ts';
import type { Account } from '../support/tab.ts';
import { FAKE, newPeople, ProductTab } from './product-tab.ts';
import { RawTab } from './raw-tab.ts';
import { Reader } from './reader.ts';
import { questionFor, type Script } from './script.ts';

/** One conversation with a tab on each server, whatever kind of server that is. */
export interface Stream {
  readonly readers: readonly Reader[];
  /** Asks for a reply; resolves when the server has taken the question. */
  ask(script: Script): Promise<void>;
  /** No turn is under way, in the eyes of any tab. */
  isIdle(): boolean;
  /** Frames that were missing or came twice, by what the frames themselves say. */
  gaps(): number;
  close(): void;
}

/** Makes the stream with this number; the server that is asked for its replies is the first of `urls`. */
export type Open = (number: number, urls: readonly string[], moved: () => void) => Promise<Stream>;

/** Of all conversations of a person together, as the limits for one person allow; registering is limited, too. */
const TABS_EACH = 50;
const FIRST: Script = { tokens: 3, firstMs: 1, everyMs: 0, size: 6, staysOpen: false };
const people: Account[] = [];

/** The first turn makes the conversation and gives it a title; it is over when this resolves. */
export async function openProduct(number: number, urls: readonly string[], moved: () => void): Promise<Stream> {
  const conversationsEach = Math.max(1, Math.floor(TABS_EACH / urls.length));
  const person = (people[Math.floor(number / conversationsEach)] ??= (await newPeople(urls[0] as string, 1))[0] as Account);
  const tabs = await Promise.all(urls.map((url) => ProductTab.connect({ ...person, url })));
  const [first] = tabs as [ProductTab];
  await take(first, FIRST);
  for (const tab of tabs) await tab.openAsAllowed(first.conversation as ConversationId);
  if (tabs.some((tab) => tab.isRunning)) await Promise.all(tabs.map((tab) => new Promise<void>((resolve) => (tab.isRunning ? (tab.onEnd = resolve) : resolve()))));
  const readers = tabs.map((tab) => {
    const reader = new Reader(number, moved);
    let { views } = tab;
    tab.onEnd = moved;
    tab.onText = (piece) => {
      if (tab.views === views) return reader.hear(piece);
      views = tab.views;
      reader.hearWhole(piece);
    };
    return reader;
  });
  return {
    readers,
    ask: (script) => take(first, script),
    isIdle: () => tabs.every((tab) => !tab.isRunning),
    gaps: () => tabs.reduce((sum, tab) => sum + tab.gaps, 0),
    close: () => tabs.forEach((tab) => tab.raw.close()),
  };
}

async function take(tab: ProductTab, script: Script): Promise<void> {
  const answer = await tab.send(questionFor(script), FAKE);
  if (!answer.ok) throw new Error(`the question was refused: ${answer.refusal.code}`);
  if (answer.did !== 'started') throw new Error(`the turn was ${answer.did} behind another one`);
}

export async function openRooms(number: number, urls: readonly string[], moved: () => void): Promise<Stream> {
  const room = `room-${number}`;
  const readers = urls.map(() => new Reader(number, moved));
  const tabs = await Promise.all(urls.map((url, index) => RawTab.connect(url, {}, (name, args) => name === 'token' && readers[index]?.hear(args[0] as string))));
  for (const tab of tabs) await tab.ask('join', room);
  return {
    readers,
    ask: async (script) => void (await tabs[0]?.ask('say', { room, messages: [{ role: 'user', content: questionFor(script) }] })),
    isIdle: () => readers.every(({ isDone }) => isDone),
    gaps: () => 0, // nothing is numbered; a missing or doubled token does not fit the text
    close: () => tabs.forEach((tab) => tab.close()),
  };
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 });

export async function openEvents(number: number, urls: readonly string[], moved: () => void): Promise<Stream> {
  const conversation = `conversation-${number}`;
  const readers = urls.map(() => new Reader(number, moved));
  const numbers = urls.map(() => 0);
  let gaps = 0;
  const hear = (index: number, frame: string): void => {
    const [, id, text] = /^id: (\d+)\ndata: (.+)$/u.exec(frame) ?? [];
    if (id === undefined || text === undefined) return; // a comment
    if (Number(id) !== (numbers[index] as number) + 1) gaps += 1;
    numbers[index] = Number(id);
    readers[index]?.hear((JSON.parse(text) as { text: string }).text);
  };
  const responses = await Promise.all(urls.map((url, index) => listen(`${url}/?conversation=${conversation}`, (frame) => hear(index, frame))));
  return {
    readers,
    ask: (script) => post(urls[0] as string, { conversation, messages: [{ role: 'user', content: questionFor(script) }] }),
    isIdle: () => readers.every(({ isDone }) => isDone),
    gaps: () => gaps,
    close: () => responses.forEach((response) => response.destroy()),
  };
}

/** Resolves when the server has begun to answer. */
function listen(url: string, hear: (frame: string) => void): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => {
      let rest = '';
      response.setEncoding('utf8').on('data', (data: string) => {
        const frames = (rest + data).split('\n\n');
        rest = frames.pop() ?? '';
        for (const frame of frames) hear(frame);
        resolve(response);
      });
    }).on('error', reject);
  });
}

function post(url: string, body: object): Promise<void> {
  const text = JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const asked = request(url, { method: 'POST', agent, headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) } }, (response) => {
      response.resume().on('end', () => (response.statusCode === 202 ? resolve() : reject(new Error(`the relay answered ${response.statusCode}`))));
    });
    asked.on('error', reject);
    asked.end(text);
  });
}
