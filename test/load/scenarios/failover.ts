import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { startChild, type Child } from '../child.ts';
import { newGround, type Ground } from '../contenders.ts';
import { compare, medianOf, quantileOf, state, type Found } from '../figures.ts';
import { nowMs } from '../processor.ts';
import type { Run } from '../run.ts';
import type { Script } from '../script.ts';

const SCRIPT: Script = { tokens: 1_000, firstMs: 5, everyMs: 20, size: 6, staysOpen: false };
const WORDS_PER_SECOND = 50;

/** Two servers behind a balancer; the first one has all tabs and is killed, then the other one and a new one are the two. */
interface Pair {
  readonly balancer: Child;
  readonly url: string;
  running: { readonly child: Child; readonly url: string }[];
  startOne(): Promise<{ child: Child; url: string }>;
}

async function newPair({ stack }: Ground, startOne: Pair['startOne']): Promise<Pair> {
  const balancer = stack.use(await startChild('./servers/balancer.ts'));
  const pair: Pair = { balancer, url: await balancer.ask('start'), running: [await startOne(), await startOne()], startOne };
  await balancer.ask('lead', pair.running.map(({ url }) => url));
  return pair;
}

/** Resolves with the moment of the kill. */
async function killFirst(pair: Pair): Promise<number> {
  const [first] = pair.running;
  const at = nowMs();
  await first?.child.kill();
  return at;
}

async function replaceFirst(pair: Pair): Promise<void> {
  pair.running = [...pair.running.slice(1), await pair.startOne()];
  await pair.balancer.ask('lead', pair.running.map(({ url }) => url));
}

/** Milliseconds after the kill, of every tab. */
interface Kill {
  readonly greeted: number[];
  readonly live: number[];
  readonly concluded: number[];
  readonly plain: number[];
}

/** An owner is killed in the middle of its replies: how long until its tabs hear the survivor and the turns are over or go on; beside socket.io-client with its own waits, killed alike. */
export async function failover({ isQuick, say }: Run): Promise<Found> {
  await using stack = new AsyncDisposableStack();
  const ground = await newGround(stack);
  const redis = await ground.stores.ask<{ url: string }>('redis');
  const shared = { redis: redis.url, mongo: await ground.stores.ask<string>('mongo'), masterKey: randomBytes(32).toString('hex') };
  const starting = async (file: string, given?: object): Promise<{ child: Child; url: string }> => {
    const child = stack.use(await startChild(file));
    return { child, url: await child.ask('start', given) };
  };
  const product = await newPair(ground, () => starting('./servers/product.ts', { provider: ground.endpoint, shared }));
  const plain = await newPair(ground, () => starting('./servers/plain-socket.ts'));
  const clients = stack.use(await startChild('./clients/failover.ts'));
  const conversations = isQuick ? 4 : 8;
  await clients.ask('openProduct', { url: product.url, conversations });
  await clients.ask('openPlain', { url: plain.url, conversations });
  const kills: Kill[] = [];
  const count = isQuick ? 3 : 12;
  for (let number = 0; number < count; number++) {
    // Not in step with anything that happens once a second; the same for both.
    const afterMs = 500 + 2_000 * ((number * 0.618) % 1);
    const kill = { ...(await killProduct(product, clients, afterMs)), plain: await killPlain(plain, clients, conversations, afterMs) };
    kills.push(kill);
    say(`kill ${number + 1}/${count}: heard again after ${medianOf(kill.live).toFixed(0)} ms, concluded after ${medianOf(kill.concluded).toFixed(0)} ms; bare ${medianOf(kill.plain).toFixed(0)} ms`);
  }
  return {
    name: 'failover',
    setting: `${count} kills (SIGKILL) of the server with all tabs, ${conversations} conversations with 2 tabs each, behind a balancer that tries the next server when one refuses; the page's own link and waits, and socket.io-client's own`,
    rows: rowsOf(kills),
    samples: kills,
  };
}

async function killProduct(pair: Pair, clients: Child, afterMs: number): Promise<Omit<Kill, 'plain'>> {
  await clients.ask('beginProduct', SCRIPT);
  await sleep(afterMs);
  const back = clients.ask<Omit<Kill, 'plain'>>('backProduct');
  back.catch(() => undefined); // awaited below
  const at = await killFirst(pair);
  const { greeted, live, concluded } = await back;
  await replaceFirst(pair);
  return { greeted: greeted.map((one) => one - at), live: live.map((one) => one - at), concluded: concluded.map((one) => one - at) };
}

async function killPlain(pair: Pair, clients: Child, conversations: number, afterMs: number): Promise<number[]> {
  for (const { child } of pair.running) child.ask('stream', { count: conversations, wordsPerSecond: WORDS_PER_SECOND }).catch(() => undefined); // killed, or ends with the run
  await clients.ask('beginPlain');
  await sleep(afterMs);
  const at = await killFirst(pair);
  const heard = await clients.ask<number[]>('backPlain');
  await replaceFirst(pair);
  return heard.map((one) => one - at);
}

function rowsOf(kills: readonly Kill[]): Found['rows'] {
  const all = (of: (kill: Kill) => number[]): number[] => kills.flatMap(of);
  const ninetyFive = (numbers: number[]): number[] => [quantileOf(numbers, 0.95)];
  return [
    compare('a tab hears again, median of each kill', 'ms', kills.map(({ live }) => medianOf(live)), kills.map(({ plain }) => medianOf(plain)), { atMost: 0.6 }),
    compare('a tab hears again, 95 of 100', 'ms', ninetyFive(all(({ live }) => live)), ninetyFive(all(({ plain }) => plain)), { atMost: 0.6 }),
    state('of that until the survivor greets it, median of each kill', 'ms', kills.map(({ greeted }) => medianOf(greeted))),
    state('its turn is over or goes on, median of each kill', 'ms', kills.map(({ concluded }) => medianOf(concluded))),
    state('its turn is over or goes on, 95 of 100', 'ms', ninetyFive(all(({ concluded }) => concluded)), { atMost: 5_000 }),
  ];
}
