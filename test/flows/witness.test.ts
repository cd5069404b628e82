import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { cosignedAt } from '../../contracts/proofs/cosignature.ts';
import type { ConversationId } from '../../contracts/ids.ts';
import { newId } from '../../server/ids.ts';
import { consistencyProof, EMPTY_ROOT, GrowingRoot, leafHash, nodeHash, type Subtree } from '../../server/journal/merkle.ts';
import { nodePrimitives } from '../../server/journal/node-primitives.ts';
import { openSigner, readCheckpoint, signedCheckpoint } from '../../server/journal/signed-note.ts';
import { around } from '../../server/store/around.ts';
import type { Store } from '../../server/store/store.ts';
import { faultyStore, newRefusal } from '../support/faults.ts';
import type { Fault } from '../support/faulty-server.ts';
import { ask } from '../support/reviewer.ts';
import { testSigner, writeRecords } from '../support/sealed-records.ts';
import { newServer, type TestServer } from '../support/server.ts';
import { newAccount, type Account } from '../support/tab.ts';
import { newWitnessed, WITNESS } from '../support/witnessed.ts';

/** A log of somebody else, as a tree of so many leaves: two of different `kind` have nothing in common. */
function otherLog(kind: string, size: number) {
  const leaves = Array.from({ length: size }, (_, index) => leafHash(`${kind} ${index}`));
  const growing = new GrowingRoot();
  for (const leaf of leaves) growing.push(leaf);
  const subtree: Subtree = async (level, index) => {
    let row = leaves.slice(index * 2 ** level, (index + 1) * 2 ** level);
    while (row.length > 1) row = Array.from({ length: row.length / 2 }, (_, place) => nodeHash(row[place * 2]!, row[place * 2 + 1]!));
    return row[0]!;
  };
  const note = signedCheckpoint({ size, root: size === 0 ? EMPTY_ROOT : growing.root() }, [testSigner]);
  return { size, note, from: async (old: number) => `old ${old}\n${(await consistencyProof(old, size, subtree)).map((hash) => `${hash.toString('base64')}\n`).join('')}\n${note}` };
}

describe('[PF3] a deployment that is a witness', () => {
  let witness: TestServer;
  let admin: Account;
  let key: string;
  /** Called after each look at what was cosigned, with what was seen: what it returns is waited for. */
  let onLook: () => Promise<void> = async () => undefined;
  const refusal = newRefusal();
  beforeAll(async () => {
    const wrap = (store: Store): Store => around(store, { get: async (kind, id) => {
      const kept = await store.get(kind, id);
      if (kind === 'witnessed') await onLook();
      return kept;
    } });
    witness = await newServer({ wrap: (store) => faultyStore(wrap(store), refusal.plan), config: { witness: { name: WITNESS, logs: [{ origin: testSigner.origin, keys: [testSigner.verifierKey] }] } } });
    admin = await newAccount(witness.url);
    key = (await ask<{ own: { key: string } }>(admin, 'logWitnesses')).own.key;
  });
  afterAll(() => witness[Symbol.asyncDispose]());

  const send = async (body: string, headers: Record<string, string> = {}): Promise<{ status: number; type: string | null; text: string }> => {
    const reply = await fetch(`${witness.url}/api/witness/add-checkpoint`, { method: 'POST', body: new TextEncoder().encode(body), headers });
    return { status: reply.status, type: reply.headers.get('content-type'), text: await reply.text() };
  };
  const own = async () => (await ask<{ own: { logs: { origin: string; size: number; isRefused: boolean }[] } }>(admin, 'logWitnesses')).own.logs[0]!;
  const records = async (type: string): Promise<Record<string, unknown>[]> => (await (await fetch(`${witness.url}/api/audit?types=${type}`, { headers: { cookie: admin.cookie } })).json() as { entries: { said: Record<string, unknown> }[] }).entries.map(({ said }) => said);

  it('answers what is no request, no log and no key of it as the protocol says, and keeps nothing of that', async () => {
    const log = otherLog('honest', 5);
    const stranger = openSigner(Buffer.alloc(32, 9), testSigner.origin);
    const bySize = (size: string): string => log.note.replace('\n5\n', `\n${size}\n`);
    for (const body of ['', 'old', 'old 0\n', `old 00\n\n${log.note}`, `old -1\n\n${log.note}`, `old 0\nnot base64\n\n${log.note}`, `old 0\n\n${log.note.slice(0, -2)}`, `old 0\n\n${bySize('05')}`, `old 0\n${`${Buffer.alloc(32).toString('base64')}\n`.repeat(64)}\n${log.note}`, `old 6\n\n${log.note}`]) expect({ body, status: (await send(body)).status }).toEqual({ body, status: 400 });
    expect((await send(`old 0\n\n${log.note.replace(testSigner.origin, 'nobody.example.org')}`)).status).toBe(404);
    for (const note of [signedCheckpoint({ size: 5, root: EMPTY_ROOT }, [stranger]), bySize('6')]) expect((await send(`old 0\n\n${note}`)).status).toBe(403);
    expect((await send('x'.repeat(20_000))).status).toBe(413);
    expect(await own()).toMatchObject({ size: 0 });
    expect(await records('checkpoint-cosigned')).toEqual([]);
  });

  it('cosigns a log that grows, on record, and says how far it is to whoever asks from elsewhere', async () => {
    const log = otherLog('honest', 5);
    expect(await send(await log.from(3))).toEqual({ status: 409, type: 'text/x.tlog.size', text: '0\n' });
    const first = await send(await log.from(0), { origin: 'https://elsewhere.example.org', 'content-type': 'text/plain' });
    expect(first).toMatchObject({ status: 200, text: expect.stringMatching(/^— witness\.example\.org\/w1 [\w+/=]+\n$/u) });
    expect(cosignedAt(nodePrimitives, log.note + first.text, key)).toBeGreaterThan(Date.now() / 1_000 - 600);
    expect(cosignedAt(nodePrimitives, otherLog('other', 5).note + first.text, key)).toBeUndefined();
    expect(readCheckpoint(log.note + first.text, [testSigner.verifierKey]).size).toBe(5);
    const grown = otherLog('honest', 12);
    expect(await send(await grown.from(4))).toMatchObject({ status: 409, text: '5\n' });
    expect(await send(await grown.from(5))).toMatchObject({ status: 200 });
    expect(await send(await grown.from(12))).toMatchObject({ status: 200 }); // whose answer was lost
    expect(await send(await log.from(5))).toMatchObject({ status: 409, text: '12\n' });
    expect((await records('checkpoint-cosigned')).map(({ origin, size }) => [origin, size])).toEqual([[testSigner.origin, 12], [testSigner.origin, 5]]);
    expect(await own()).toMatchObject({ size: 12, isRefused: false });
  });

  it('never cosigns a log that was written anew, and goes on after a restart where it was; two roots for as many records are on record once, a proof that is wrong is not held against a log', async () => {
    for (let again = 0; again < 2; again += 1) {
      expect(await send(await otherLog('other', 20).from(12))).toMatchObject({ status: 422 });
      expect(await send((await otherLog('honest', 20).from(12)).replace(/^(old 12\n)[^\n]+\n/u, '$1'))).toMatchObject({ status: 422 });
      expect(await send((await otherLog('honest', 12).from(12)).replace('old 12\n', `old 12\n${'A'.repeat(43)}=\n`)), 'what was cosigned already, with a proof of nothing').toMatchObject({ status: 422 });
      expect([await records('checkpoint-refused'), await own()]).toEqual([[], expect.objectContaining({ size: 12, isRefused: false })]);
      await witness.restart();
    }
    for (let again = 0; again < 2; again += 1) {
      expect(await send(await otherLog('other', 12).from(12))).toEqual({ status: 409, type: 'text/x.tlog.size', text: '12\n' });
      await witness.restart();
    }
    expect(await records('checkpoint-refused')).toEqual([expect.objectContaining({ origin: testSigner.origin, size: 12, note: otherLog('other', 12).note })]);
    expect(await own()).toMatchObject({ size: 12, isRefused: true });
    expect(await send(await otherLog('honest', 20).from(12))).toMatchObject({ status: 200 });
    expect(await own()).toMatchObject({ size: 20, isRefused: true });
  });

  it('[RE1] cosigns nothing and refuses nothing while the record of it is refused, and does once it is taken', async () => {
    const grown = await otherLog('honest', 22).from(20);
    const unrecorded = { status: 503, text: JSON.stringify({ refusal: { code: 'record-unavailable' } }) };
    for (const [type, asked, answer] of [['checkpoint-cosigned', grown, { status: 200 }], ['checkpoint-refused', await otherLog('other', 22).from(22), { status: 409, text: '22\n' }]] as const) {
      const [count, size, before] = [(await records(type)).length, await own(), await witness.held()];
      refusal.refuse(type);
      for (let tries = 0; tries < 2; tries += 1) expect(await send(asked)).toMatchObject(unrecorded);
      refusal.take();
      expect([await own(), await witness.held()]).toEqual([size, before]);
      expect(await send(asked)).toMatchObject(answer);
      expect(await records(type)).toHaveLength(count + 1);
    }
  });

  it('takes only one of two histories of a log that come at once', async () => {
    const histories = ['one', 'other'].map((kind) => [24, 25, 26, 27].map((size) => otherLog(kind, size)));
    const honest = [24, 25, 26, 27].map((size) => otherLog('honest', size));
    const bodies = await Promise.all([...histories.flat(), ...honest].map((log) => log.from(22)));
    const allHaveLooked = Promise.withResolvers<void>();
    let looks = 0;
    onLook = () => {
      if (++looks === bodies.length) allHaveLooked.resolve();
      return allHaveLooked.promise;
    };
    const answers = await Promise.all(bodies.map((body) => send(body)));
    const taken = answers.flatMap(({ status }, index) => (status === 200 ? [index] : []));
    expect([taken.length > 0, taken.every((index) => index >= 8)]).toEqual([true, true]);
    expect(taken.length).toBe(1); // each asked from the same size
    expect(answers.filter(({ status }) => ![200, 409, 422].includes(status))).toEqual([]);
    expect((await own()).size).toBe(honest[taken[0]! - 8]!.size);
    onLook = async () => undefined;
  });

  it('says so when one address asks too much', async () => {
    const statuses: number[] = [];
    for (let asked = 0; asked < 70 && statuses.at(-1) !== 429; asked += 1) statuses.push((await send('')).status);
    expect([statuses.at(-1), new Set(statuses.slice(0, -1))]).toEqual([429, new Set([400])]);
  });
});

describe('[PF4] a log with a witness', () => {
  it('is cosigned as it grows, in the background; the cosignatures are given with the checkpoint, and how far it is can be seen', async () => {
    let store: Store | undefined;
    await using both = await newWitnessed({ wrap: (real) => (store = real) });
    const { key, admin, own, until } = both;
    const first = await until(({ state }) => state === 'whole');
    expect(first).toMatchObject({ name: WITNESS, size: first.of });
    await writeRecords(store!, newId<ConversationId>(), 300);
    const grown = await until(({ state, size }) => state === 'whole' && size > first.size + 250);
    expect(cosignedAt(nodePrimitives, grown.note!, key)! * 1_000).toBe(grown.at);
    expect(await own()).toMatchObject({ size: grown.size, isRefused: false });
    expect((await ask<{ cosigned: string[] }>(admin, 'logCheckpoint')).cosigned).toEqual([grown.note]);
    const metrics = await (await fetch(`${both.log.url}/metrics`)).text();
    for (const line of [`gorunchat_witness_behind_records{witness="${WITNESS}"} 0`, `gorunchat_witness_failing{witness="${WITNESS}"} 0`, `gorunchat_witness_refuses{witness="${WITNESS}"} 0`]) expect(metrics).toContain(line);
  });

  it.each<Fault>(['lost', 'reset', '503', '429', '403'])('goes on where it was after a witness that was gone for a while, and the chat goes on meanwhile: %s', async (fault) => {
    let store: Store | undefined;
    await using both = await newWitnessed({ wrap: (real) => (store = real) });
    const { admin, own, until, wire } = both;
    const before = await until(({ state }) => state === 'whole');
    wire.faultOf = () => fault;
    await writeRecords(store!, newId<ConversationId>(), 20);
    const gone = await until(({ state, of }) => state === 'failing' && of >= before.size + 20);
    expect(gone.size).toBe(before.size);
    await ask(admin, 'rename', {}, { name: 'Still here' });
    await both.log.restart();
    wire.faultOf = () => undefined;
    const after = await until(({ state, size }) => state === 'whole' && size > before.size + 20);
    expect(await own()).toMatchObject({ size: after.size, isRefused: false });
  });

  it('is cosigned, and its checkpoint given, also where a record of the last is missing, which is for the verifier to say', async () => {
    let isGone = false;
    const wrap = (store: Store): Store => around(store, { get: async (kind, id) => (isGone && kind === 'record' ? undefined : store.get(kind, id)) });
    await using both = await newWitnessed({ wrap });
    const { admin, until } = both;
    const { size } = await until(({ state }) => state === 'whole');
    isGone = true;
    await ask(admin, 'rename', {}, { name: 'Mara the Second' });
    const grown = await until((now) => now.state === 'whole' && now.size > size);
    expect((await ask<{ cosigned: string[] }>(admin, 'logCheckpoint')).cosigned).toEqual([grown.note]);
  });

  it('that is its witness in turn: neither has anything cosigned because the other one has cosigned', async () => {
    let looks = 0;
    const wrap = (store: Store): Store => around(store, { get: async (kind, id) => ((looks += kind === 'cosigned' ? 1 : 0), store.get(kind, id)) });
    await using both = await newWitnessed({ wrap });
    const { log, witness, admin, adminOfWitness, until } = both;
    const { note, keys } = await ask<{ note: string; keys: string[] }>(adminOfWitness, 'logCheckpoint');
    await log.restart({ witness: { name: 'witness.example.org/w2', logs: [{ origin: note.split('\n')[0]!, keys }] } });
    const { own } = await ask<{ own: { key: string } }>(admin, 'logWitnesses');
    await witness.restart({ witnesses: [{ url: `${log.url}/api/witness`, key: own.key }], witnessEveryMs: 100 });
    const states = async (): Promise<string[]> => (await Promise.all([admin, adminOfWitness].map((one) => ask<{ witnesses: { state: string }[] }>(one, 'logWitnesses')))).map(({ witnesses }) => witnesses[0]!.state);
    const counts = async (): Promise<number[]> => Promise.all([log, witness].map(async ({ held }) => (await held()).filter((one) => one.startsWith('record ') && one.includes('checkpoint-cosigned')).length));
    const looked = async (times: number, from = looks): Promise<boolean> => vi.waitUntil(() => looks > from + times, { timeout: 60_000, interval: 50 });
    const settled = async (): Promise<number[]> => {
      await vi.waitUntil(async () => (await states()).every((state) => state === 'whole'), { timeout: 60_000, interval: 100 });
      await looked(10); // what a start asks for in any case is over then
      const before = await counts();
      await looked(40);
      expect(await counts()).toEqual(before);
      return before;
    };
    const [byLog, byWitness] = await settled();
    const { size } = await until(({ state }) => state === 'whole');
    await ask(admin, 'rename', {}, { name: 'Mara the Second' });
    await until((now) => now.state === 'whole' && now.size > size);
    expect(await settled()).toEqual([byLog, byWitness! + 1]);
  });
});
