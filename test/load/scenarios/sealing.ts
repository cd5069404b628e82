import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '../../../server/ids.ts';
import { nextRecord, START } from '../../../server/journal/journal.ts';
import { newKey } from '../../../server/journal/seal.ts';
import { Sealer } from '../../../server/journal/sealer.ts';
import { openSigner } from '../../../server/journal/signed-note.ts';
import { fillFrom, inFile } from '../../../server/journal/verify/copied.ts';
import { verifyDatabase } from '../../../server/journal/verify/database.ts';
import { mongoStore } from '../../../server/store/mongo.ts';
import { documentsIn } from '../../../server/store/mongo/copies.ts';
import { sqliteStore } from '../../../server/store/sqlite.ts';
import type { Change, Store } from '../../../server/store/store.ts';
import type { Verdict } from '../../../contracts/proofs/verdict.ts';
import { startChild } from '../child.ts';
import { compare, quantileOf, state, type Found } from '../figures.ts';
import type { Run } from '../run.ts';

/** Records in one commit of a conversation. */
const TOGETHER = 4;
const CONVERSATIONS = 200;
/** Records that come, in step. */
const PER_SECOND = 2_000;
/** A million in a minute. */
const VERIFIED_AT_LEAST = 1_000_000 / 60;
/** Commits that are under way at the same time; only where records come as quickly as they are taken is there always so much. */
const MOST_COMMITS = 64;
const ACTOR = { user: null, session: null, address: '203.0.113.7', agent: 'load' };
const SAID = { type: 'queued', v: 1, command: newId(), text: 'a message of some forty characters or so', files: [] } as never;

interface Amount {
  readonly seconds: number;
  /** Records; as many as the store takes when it is infinite. */
  readonly perSecond: number;
}

interface Written {
  readonly records: number;
  /** Milliseconds that each commit took. */
  readonly commits: readonly number[];
}

interface Measured {
  /** From a record's commit to its place in the log, 99 of 100; nothing without a sealer. */
  readonly lagMs: number;
  /** A commit, 99 of 100. */
  readonly commitMs: number;
  /** Records in a second, until the last one has its place. */
  readonly perSecond: number;
  /** Core microseconds for each record, making it included. */
  readonly microseconds: number;
  /** Records in a second by `verify`; nothing without a log. */
  readonly verified: number;
}

const WAYS = ['sealed', 'unsealed'] as const;
type Way = (typeof WAYS)[number];
/** At the pace of a busy deployment, and as many as there can be. */
type Sample = Record<Way, { readonly paced: Measured; readonly most: Measured }>;

/** Where records are written: new and empty each time. */
interface Place {
  readonly store: Store;
  /** Of the store once it is closed, all of it read. */
  verify(): Promise<Verdict>;
  remove(): Promise<void>;
}
interface Places {
  readonly on: string;
  begin(): Promise<Place>;
}

const inFolders: Places = {
  on: 'SQLite',
  async begin() {
    const folder = mkdtempSync(join(tmpdir(), 'sealing-'));
    return { store: await sqliteStore({ folder }), verify: () => Promise.resolve(verifyDatabase(folder)), remove: async () => rmSync(folder, { recursive: true }) };
  },
};

/** How long a record waits for its place in the signed log while they come at a steady pace, what that costs beside the same store without a sealer, and how many records a second `verify` reads of what is left behind. */
export function sealing(run: Run): Promise<Found> {
  return sealingIn(inFolders, 'sealing', run);
}

/** The same on a database of MongoDB. What the database has to do is not in the processor time, since it is a process of its own; reading it is in the time of `verify`. */
export async function sealingOnMongo(run: Run): Promise<Found> {
  await using stores = await startChild('./servers/stores.ts');
  const begin = async (): Promise<Place> => {
    const uri = await stores.ask<string>('mongo');
    const verify = () => inFile((file) => documentsIn(uri, (read) => fillFrom(read, file)), (file) => Promise.resolve(verifyDatabase(file)));
    return { store: await mongoStore({ uri, report: run.say }), verify, remove: () => Promise.resolve() };
  };
  return await sealingIn({ on: 'MongoDB', begin }, 'sealing on MongoDB', run);
}

async function sealingIn(places: Places, name: string, { isQuick, repeats, say }: Run): Promise<Found> {
  const seconds = isQuick ? 3 : 15;
  const mostSeconds = Math.ceil(seconds / 3);
  const samples: Sample[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const sample: Partial<Sample> = {};
    for (const way of repeat % 2 === 0 ? WAYS : WAYS.toReversed()) {
      const isSealed = way === 'sealed';
      sample[way] = { paced: await measure(places, isSealed, { seconds, perSecond: PER_SECOND }, say), most: await measure(places, isSealed, { seconds: mostSeconds, perSecond: Number.POSITIVE_INFINITY }, say) };
      const { paced, most } = sample[way];
      say(`repeat ${repeat + 1}/${repeats}, ${way}: ${isSealed ? `sealed within ${paced.lagMs.toFixed(0)} ms, ` : ''}a commit within ${paced.commitMs.toFixed(1)} ms, ${paced.microseconds.toFixed(0)} µs for each record; ${paced.perSecond.toFixed(0)} records/s, at most ${most.perSecond.toFixed(0)}`);
    }
    samples.push(sample as Sample);
  }
  return {
    name,
    setting: `${PER_SECOND} records a second for ${seconds} s into ${CONVERSATIONS} conversations, ${TOGETHER} in a commit, on ${places.on} in one process; then as many as it takes for ${mostSeconds} s, ${MOST_COMMITS} commits at a time; the comparator is the same without the sealer`,
    rows: rowsOf(samples),
    samples,
  };
}

function rowsOf(samples: readonly Sample[]): Found['rows'] {
  const of = (way: Way, figure: (both: Sample[Way]) => number): number[] => samples.map((sample) => figure(sample[way]));
  return [
    state('from the commit to the place in the log, 99 of 100', 'ms', of('sealed', ({ paced }) => paced.lagMs), { atMost: 2_000 }),
    state('records written', '1/s', of('sealed', ({ paced }) => paced.perSecond)),
    compare('a commit, 99 of 100, beside the same without the sealer', 'ms', of('sealed', ({ paced }) => paced.commitMs), of('unsealed', ({ paced }) => paced.commitMs)),
    compare('processor time for each record, beside the same without the sealer', 'µs', of('sealed', ({ paced }) => paced.microseconds), of('unsealed', ({ paced }) => paced.microseconds)),
    compare('most records written and sealed, beside the most written without the sealer', '1/s', of('sealed', ({ most }) => most.perSecond), of('unsealed', ({ most }) => most.perSecond)),
    state('records verified, one thread', '1/s', of('sealed', ({ paced }) => paced.verified), { atLeast: VERIFIED_AT_LEAST }),
  ];
}

async function measure(places: Places, isSealed: boolean, amount: Amount, say: Run['say']): Promise<Measured> {
  const { store, verify, remove } = await places.begin();
  try {
    const lags: number[] = [];
    const signing = [openSigner(newKey())];
    const sealer = new Sealer({ store, clock: { now: Date.now }, signers: () => Promise.resolve(signing), warn: (error) => say(String(error)), sealed: (lag) => lags.push(lag) });
    const [began, before] = [performance.now(), process.cpuUsage()];
    if (isSealed) sealer.start();
    const { records, commits } = await write(store, amount);
    if (isSealed) await sealer.close();
    const [took, used] = [performance.now() - began, process.cpuUsage(before)];
    await store.close();
    return {
      lagMs: quantileOf(lags, 0.99),
      commitMs: quantileOf(commits, 0.99),
      perSecond: records / (took / 1_000),
      microseconds: (used.user + used.system) / records,
      verified: isSealed ? await verified(verify, lags.length) : Number.NaN,
    };
  } finally {
    await remove();
  }
}

/** Records in a second; throws when not all of them are there as they were sealed. */
async function verified(verify: Place['verify'], sealed: number): Promise<number> {
  const begun = performance.now();
  const { records, findings } = await verify();
  if (findings.length > 0 || records !== sealed) throw new Error('what was written is not intact');
  return records / ((performance.now() - begun) / 1_000);
}

async function write(store: Store, { seconds, perSecond }: Amount): Promise<Written> {
  const chains = Array.from({ length: CONVERSATIONS }, () => ({ id: newId(), key: newKey(), head: START, isFirst: true }));
  const begun = performance.now();
  const commits: number[] = [];
  let records = 0;
  const running = new Set<Promise<void>>();
  for (let turn = 0; performance.now() - begun < seconds * 1_000; turn++) {
    const chain = chains[turn % chains.length]!;
    const changes: Change[] = [];
    let { head } = chain;
    for (let count = 0; count < TOGETHER; count++) {
      const next = nextRecord(head, { chain: chain.id as never, epoch: 1, at: Date.now(), keyId: chain.id, key: chain.key }, { actor: ACTOR, said: SAID });
      changes.push(...next.changes);
      ({ head } = next);
    }
    const asked = performance.now();
    const commit = store.commit(changes, { chain: chain.id, from: chain.isFirst ? null : chain.head, to: head }).finally(() => (running.delete(commit), commits.push(performance.now() - asked)));
    running.add(commit);
    Object.assign(chain, { head, isFirst: false });
    records += TOGETHER;
    if (running.size >= MOST_COMMITS) await Promise.race(running);
    const ahead = (records / perSecond) * 1_000 - (performance.now() - begun);
    if (ahead > 1) await new Promise((resolve) => setTimeout(resolve, ahead));
  }
  await Promise.all(running);
  return { records, commits };
}
