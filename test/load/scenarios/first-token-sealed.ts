import { setInterval as each, setTimeout as sleep } from 'node:timers/promises';
import type { AuditFeed, LogCopy, LogWitness, OwnWitness } from '../../../contracts/records.ts';
import type { z } from '../../../contracts/zod.ts';
import { ask, give } from '../../support/reviewer.ts';
import { newAccount, signIn, type Account } from '../../support/tab.ts';
import { startChild, type Child } from '../child.ts';
import { compare, medianOf, quantileOf, type Found, type Row } from '../figures.ts';
import type { Run } from '../run.ts';
import type { FarEnds, Taken } from '../servers/far-ends.ts';
import { LANES, rotated, SCRIPT, type Times } from './first-token.ts';

const BUILDS = ['sealed', 'unsealed'] as const;
type Build = (typeof BUILDS)[number];
/** A server of each build, and who administers it. */
type Servers = Record<Build, Administered>;
interface Administered {
  readonly admin: Account;
  /** Whose role is changed. */
  readonly other: Account;
}

const ADMIN = 'admin@example.org';
const WITNESS = 'witness.example.org/w1';
/** Until all that stands outside has what was written inside. */
const WHOLE_WITHIN_MS = 60_000;

/**
 * The time to the first token with everything on: the signed log, its archive in a folder and in a bucket, its copies for questions in DuckDB and in BigQuery, the audit log sent on to a webhook and to syslog, and another
 * deployment that cosigns. Beside the same build that keeps its records but neither seals nor copies them. Throws when one of these was not at work.
 */
export async function firstTokenSealed({ isQuick, repeats, say }: Run): Promise<Found> {
  await using stack = new AsyncDisposableStack();
  const started = async (file: string): Promise<Child> => stack.use(await startChild(`./${file}.ts`));
  const provider = await (await started('servers/fake-provider')).ask<string>('start');
  const farEnds = await started('servers/far-ends');
  const servers: Servers = {
    sealed: await startWitnessed(await started('servers/product'), await started('servers/product'), { provider, farEnds: await farEnds.ask<FarEnds>('start') }),
    unsealed: await administered(await (await started('servers/product')).ask<string>('start', { provider, isUnsealed: true })),
  };
  const clients = await started('clients/first-token');
  const size = { lanes: LANES, conversations: isQuick ? 1 : 3, turns: isQuick ? 8 : 12, script: SCRIPT };
  for (const build of BUILDS) {
    const { url } = servers[build].admin;
    await clients.ask('signUp', { url, count: LANES });
    await clients.ask('product', { url, ...size, conversations: 1, turns: 4 });
  }
  const samples: Record<Build, Times>[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const times: Partial<Record<Build, Times>> = {};
    for (const build of rotated(BUILDS, repeat)) {
      times[build] = await whileAdministering(servers[build], (url) => clients.ask<Times>('product', { url, ...size }));
      say(`repeat ${repeat + 1}/${repeats}, ${build}: median ${medianOf(times[build].later).toFixed(1)} ms`);
    }
    samples.push(times as Record<Build, Times>);
  }
  await whole(servers.sealed.admin);
  say(`outside: ${shownIn(await farEnds.ask<Taken>('taken'))}`);
  return {
    name: 'first token, sealed',
    setting: `${LANES} conversations at a time, ${size.conversations} × ${size.turns} turns each, the provider's first token after ${SCRIPT.firstMs} ms, which is part of these times; both keep every record, the comparator seals, copies and sends on none`,
    rows: rowsOf(samples),
    samples,
  };
}

function rowsOf(samples: readonly Record<Build, Times>[]): Row[] {
  const of = (build: Build, figure: (times: Times) => number): number[] => samples.map((sample) => figure(sample[build]));
  const beside = (what: string, figure: (times: Times) => number, target?: Row['target']): Row => compare(what, 'ms', of('sealed', figure), of('unsealed', figure), target);
  return [
    beside('later turns, median', ({ later }) => medianOf(later), { atMost: 1.15 }),
    beside('later turns, 95 of 100', ({ later }) => quantileOf(later, 0.95)),
    beside('first turns, median', ({ first }) => medianOf(first)),
  ];
}

async function administered(url: string): Promise<Administered> {
  return { admin: await newAccount(url, ADMIN), other: await newAccount(url) };
}

/** The product, whose log the other one cosigns: that one is told whose log it is, and this one, which starts anew for it, the key of its witness. */
async function startWitnessed(log: Child, witness: Child, settings: { readonly provider: string; readonly farEnds: FarEnds }): Promise<Administered> {
  const { admin, other } = await administered(await log.ask<string>('start', settings));
  const signed = await until(() => ask<{ note: string; keys: string[] }>(admin, 'logCheckpoint'));
  const own = await newAccount(await witness.ask<string>('start', { witness: { name: WITNESS, logs: [{ origin: signed.note.split('\n')[0], keys: signed.keys }] } }), ADMIN);
  const { key } = (await ask<{ own: z.infer<typeof OwnWitness> }>(own, 'logWitnesses')).own;
  await log.ask('stop');
  const url = await log.ask<string>('start', { ...settings, witnesses: [{ url: `${own.url}/api/witness`, key }] });
  return { admin: await signIn(url, ADMIN), other: { ...other, url } };
}

/** Each second an administrator does something that the audit log has, so that there is something to send on. */
async function whileAdministering<T>({ admin, other }: Administered, work: (url: string) => Promise<T>): Promise<T> {
  const end = new AbortController();
  const [worked] = await Promise.all([work(admin.url).finally(() => end.abort()), changeRoles(admin, other, end.signal)]);
  return worked;
}

async function changeRoles(admin: Account, other: Account, signal: AbortSignal): Promise<void> {
  let turn = 0;
  try {
    for await (const _ of each(1_000, undefined, { signal })) await give(admin, other, turn++ % 2 === 0 ? 'reviewer' : 'member');
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Resolves when every copy, every feed and the witness have all that there is. */
async function whole(admin: Account): Promise<void> {
  await until(async () => {
    const { copies } = await ask<{ copies: z.infer<typeof LogCopy>[] }>(admin, 'logCopies');
    const { feeds } = await ask<{ feeds: z.infer<typeof AuditFeed>[] }>(admin, 'auditFeeds');
    const { witnesses } = await ask<{ witnesses: z.infer<typeof LogWitness>[] }>(admin, 'logWitnesses');
    const missing = [...copies.filter(({ state }) => state !== 'whole'), ...feeds.filter(({ sent, of }) => sent < of), ...witnesses.filter(({ state }) => state !== 'whole')];
    if (copies.length !== 4 || feeds.length !== 2 || witnesses.length !== 1) throw new Error('not everything is on');
    if (missing.length > 0) throw new Error(`not everything is outside: ${JSON.stringify(missing)}`);
  });
}

const shownIn = (taken: Taken): string => Object.entries(taken).map(([end, count]) => `${end} ${count}`).join(', ');

/** What is said once it can be. */
async function until<T>(say: () => Promise<T>): Promise<T> {
  const begun = performance.now();
  for (;;) {
    try {
      return await say();
    } catch (error) {
      if (performance.now() - begun > WHOLE_WITHIN_MS) throw error;
      await sleep(200);
    }
  }
}
