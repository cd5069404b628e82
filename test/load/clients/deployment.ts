import { Agent as PlainAgent, get as getPlain } from 'node:http';
import { Agent, get } from 'node:https';
import type { Answer } from '../../../contracts/commands.ts';
import type { CommandId, ConversationId, ModelId } from '../../../contracts/ids.ts';
import { newId } from '../../../server/ids.ts';
import { signIn } from '../../support/tab.ts';
import { serveParent } from '../child.ts';
import type { Deployment, Round } from '../deployment.ts';
import { ProductTab } from '../product-tab.ts';

/** A person's tabs on a deployment that is not ours: nothing is known of what its model says. */
const QUESTION = 'Load test: please answer with about a hundred words on any subject.';
const BARE_REQUESTS = 20;
/** A reply may take so long; then the run ends with an error. */
const TURN_WITHIN_MS = 120_000;

interface Stream {
  readonly tabs: readonly [ProductTab, ...ProductTab[]];
}

const streams: Stream[] = [];
let url = '';
let model = '' as ModelId;

async function open(given: Deployment): Promise<number[]> {
  url = given.urls[0] as string;
  model = given.model as ModelId;
  const times: number[] = [];
  const accounts = await Promise.all(given.urls.map((one) => signIn(one, given.email, given.password)));
  for (let number = 0; number < given.streams; number++) {
    const tabs: ProductTab[] = [];
    for (let tab = 0; tab < given.tabs; tab++) {
      const began = performance.now();
      tabs.push(await ProductTab.connect(accounts[(number + tab) % accounts.length] as (typeof accounts)[number]));
      times.push(performance.now() - began);
    }
    streams.push({ tabs: tabs as unknown as Stream['tabs'] });
  }
  return times;
}

async function round(): Promise<Round> {
  const bare: number[] = [];
  for (let number = 0; number < BARE_REQUESTS; number++) bare.push(await bareRequest());
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
async function oneTurn({ tabs: [first, ...others] }: Stream): Promise<{ acknowledged: number; first: number; apart: number; characters: number }> {
  const tabs = [first, ...others];
  const ends = Array.from({ length: tabs.length }, () => Promise.withResolvers<number>());
  let began = 0;
  let heard: number | undefined;
  tabs.forEach((tab, index) => (tab.onEnd = () => ends[index]?.resolve(performance.now())));
  first.onText = () => (heard ??= performance.now() - began);
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
  if (heard === undefined) throw new Error('a turn ended without any text');
  return { acknowledged, first: heard, apart: Math.max(...times) - Math.min(...times), characters: tabs.reduce((sum, { text }) => sum + text.length, 0) };
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

const agents = { 'http:': new PlainAgent({ keepAlive: true }), 'https:': new Agent({ keepAlive: true }) };

/** Milliseconds. */
function bareRequest(): Promise<number> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const asked = url.startsWith('https:') ? get(`${url}/livez`, { agent: agents['https:'] }) : getPlain(`${url}/livez`, { agent: agents['http:'] });
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

serveParent({ open, round, remove });
