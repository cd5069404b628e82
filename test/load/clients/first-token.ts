import { Agent, request } from 'node:http';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Account } from '../../support/tab.ts';
import { serveParent } from '../child.ts';
import { FAKE, newPeople, ProductTab } from '../product-tab.ts';
import { questionFor, scriptOf, textOf, type Script } from '../script.ts';

/** Asks the same questions, with the same history, at the same time, over each of three ways, and takes the time to the first token of each reply. */
interface Turns {
  readonly url: string;
  /** At the same time. */
  readonly lanes: number;
  /** One after another on each lane. */
  readonly conversations: number;
  readonly turns: number;
  readonly script: Script;
}

/** Milliseconds, of the first turn of each conversation and of the others. */
interface Times {
  readonly first: number[];
  readonly later: number[];
}

/** People do not press Enter in the same millisecond: before each turn there is a pause of up to this, the same for every way. */
const MOST_PAUSE_MS = 400;

type Message = { readonly role: 'user' | 'assistant'; readonly content: string };
/** One turn: resolves when the reply has ended, with the milliseconds to its first token. */
type Turn = (history: readonly Message[]) => Promise<number>;

async function run({ lanes, conversations, turns, script }: Turns, begin: (lane: number) => Promise<Turn>): Promise<Times> {
  const times: Times = { first: [], later: [] };
  await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      for (let conversation = 0; conversation < conversations; conversation++) {
        const ask = await begin(lane);
        const history: Message[] = [];
        for (let turn = 0; turn < turns; turn++) {
          await sleep(MOST_PAUSE_MS * ((lane * 0.618 + turn * 0.414 + conversation * 0.732) % 1));
          history.push({ role: 'user', content: questionFor(script) });
          (turn === 0 ? times.first : times.later).push(await ask(history));
          history.push({ role: 'assistant', content: textOf(script) });
        }
      }
    }),
  );
  return times;
}

/** A request that is answered by server-sent events, on a connection that stays open. */
function streamed(agent: Agent, url: string, body: object): Promise<number> {
  const text = JSON.stringify(body);
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const asked = request(url, { method: 'POST', agent, headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) } }, (response) => {
      let firstMs: number | undefined;
      response.on('data', (data: Buffer) => {
        if (firstMs === undefined && data.includes('data: {')) firstMs = performance.now() - began;
      });
      response.on('end', () => (firstMs === undefined ? reject(new Error('a reply without a token')) : resolve(firstMs)));
      response.on('error', reject);
    });
    asked.on('error', reject);
    asked.end(text);
  });
}

/** On connections of this run alone: one that has waited for the next would be closed by its server in the moment it is used. */
function overHttp(turns: Turns, body: (history: readonly Message[]) => object): Promise<Times> {
  const agents = Array.from({ length: turns.lanes }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
  return run(turns, (lane) => Promise.resolve((history: readonly Message[]) => streamed(agents[lane] as Agent, turns.url, body(history)))).finally(() => agents.forEach((agent) => agent.destroy()));
}

/** Of each server. */
const people = new Map<string, readonly Account[]>();

function ofTab(tab: ProductTab, isNew: boolean, text: string): Promise<number> {
  const began = performance.now();
  let firstMs: number | undefined;
  return new Promise((resolve, reject) => {
    tab.onText = () => {
      firstMs ??= performance.now() - began;
      tab.onText = () => undefined;
    };
    tab.onEnd = () => (firstMs === undefined || tab.gaps > 0 || tab.text !== textOf(scriptOf(text)) ? reject(new Error(`a reply with a hole: ${tab.text}`)) : resolve(firstMs));
    tab.send(text, FAKE).then(async (answer) => {
      if (!answer.ok) reject(new Error(answer.refusal.code));
      else if (isNew && tab.conversation !== undefined) await tab.open(tab.conversation);
    }).catch(reject);
  });
}

serveParent({
  direct: (turns: Turns) => overHttp(turns, (messages) => ({ model: 'fake', stream: true, messages })),
  relay: (turns: Turns) => overHttp(turns, (messages) => ({ messages })),
  signUp: async ({ url, count }: { url: string; count: number }) => {
    people.set(url, await newPeople(url, count));
  },
  product: (turns: Turns) =>
    run(turns, async (lane) => {
      const tab = await ProductTab.connect(people.get(turns.url)?.[lane] as Account);
      return (history) => ofTab(tab, history.length === 1, history.at(-1)?.content ?? '').finally(() => history.length === turns.turns * 2 - 1 && tab.raw.close());
    }),
});
