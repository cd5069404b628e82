import { beforeAll, afterAll, describe, expect, it, vi } from 'vitest';
import type { Case, Found, Names } from '../../contracts/cases.ts';
import type { CommandId, ConversationId, FileId } from '../../contracts/ids.ts';
import { AUDIT_CHAIN } from '../../contracts/records.ts';
import { textOf } from '../../contracts/view.ts';
import type { Message } from '../../contracts/conversation.ts';
import { recordsPath } from '../../contracts/proofs/package-paths.ts';
import { newId } from '../../server/ids.ts';
import type { Store } from '../../server/store/store.ts';
import { faultyStore, type FaultPlan } from '../support/faults.ts';
import { chosen, contentOf, packageOf, saved, verified } from '../support/packages.ts';
import { PIXEL } from '../support/pixel.ts';
import { ask, give, hold, openCase, release } from '../support/reviewer.ts';
import { newServer, type TestServer } from '../support/server.ts';
import { newAccount, Tab, type Account } from '../support/tab.ts';

const nothing: FaultPlan = () => undefined;
const refusal: FaultPlan = (changes) => (changes.some((change) => change.kind === 'record') ? 'refuse' : undefined);

let server: TestServer;
let store: Store;
let plan: FaultPlan = nothing;
let admin: Account;
let reviewer: Account;
let mara: Account;
let tab: Tab;
let opened: Case;
let conversation: ConversationId;

/** Mara has sent a picture and two messages, the first of which she wrote anew. */
beforeAll(async () => {
  server = await newServer({ config: { hasDemo: true, demoWordsPerSecond: 2_000, restoreMs: 0 }, wrap: (given) => (store = faultyStore(given, (changes, fence) => plan(changes, fence))) });
  admin = await newAccount(server.url, 'admin@example.org');
  reviewer = await newAccount(server.url, 'reviewer@example.org');
  mara = await newAccount(server.url, 'mara@example.org');
  await give(admin, reviewer, 'reviewer');
  opened = await openCase(reviewer);
  tab = await new Tab(mara).ready();
  conversation = await tab.begin('The canary sings');
  await tab.until(() => tab.view?.conversation.titledBy === 'model' && tab.view.turn === null);
  await fetch(`${server.url}/api/conversations/${conversation}/files?name=a.png&file=${newId<FileId>()}`, { method: 'POST', headers: { origin: server.url, cookie: mara.cookie, 'content-type': 'image/png' }, body: new Uint8Array(PIXEL) });
  await tab.send('And the nightingale?');
  await tab.until(() => tab.view?.messages.length === 4 && tab.view.turn === null);
});
afterAll(async () => {
  await tab[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const because = (): { case: string; reason: string } => ({ case: opened.id, reason: 'Named in the letter' });
const find = (by: Account, words = '', range: object = {}) => ask<{ found: Found[]; isWhole: boolean }>(by, 'find', {}, { ...because(), of: [{ type: 'person', id: mara.person.id }], from: null, to: null, models: [], words, ...range });
const names = (by: Account) => ask<Names>(by, 'names', {}, because());
const read = (by: Account, at: number | null = null) => ask<{ found: Found; messages: Message[] }>(by, 'readForCase', {}, { ...because(), conversation, at });

const auditTypes = async (): Promise<string[]> => (await store.find({ kind: 'record', index: 'byChain', where: [AUDIT_CHAIN], limit: 1_000 })).items.map(({ body }) => body.type);

describe('[RE8] what a reviewer is shown', () => {
  it('is found by person, dates and words, and read as it was at a moment', async () => {
    const { found, isWhole } = await find(reviewer);
    expect([found, isWhole]).toEqual([[expect.objectContaining({ id: conversation, owner: mara.person.id, deletedAt: null, messages: 4 })], true]);
    expect((await find(reviewer, 'NIGHTINGALE and')).found).toHaveLength(1);
    expect((await find(reviewer, 'nightingale canary')).found).toEqual([]);
    expect((await find(reviewer, '', { to: 1_000 })).found).toEqual([]);
    const { messages } = await read(reviewer);
    expect(messages.map(textOf)).toEqual([expect.stringContaining('canary'), expect.any(String), 'And the nightingale?', expect.any(String)]);
    expect((await read(reviewer, messages[1]!.at)).messages).toEqual(messages.slice(0, 2));
  });

  it('is found across several people and sites at once, each once, and by the models that replied', async () => {
    await using jens = await new Tab(await newAccount(server.url, 'jens@example.org')).ready();
    const other = await jens.begin('A magpie');
    await jens.until(() => jens.view?.conversation.titledBy === 'model' && jens.view.turn === null);
    const person = (id: string) => ({ type: 'person', id });
    const nobody = { type: 'site', id: `site_${newId()}` };
    const of = [nobody, person(jens.account.person.id), person(mara.person.id), person(jens.account.person.id)];
    expect((await find(reviewer, '', { of })).found.map(({ id, owner, messages }) => [id, owner, messages])).toEqual([[other, jens.account.person.id, 2], [conversation, mara.person.id, 4]]);
    expect((await find(reviewer, 'magpie', { of, models: ['demo/demo', 'openai/gpt-5'] })).found.map(({ id }) => id)).toEqual([other]);
    expect(await find(reviewer, '', { of, models: ['openai/gpt-5'] })).toEqual({ found: [], isWhole: true });
    await expect(find(reviewer, '', { of: [] })).rejects.toThrow('invalid-command');
    await expect(find(reviewer, '', { of: person(mara.person.id) })).rejects.toThrow('invalid-command');
    await expect(find(reviewer, '', { models: ['no model'] })).rejects.toThrow('invalid-command');
  });

  it('begins with who is here and which sites there are', async () => {
    const { people, sites } = await names(reviewer);
    expect(people).toContainEqual({ id: mara.person.id, name: mara.person.name, email: 'mara@example.org' });
    expect([people.length, sites]).toEqual([4, []]);
  });

  it('is shown to nobody else, for no closed case, and not before it is on record', async () => {
    for (const account of [admin, mara]) {
      await expect(names(account)).rejects.toThrow('not-permitted');
      await expect(find(account)).rejects.toThrow('not-permitted');
      await expect(read(account)).rejects.toThrow('not-permitted');
    }
    const before = (await auditTypes()).length;
    plan = refusal;
    await expect(names(reviewer)).rejects.toThrow('record-unavailable');
    await expect(find(reviewer)).rejects.toThrow('record-unavailable');
    await expect(read(reviewer)).rejects.toThrow('record-unavailable');
    plan = nothing;
    expect((await auditTypes()).length).toBe(before);
    await names(reviewer);
    await find(reviewer);
    await read(reviewer);
    expect((await auditTypes()).slice(before)).toEqual(['review-named', 'review-searched', 'review-read']);
    const closed = await openCase(reviewer);
    await ask(reviewer, 'closeCase', { case: closed.id }, { reason: 'Settled' });
    await expect(ask(reviewer, 'names', {}, { case: closed.id, reason: 'x' })).rejects.toThrow('moved-on');
    await expect(ask(reviewer, 'readForCase', {}, { case: closed.id, reason: 'x', conversation, at: null })).rejects.toThrow('moved-on');
    await expect(ask(reviewer, 'readForCase', {}, { case: opened.id, reason: ' ', conversation, at: null })).rejects.toThrow('invalid-command');
  });
});

describe('[RE8] the records in a package', () => {
  it('are all there with what they say, and are intact by themselves', async () => {
    const { file, text } = await recordsOf();
    const lines = text.trimEnd().split('\n').map((line) => JSON.parse(line) as { record?: { number: number }; content?: { said: { type: string } }; path?: string; checkpoint?: { note: string; keys: string[] } });
    const records = lines.filter(({ record }) => record !== undefined);
    expect(records.map(({ record }) => record!.number)).toEqual(records.map((_, place) => place + 1));
    expect(records.map(({ content }) => content!.said.type)).toEqual(expect.arrayContaining(['conversation-begun', 'message-added', 'file-added', 'turn-ended']));
    expect([text.includes('The canary sings'), lines.filter(({ path }) => path?.endsWith('.png')).length]).toEqual([true, 1]);
    expect(await verified(file)).toEqual({ code: 0, said: `Intact: ${records.length} records in 1 chains.\n` });
    const { note, keys } = lines[0]!.checkpoint!;
    expect(await verified(file, '--checkpoint', saved('checkpoint.txt', note), '--key', keys[0]!)).toMatchObject({ code: 0 });
    expect(await verified(file, '--key', 'nobody+00000000+AAAA')).toMatchObject({ code: 1 });
  });

  it('of what is held are there after its owner deleted it; once it is released it is unreadable here, and the package that was downloaded still holds', async () => {
    const [placed] = (await hold(reviewer, opened, { type: 'conversation', id: conversation })).holds;
    await tab.ask({ type: 'conversation.delete', commandId: newId<CommandId>(), conversation });
    await tab.until(() => tab.view?.conversation.deletedAt !== null);
    expect((await find(reviewer, 'canary')).found).toEqual([expect.objectContaining({ id: conversation, deletedAt: expect.any(Number) })]);
    const { zip, text } = await recordsOf();
    expect(text).toContain('canary');
    await release(reviewer, opened, placed!.id);
    await vi.waitUntil(async () => (await find(reviewer)).found.length === 0, { timeout: 30_000, interval: 50 });
    await expect(read(reviewer)).rejects.toThrow('erased');
    const after = await recordsOf();
    expect([after.text.includes('canary'), after.text.includes('conversation-erased'), (await verified(after.file)).code]).toEqual([false, true, 0]);
    expect((await verified(zip)).code).toBe(0);
    expect(await verified(server.place)).toMatchObject({ code: 0 });
  });
});

/** The records of the conversation, as they lie in a package. */
async function recordsOf(): Promise<{ zip: string; file: string; text: string }> {
  const zip = await packageOf(reviewer, opened, chosen(conversation));
  const text = (await contentOf(zip, recordsPath(conversation))).toString();
  return { zip, text, file: saved('records.ndjson', text) };
}
