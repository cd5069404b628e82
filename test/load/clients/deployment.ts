import { Agent as PlainAgent, get as getPlain } from 'node:http';
import { Agent, get } from 'node:https';
import type { Answer } from '../../../contracts/commands.ts';
import type { CommandId, ConversationId, ModelId } from '../../../contracts/ids.ts';
import { newId } from '../../../server/ids.ts';
import { signIn, type Account } from '../../support/tab.ts';
import { serveParent } from '../child.ts';
import type { CrowdRound, Deployment, Round, Turn } from '../deployment.ts';
import { ProductTab } from '../product-tab.ts';

/** A person's tabs on a deployment that is not ours: nothing is known of what its model says. */
const QUESTION = 'Load test: please answer with about a hundred words on any subject.';
const BARE_REQUESTS = 20;
/** A reply may take so long; then the run ends with an error. */
const TURN_WITHIN_MS = 120_000;
/** Tabs that are opened at the same time where nobody measures it. */
const AT_ONCE = 10;

interface Stream {
  readonly tabs: [ProductTab, ...ProductTab[]];
}

const streams: Stream[] = [];
let url = '';
let model = '' as ModelId;
let accounts: readonly Account[] = [];

async function enter(given: Deployment): Promise<void> {
  url = given.urls[0] as string;
  model = given.model as ModelId;
  accounts = await Promise.all(given.urls.map((one) => signIn(one, given.email, given.password)));
}

/** Tabs are spread over the instances. */
function connect(number: number): Promise<ProductTab> {
  return ProductTab.connect(accounts[number % accounts.length] as Account);
}

async function open(given: Deployment): Promise<number[]> {
  await enter(given);
  const times: number[] = [];
  for (let number = 0; number < given.streams; number++) {
    const tabs: ProductTab[] = [];
    for (let tab = 0; tab < given.tabs; tab++) {
      const began = performance.now();
      tabs.push(await connect(number + tab));
      times.push(performance.now() - began);
    }
    streams.push({ tabs: tabs as Stream['tabs'] });
  }
  return times;
}

async function round(): Promise<Round> {
  const bare: number[] = [];
  for (let number = 0; number < BARE_REQUESTS; number++) bare.push(await bareRequest(true));
  const began = performance.now();
  const turns = await Promise.all(streams.map(oneTurn));
  return {
    bare,
    acknowledged: turns.map((turn) => turn.acknowledged),
    first: turns.map((turn) => turn.first),
    apart: turns.map((turn) => turn.apart),
    characters: turns.reduce((sum, turn) => sum + turn.characters, 0),
    seconds: (performance.now() - began) / 1_000,
  };
}

/** Asks and waits until every tab has the whole reply. */
async function oneTurn({ tabs }: Stream): Promise<Turn> {
  const [first] = tabs;
  const ends = tabs.map(() => Promise.withResolvers<number>());
  const heard: (number | undefined)[] = tabs.map(() => undefined);
  let began = 0;
  tabs.forEach((tab, index) => {
    tab.onEnd = () => ends[index]?.resolve(performance.now());
    tab.onText = () => (heard[index] ??= performance.now() - began);
  });
  const isNew = first.conversation === undefined;
  began = performance.now();
  const answer = await first.send(QUESTION, model);
  const acknowledged = performance.now() - began;
  if (!answer.ok) throw new Error(`a message was refused: ${answer.refusal.code}, ${answer.refusal.text}`);
  if (isNew) for (const tab of tabs) await opened(tab, first.conversation as ConversationId);
  const times = await within(Promise.all(ends.map(({ promise }) => promise)));
  if (tabs.some(({ text }) => text !== first.text)) throw new Error('two tabs show different replies');
  const gaps = tabs.reduce((sum, tab) => sum + tab.gaps, 0);
  if (gaps > 0) throw new Error(`${gaps} events were missing`);
  if (heard[0] === undefined) throw new Error('a turn ended without any text');
  return { acknowledged, first: heard[0], lastFirst: Math.max(...heard.map((ms) => ms ?? 0)), apart: Math.max(...times) - Math.min(...times), characters: tabs.reduce((sum, { text }) => sum + text.length, 0) };
}

/** A reply may be over before a tab opens the conversation: then the view has all of it. */
async function opened(tab: ProductTab, conversation: ConversationId): Promise<void> {
  await tab.open(conversation);
  if (!tab.isRunning && tab.text !== '') tab.onEnd();
}

async function within<T>(promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => (timer = setTimeout(() => reject(new Error(`a reply took longer than ${TURN_WITHIN_MS / 1_000} s`)), TURN_WITHIN_MS)));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** A conversation with one turn behind it and so many tabs on it. */
async function gather(tabs: number): Promise<void> {
  const stream: Stream = { tabs: [await connect(0)] };
  streams.push(stream);
  await oneTurn(stream);
  const conversation = stream.tabs[0].conversation as ConversationId;
  const join = async (number: number): Promise<void> => {
    const tab = await connect(number);
    stream.tabs.push(tab);
    await tab.openAsAllowed(conversation);
  };
  for (let number = 1; number < tabs; number += AT_ONCE) await Promise.all(Array.from({ length: Math.min(AT_ONCE, tabs - number) }, (_, place) => join(number + place)));
}

/** A turn in each of two conversations, one after the other; which is first takes turns as well. */
async function crowdRound(repeat: number): Promise<CrowdRound> {
  const [few, many] = streams as [Stream, Stream];
  const first = await oneTurn(repeat % 2 === 0 ? many : few);
  const second = await oneTurn(repeat % 2 === 0 ? few : many);
  return repeat % 2 === 0 ? { many: first, few: second } : { few: first, many: second };
}

/** Milliseconds for each of so many, all in one moment or one after another. */
async function timed({ count, isTogether }: Times, one: (number: number) => Promise<ProductTab | undefined>): Promise<number[]> {
  const each = async (number: number): Promise<number> => {
    const began = performance.now();
    const tab = await one(number);
    const took = performance.now() - began;
    tab?.raw.close();
    return took;
  };
  if (isTogether) return Promise.all(Array.from({ length: count }, (_, number) => each(number)));
  const times: number[] = [];
  for (let number = 0; number < count; number++) times.push(await each(number));
  return times;
}

interface Times {
  readonly count: number;
  readonly isTogether: boolean;
}

/** A tab that has nothing comes back to the first conversation; throws when it does not get what the others have. */
async function comeBack(number: number): Promise<ProductTab> {
  const [known] = (streams[0] as Stream).tabs;
  const tab = await connect(number);
  await tab.open(known.conversation as ConversationId);
  if (tab.text !== known.text || tab.gaps > 0) throw new Error('a tab that came back has something else than the others');
  return tab;
}

const agents = { 'http:': new PlainAgent({ keepAlive: true }), 'https:': new Agent({ keepAlive: true }) };

/** Milliseconds, over a kept connection or one of its own. */
function bareRequest(isKept: boolean, to = url): Promise<number> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const asked = to.startsWith('https:') ? get(`${to}/livez`, { agent: isKept && agents['https:'] }) : getPlain(`${to}/livez`, { agent: isKept && agents['http:'] });
    asked.on('response', (response) => response.resume().on('end', () => resolve(performance.now() - began)));
    asked.on('error', reject);
  });
}

/** Deletes what was made. How many could not be. */
async function remove(): Promise<number> {
  const answers = await Promise.all(
    streams.map(async ({ tabs: [tab] }) => {
      if (tab.conversation === undefined) return true;
      return (await tab.raw.ask<Answer>('command', { type: 'conversation.delete', commandId: newId<CommandId>(), conversation: tab.conversation })).ok;
    }),
  );
  for (const { tabs } of streams) for (const tab of tabs) tab.raw.close();
  return answers.filter((isGone) => !isGone).length;
}

serveParent({
  open,
  round,
  remove,
  enter,
  gather,
  crowdRound,
  connect: (times: Times) => timed(times, connect),
  comeBack: (times: Times) => timed(times, comeBack),
  bare: (times: Times) => timed(times, (number) => bareRequest(false, accounts[number % accounts.length]?.url).then(() => undefined)),
});
