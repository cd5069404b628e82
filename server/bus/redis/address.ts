import type { ClusterOptions, RedisOptions } from 'ioredis';

/** How long Redis may take for anything; what takes longer counts as not done, though it may have been. */
const ANSWER_WITHIN_MS = 2_000;
/** A connection on which nothing comes back for so long is given up. */
const SILENT_MS = 4_000;
const LONGEST_PAUSE_MS = 100;

/** Where Redis is: one server, or some nodes of a cluster. */
export interface Address {
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  /** What every connection needs: who signs in, TLS. */
  readonly shared: RedisOptions;
  /** For people: without a password. */
  readonly name: string;
}

/** Reads `redis://…`, `rediss://…`, or several of them separated by commas. Throws a sentence for whoever wrote it. */
export function addressOf(url: string): Address {
  const urls = url.split(',').map((one) => parse(one.trim()));
  const [first] = urls as [URL, ...URL[]];
  const isEncrypted = first.protocol === 'rediss:';
  if (urls.some((one) => one.protocol !== first.protocol)) throw new Error('The addresses of Redis must all begin with redis:// or all with rediss://.');
  return {
    nodes: urls.map((one) => ({ host: one.hostname.replace(/^\[|\]$/gu, ''), port: Number(one.port || 6379) })),
    shared: {
      ...(first.username !== '' && { username: decodeURIComponent(first.username) }),
      ...(first.password !== '' && { password: decodeURIComponent(first.password) }),
      ...(isEncrypted && { tls: {} }),
      ...(/^\/\d+$/u.test(first.pathname) && { db: Number(first.pathname.slice(1)) }),
      // Nothing waits and nothing is sent twice: whoever asked decides what to do without an answer.
      protocol: 2, enableOfflineQueue: false, autoResendUnfulfilledCommands: false, autoResubscribe: false, maxRetriesPerRequest: 0,
      commandTimeout: ANSWER_WITHIN_MS, connectTimeout: ANSWER_WITHIN_MS, socketTimeout: SILENT_MS, lazyConnect: true,
      reconnectOnError: (error) => error.message.startsWith('READONLY'), // a replica by now: the name leads to another server
      retryStrategy: pauseMs,
    },
    name: urls.map((one) => `${one.protocol}//${one.host}`).join(', '),
  };
}

/** The driver’s options for a cluster at this address. */
export function clusterOptions({ shared }: Address): ClusterOptions {
  const { retryStrategy: _, enableOfflineQueue: _offline, lazyConnect: _lazy, db: _db, ...rest } = shared;
  return {
    lazyConnect: true, enableOfflineQueue: false, clusterRetryStrategy: pauseMs, slotsRefreshTimeout: ANSWER_WITHIN_MS, slotsRefreshInterval: 5_000,
    maxRedirections: 4, retryDelayOnFailover: 100, retryDelayOnClusterDown: 100, redisOptions: rest,
  };
}

/** Others must not take an instance for dead because it waits here: shorter than `GRACE_MS` of liveness. */
export function pauseMs(times: number): number {
  return Math.min(25 * times, LONGEST_PAUSE_MS);
}

function parse(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^rediss?:$/u.test(url.protocol) || url.hostname === '') throw new Error(`'${text.replace(/\/\/.*@/u, '//…@')}' is not the address of a Redis: it should look like redis://host:6379.`);
  return url;
}
