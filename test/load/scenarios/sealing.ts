import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '../../../server/ids.ts';
import { nextRecord, START } from '../../../server/journal/journal.ts';
import { newKey } from '../../../server/journal/seal.ts';
import { Sealer } from '../../../server/journal/sealer.ts';
import { openSigner } from '../../../server/journal/signed-note.ts';
import { verifyDatabase } from '../../../server/journal/verify.ts';
import { sqliteStore } from '../../../server/store/sqlite.ts';
import type { Change, Store } from '../../../server/store/store.ts';
import { quantileOf, state, type Found } from '../figures.ts';
import type { Run } from '../run.ts';

const PER_SECOND = 2_000;
/** Records in one commit of a conversation. */
const TOGETHER = 4;
const CONVERSATIONS = 200;
const ACTOR = { user: null, session: null, address: '203.0.113.7', agent: 'load' };
const SAID = { type: 'queued', v: 1, command: newId(), text: 'a message of some forty characters or so', files: [] } as never;

/** How long a record waits for its place in the signed log while 2,000 a second come, and how many records a second `verify` reads of what is left behind. */
export async function sealing({ isQuick, repeats, say }: Run): Promise<Found> {
  const seconds = isQuick ? 3 : 15;
  const samples: { lagMs: number; written: number; verified: number }[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const folder = mkdtempSync(join(tmpdir(), 'sealing-'));
    const lags: number[] = [];
    const store = await sqliteStore({ folder });
    const sealer = new Sealer({ store, clock: { now: Date.now }, signer: openSigner(newKey()), warn: (error) => say(String(error)), sealed: (lag) => lags.push(lag) });
    sealer.start();
    const written = await write(store, seconds);
    await sealer.close();
    await store.close();
    const begun = performance.now();
    const { records, findings } = verifyDatabase(folder);
    if (findings.length > 0 || records !== lags.length) throw new Error('what was written is not intact');
    samples.push({ lagMs: quantileOf(lags, 0.99), written, verified: records / ((performance.now() - begun) / 1_000) });
    rmSync(folder, { recursive: true });
    say(`repeat ${repeat + 1}/${repeats}: ${JSON.stringify(samples.at(-1))}`);
  }
  return {
    name: 'sealing',
    setting: `${PER_SECOND} records a second for ${seconds} s into ${CONVERSATIONS} conversations, ${TOGETHER} in a commit, on SQLite in one process`,
    rows: [
      state('from the commit to the place in the log, 99 of 100', 'ms', samples.map(({ lagMs }) => lagMs), { atMost: 2_000 }),
      state('records written', '1/s', samples.map(({ written }) => written)),
      state('records verified, one thread', '1/s', samples.map(({ verified }) => verified), { atLeast: 1_000_000 / 60 }),
    ],
    samples,
  };
}

/** Resolves with the records that were written in a second. */
async function write(store: Store, seconds: number): Promise<number> {
  const chains = Array.from({ length: CONVERSATIONS }, () => ({ id: newId(), key: newKey(), head: START, isFirst: true }));
  const begun = performance.now();
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
    const commit = store.commit(changes, { chain: chain.id, from: chain.isFirst ? null : chain.head, to: head }).finally(() => running.delete(commit));
    running.add(commit);
    Object.assign(chain, { head, isFirst: false });
    records += TOGETHER;
    const ahead = (records / PER_SECOND) * 1_000 - (performance.now() - begun);
    if (ahead > 1) await new Promise((resolve) => setTimeout(resolve, ahead));
  }
  await Promise.all(running);
  return records / ((performance.now() - begun) / 1_000);
}
