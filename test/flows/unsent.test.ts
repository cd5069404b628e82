import { expect, it } from 'vitest';
import type { Answer } from '../../contracts/commands.ts';
import { siteModel } from '../../contracts/site-model.ts';
import type { ConversationId, FileId, ModelId, SiteId } from '../../contracts/ids.ts';
import { newDirectory, newSend, actor, user } from '../support/directory.ts';
import { PIXEL } from '../support/pixel.ts';
import { newId } from '../../server/ids.ts';
import { AUDIT_CHAIN } from '../../contracts/records.ts';
import { record } from '../fixtures/store/documents.ts';
import type { Store } from '../../server/store/store.ts';
import { NO_MODEL_YET } from '../../server/conversations/files.ts';
import { removeUnsent, startSweep } from '../../server/conversations/sweep.ts';

const DAY_MS = 24 * 3_600_000;
const site = 'site_AAAAAAAAAAAAAAAAAAAAAA' as SiteId;

async function hold(store: Store, gate: string, span: { from: number | null; to: number | null } | undefined): Promise<void> {
  const kept = await store.get('gate', gate);
  const from = (await store.get('head', AUDIT_CHAIN))?.body ?? null;
  const number = (from?.number ?? 0) + 1;
  const holds = span === undefined ? [] : [{ case: 'case', hold: 'hold', ...span }];
  await store.commit([{ do: 'put', kind: 'gate', id: gate, version: kept?.version ?? 0, body: { holds } }, record(AUDIT_CHAIN, number)], { chain: AUDIT_CHAIN, from, to: { epoch: 1, seq: 0, number, hash: 'hash' } });
}

it.each<[string, ModelId, string, boolean]>([
  ['its person, at that time', NO_MODEL_YET, `person:${user}`, true],
  ['its site', siteModel(site), `site:${site}`, false],
])('[RE7] an image that was never sent is kept by a hold on %s, and removed once nothing holds it', async (_, model, gate, isBounded) => {
  await using at = await newDirectory();
  const { store, clock } = at;
  const file = newId<FileId>();
  await at.directory.addFile(newId<ConversationId>(), model, { id: file, name: 'a.png', bytes: PIXEL }, actor);
  await hold(store, gate, { from: null, to: isBounded ? clock.at + 1_000 : null });
  clock.at += 2 * DAY_MS;
  await at.directory.close();
  const directory = at.again(); // nobody has it in memory by then
  const sweep = async (): Promise<void> => {
    const done = Promise.withResolvers<void>();
    const stop = await startSweep(store, directory, clock, () => undefined, [() => Promise.resolve(done.resolve())]);
    await done.promise;
    await stop();
  };
  await sweep();
  expect(await store.get('file', file)).toBeDefined();
  await hold(store, gate, undefined);
  await sweep();
  expect(await store.get('file', file)).toBeUndefined();
});

it('[RE7] images that a hold keeps keep no others waiting, however many there are', async () => {
  await using at = await newDirectory();
  const { store, clock } = at;
  const add = async (to: ModelId): Promise<FileId> => {
    const id = newId<FileId>();
    await at.directory.addFile(newId<ConversationId>(), to, { id, name: 'a.png', bytes: PIXEL }, actor);
    return id;
  };
  const held: FileId[] = [];
  for (let count = 0; count < 25; count += 1) held.push(await add(siteModel(site))); // more than are removed at once
  clock.at += 1;
  const free = await add(NO_MODEL_YET);
  await hold(store, `site:${site}`, { from: null, to: null });
  clock.at += 2 * DAY_MS;
  await at.directory.close();
  await removeUnsent(store, at.again(), clock, (error) => { throw error; });
  expect([await store.get('file', free), (await Promise.all(held.map((id) => store.get('file', id)))).filter((one) => one === undefined)]).toEqual([undefined, []]);
});

it('[RE27] with the last image that was never sent goes a conversation that was never begun, its key and a certificate of it; not one that has a message, or another image that may be sent yet', async () => {
  await using at = await newDirectory();
  const { store, clock } = at;
  const [alone, begun, both] = [newId<ConversationId>(), await at.begin(), newId<ConversationId>()];
  const add = async (conversation: ConversationId): Promise<FileId> => {
    const id = newId<FileId>();
    await at.directory.addFile(conversation, NO_MODEL_YET, { id, name: 'a.png', bytes: PIXEL }, actor);
    return id;
  };
  const [, , early] = [await add(alone), await add(begun), await add(both)];
  clock.at += DAY_MS;
  const late = await add(both);
  clock.at += 1;
  await at.directory.close();
  const directory = at.again();
  await removeUnsent(store, directory, clock, (error) => { throw error; });
  const isKept = async (id: string): Promise<boolean> => (await store.get('key', id)) !== undefined;
  expect(await Promise.all([alone, begun, both].map(isKept))).toEqual([false, true, true]);
  expect([await store.get('file', early), (await store.find({ kind: 'file', index: 'byConversation', where: [alone], limit: 1 })).items, (await store.get('file', late)) !== undefined]).toEqual([undefined, [], true]);
  const { items: records } = await store.find({ kind: 'record', index: 'byChain', where: [alone], limit: 10 });
  expect(records.map(({ body }) => body.type)).toEqual(['file-added', 'content-removed', 'conversation-erased']);
  expect((await store.get('disposition', alone))?.body.number).toBe(3);
  expect((await store.get('conversation', alone))?.body.isErased).toBe(true);
  expect(await directory.command(newSend(alone), actor)).toEqual({ ok: false, refusal: { code: 'erased' } });
  expect(await directory.command(newSend(both), actor)).toMatchObject({ ok: true });
  clock.at += DAY_MS;
  await removeUnsent(store, directory, clock, (error) => { throw error; });
  expect([await isKept(both), await store.get('file', late)]).toEqual([true, undefined]);
});

it('[RE27] a message that comes while its last image is being removed is taken, or told that all of it is erased, and never put under a key that is gone', async () => {
  await using at = await newDirectory();
  const { store, clock } = at;
  const answers = new Set<string>();
  for (let round = 0; round < 8; round++) {
    const conversation = newId<ConversationId>();
    await at.directory.addFile(conversation, NO_MODEL_YET, { id: newId<FileId>(), name: 'a.png', bytes: PIXEL }, actor);
    clock.at += 2 * DAY_MS;
    const done = at.titled(conversation);
    const sends = async (): Promise<Answer> => at.directory.command(newSend(conversation), actor);
    const removes = async (): Promise<void> => removeUnsent(store, at.directory, clock, () => undefined);
    const [answer] = await Promise.all(round % 2 === 0 ? [sends(), removes()] : [removes().then(sends), removes()]);
    if (answer.ok) await done;
    answers.add(answer.ok ? 'taken' : answer.refusal.code);
    expect([answer.ok, (await store.get('key', conversation)) !== undefined, (await store.find({ kind: 'message', index: 'byConversation', where: [conversation], limit: 10 })).items.length]).toEqual(answer.ok ? [true, true, 2] : [false, false, 0]);
  }
  expect(answers).toEqual(new Set(['taken', 'erased']));
});
