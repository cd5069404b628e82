import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, afterAll, describe, expect, it, vi } from 'vitest';
import type { Case, Found, Names } from '../../contracts/cases.ts';
import type { CommandId, ConversationId, FileId } from '../../contracts/ids.ts';
import { AUDIT_CHAIN } from '../../contracts/records.ts';
import { textOf } from '../../contracts/view.ts';
import type { Message } from '../../contracts/conversation.ts';
import { run } from '../../server/cli.ts';
import { newId } from '../../server/ids.ts';
import { verifyExport } from '../../server/journal/verify-export.ts';
import type { Store } from '../../server/store/store.ts';
import { faultyStore, type FaultPlan } from '../support/faults.ts';
import { PIXEL } from '../support/pixel.ts';
import { ask, asked, give, hold, openCase, release } from '../support/reviewer.ts';
import { newServer, type TestServer } from '../support/server.ts';
import { isOnCluster } from '../support/shared.ts';
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
const find = (by: Account, words = '', range: object = {}) => ask<{ found: Found[]; isWhole: boolean }>(by, 'find', {}, { ...because(), of: { type: 'person', id: mara.person.id }, from: null, to: null, words, ...range });
const names = (by: Account) => ask<Names>(by, 'names', {}, because());
const read = (by: Account, at: number | null = null) => ask<{ found: Found; messages: Message[] }>(by, 'readForCase', {}, { ...because(), conversation, at });
const exported = (by: Account, ...conversations: string[]) => asked(by, 'exportForCase', {}, { ...because(), conversations });

async function saved(text: string): Promise<string> {
  const file = join(mkdtempSync(join(tmpdir(), 'export-')), 'case.ndjson');
  writeFileSync(file, text);
  return file;
}

async function verified(file: string, ...args: string[]): Promise<{ code: number; said: string }> {
  let said = '';
  const code = await run(['verify', file, ...args], (text) => (said += text));
  return { code, said };
}

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

  it('begins with who is here and which sites there are', async () => {
    const { people, sites } = await names(reviewer);
    expect(people).toContainEqual({ id: mara.person.id, name: mara.person.name, email: 'mara@example.org' });
    expect([people.length, sites]).toEqual([3, []]);
  });

  it('is shown to nobody else, for no closed case, and not before it is on record', async () => {
    for (const account of [admin, mara]) {
      await expect(names(account)).rejects.toThrow('not-permitted');
      await expect(find(account)).rejects.toThrow('not-permitted');
      await expect(read(account)).rejects.toThrow('not-permitted');
      expect((await exported(account, conversation)).status).toBe(403);
    }
    const before = (await auditTypes()).length;
    plan = refusal;
    await expect(names(reviewer)).rejects.toThrow('record-unavailable');
    await expect(find(reviewer)).rejects.toThrow('record-unavailable');
    await expect(read(reviewer)).rejects.toThrow('record-unavailable');
    expect(await (await exported(reviewer, conversation)).text()).toContain('record-unavailable');
    plan = nothing;
    expect((await auditTypes()).length).toBe(before);
    await names(reviewer);
    await find(reviewer);
    await read(reviewer);
    await (await exported(reviewer, conversation)).text();
    expect((await auditTypes()).slice(before)).toEqual(['review-named', 'review-searched', 'review-read', 'review-exported']);
    const closed = await openCase(reviewer);
    await ask(reviewer, 'closeCase', { case: closed.id }, { reason: 'Settled' });
    await expect(ask(reviewer, 'names', {}, { case: closed.id, reason: 'x' })).rejects.toThrow('moved-on');
    await expect(ask(reviewer, 'readForCase', {}, { case: closed.id, reason: 'x', conversation, at: null })).rejects.toThrow('moved-on');
    await expect(ask(reviewer, 'readForCase', {}, { case: opened.id, reason: ' ', conversation, at: null })).rejects.toThrow('invalid-command');
    expect((await exported(reviewer, newId<ConversationId>())).status).toBe(404);
  });
});

describe('[RE8] an export', () => {
  it('holds every record with what it says, and the file, and is intact without a server', async () => {
    const text = await (await exported(reviewer, conversation)).text();
    const lines = text.trimEnd().split('\n').map((line) => JSON.parse(line) as { record?: { number: number }; content?: { said: { type: string } }; bytes?: string });
    const records = lines.filter(({ record }) => record !== undefined);
    expect(records.map(({ record }) => record!.number)).toEqual(records.map((_, place) => place + 1));
    expect(records.map(({ content }) => content!.said.type)).toEqual(expect.arrayContaining(['conversation-begun', 'message-added', 'file-added', 'turn-ended']));
    expect([text.includes('The canary sings'), lines.filter(({ bytes }) => bytes === PIXEL.toString('base64')).length]).toEqual([true, 1]);
    const file = await saved(text);
    expect(await verified(file)).toEqual({ code: 0, said: `Intact: ${records.length} records in 1 chains.\n` });
    const { checkpoint } = lines[0] as unknown as { checkpoint: { note: string; keys: string[] } };
    expect(await verified(file, '--checkpoint', await saved(checkpoint.note), '--key', checkpoint.keys[0]!)).toMatchObject({ code: 0 });
    expect(await verified(file, '--key', 'nobody+00000000+AAAA')).toMatchObject({ code: 1 });
  });

  it('in which a line was changed, removed, exchanged or doubled, or that was cut, is never called intact: 500 seeded corruptions', async () => {
    const text = await (await exported(reviewer, conversation)).text();
    const lines = text.trimEnd().split('\n');
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('change', 'remove', 'exchange', 'double', 'cut'), fc.nat(), fc.nat(), async (how, which, where) => {
        const index = which % lines.length;
        const line = lines[index]!;
        const at = where % line.length;
        const other = where % lines.length;
        const corrupted = {
          change: () => lines.with(index, line.slice(0, at) + (line[at] === '0' ? '1' : '0') + line.slice(at + 1)),
          remove: () => lines.toSpliced(index, 1),
          exchange: () => lines.with(index, lines[other]!).with(other, line),
          double: () => lines.toSpliced(index, 0, line),
          cut: () => lines.slice(0, index),
        }[how]();
        const isSame = corrupted.join('\n') === lines.join('\n');
        const { findings } = await verifyExport(await saved(corrupted.map((one) => `${one}\n`).join('')));
        expect({ how, index, isIntact: findings.length === 0 }).toEqual({ how, index, isIntact: isSame });
      }),
      { numRuns: 500, seed: 7, endOnFailure: true },
    );
  });

  it('of what is held can be made after its owner deleted it; once it is released it is unreadable here, and the export still holds', async () => {
    const [placed] = (await hold(reviewer, opened, { type: 'conversation', id: conversation })).holds;
    await tab.ask({ type: 'conversation.delete', commandId: newId<CommandId>(), conversation });
    await tab.until(() => tab.view?.conversation.deletedAt !== null);
    expect((await find(reviewer, 'canary')).found).toEqual([expect.objectContaining({ id: conversation, deletedAt: expect.any(Number) })]);
    const kept = await saved(await (await exported(reviewer, conversation)).text());
    await release(reviewer, opened, placed!.id);
    await vi.waitUntil(async () => (await find(reviewer)).found.length === 0, { timeout: 30_000, interval: 50 });
    await expect(read(reviewer)).rejects.toThrow('erased');
    const after = await (await exported(reviewer, conversation)).text();
    expect([after.includes('canary'), after.includes('conversation-erased'), (await verified(await saved(after))).code]).toEqual([false, true, 0]);
    expect((await verified(kept)).code).toBe(0);
    expect(isOnCluster ? 0 : (await verified(server.folder)).code).toBe(0);
  });
});
