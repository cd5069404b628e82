import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { startChild, type Child } from './child.ts';
import { coreSecondsOf } from './processor.ts';
import type { Late } from './reader.ts';
import type { Script } from './script.ts';

/** `script`: relays with a script for each token and server-sent events. `rooms`: Socket.IO's rooms, over its Redis adapter where there are several servers. */
export type Way = 'product' | 'script' | 'rooms';

const KINDS: Record<Way, { file: string; kind: string }> = {
  product: { file: './servers/product.ts', kind: 'product' },
  script: { file: './servers/script-relay.ts', kind: 'events' },
  rooms: { file: './servers/plain-socket.ts', kind: 'rooms' },
};

/** One server, or two on a Redis of their own. */
export interface Servers {
  readonly way: Way;
  readonly urls: readonly string[];
  readonly servers: readonly Child[];
  /** What they share. */
  readonly redisPid: number | undefined;
}

/** Servers of one kind, and the tabs on them. */
export interface Contender extends Servers {
  /** Of each stream, spread over the servers. */
  readonly tabs: number;
  readonly clients: Child;
}

/** What all of them share. */
export interface Ground {
  readonly stack: AsyncDisposableStack;
  readonly provider: Child;
  readonly endpoint: string;
  readonly stores: Child;
}

export async function newGround(stack: AsyncDisposableStack): Promise<Ground> {
  const stores = stack.use(await startChild('./servers/stores.ts'));
  const provider = stack.use(await startChild('./servers/fake-provider.ts'));
  return { stack, provider, endpoint: await provider.ask('start'), stores };
}

/** Nobody measures what the demo says here, and nobody waits for it. */
const DEMO_WORDS_PER_SECOND = 1_000;

export async function newServers({ stack, endpoint, stores }: Ground, way: Way, count: 1 | 2): Promise<Servers> {
  const redis = count === 1 ? undefined : await stores.ask<{ url: string; pid: number }>('redis');
  const shared = redis === undefined ? {} : way === 'product' ? { shared: { redis: redis.url, mongo: await stores.ask<string>('mongo'), masterKey: randomBytes(32).toString('hex') } } : { redis: redis.url };
  const servers: Child[] = [];
  const urls: string[] = [];
  // One after another: the first one makes what the database needs.
  for (let number = 0; number < count; number++) {
    const server = stack.use(await startChild(KINDS[way].file));
    servers.push(server);
    urls.push(await server.ask('start', { provider: endpoint, wordsPerSecond: DEMO_WORDS_PER_SECOND, ...shared }));
  }
  return { way, urls, servers, redisPid: redis?.pid };
}

export async function newContender(ground: Ground, way: Way, { servers, tabs }: { servers: 1 | 2; tabs: number } = { servers: 2, tabs: 2 }): Promise<Contender> {
  return { ...(await newServers(ground, way, servers)), tabs, clients: ground.stack.use(await startChild('./clients/streams.ts')) };
}

/** Seconds of processor time that the servers have used, and their Redis. */
function coresOf({ servers, redisPid }: Servers): { servers: number; redis: number } {
  return { servers: coreSecondsOf(servers.map(({ pid }) => pid)), redis: coreSecondsOf(redisPid === undefined ? [] : [redisPid]) };
}

/** So many replies at a time, once. */
export interface Round {
  readonly name: string;
  readonly streams: number;
  readonly everyMs: number;
  readonly warmMs: number;
  readonly windowMs: number;
}

export interface Measured {
  /** Said by the provider within the window. */
  readonly tokens: number;
  readonly heard: number;
  readonly frames: number;
  readonly seconds: number;
  /** Core seconds within the window; `mongo` is `null` where it does not take part or cannot be looked into. */
  readonly cores: { readonly servers: number; readonly redis: number; readonly mongo: number | null };
  readonly late: Late;
}

/** The questions are spread over this, so that they do not come in one moment. */
const BEGIN_OVER_MS = 1_500;
const TAIL_MS = 500;

/** Lets replies run to their end, and measures a window in their middle. Every tab has heard all of its reply when this resolves. */
export async function roundOf({ provider, stores }: Ground, contender: Contender, { name, streams, everyMs, warmMs, windowMs }: Round): Promise<Measured> {
  const { clients, servers, way, urls, tabs, redisPid } = contender;
  await clients.ask('open', { kind: KINDS[way].kind, urls: Array.from({ length: tabs }, (_, tab) => urls[tab % urls.length]), count: streams });
  const script: Script = { tokens: Math.ceil((BEGIN_OVER_MS + warmMs + windowMs + TAIL_MS) / everyMs), firstMs: 5, everyMs, size: 6, staysOpen: false };
  await provider.ask('begins');
  await clients.ask('begin', { round: name, count: streams, script, overMs: BEGIN_OVER_MS });
  await sleep(warmMs);
  const look = async (): Promise<Looked> => ({
    said: await provider.ask('said'),
    heard: await clients.ask('heard'),
    ...coresOf(contender),
    mongo: way === 'product' && redisPid !== undefined ? await stores.ask('mongoSeconds') : null,
    at: performance.now(),
  });
  const before = await look();
  await clients.ask('time', true);
  await sleep(windowMs);
  await clients.ask('time', false);
  const after = await look();
  const late = await clients.ask<Late>('late', await provider.ask('begins'));
  await clients.ask('ended');
  for (const server of servers) await server.ask('check');
  return { ...between(before, after), late };
}

interface Looked {
  readonly said: number;
  readonly heard: { readonly tokens: number; readonly frames: number };
  readonly servers: number;
  readonly redis: number;
  readonly mongo: number | null;
  readonly at: number;
}

function between(before: Looked, after: Looked): Omit<Measured, 'late'> {
  return {
    tokens: after.said - before.said,
    heard: after.heard.tokens - before.heard.tokens,
    frames: after.heard.frames - before.heard.frames,
    seconds: (after.at - before.at) / 1_000,
    cores: { servers: after.servers - before.servers, redis: after.redis - before.redis, mongo: before.mongo === null || after.mongo === null ? null : after.mongo - before.mongo },
  };
}
