import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConversationId, FileId } from '../../contracts/ids.ts';
import { newId } from '../../server/ids.ts';
import { freePort, newServerProcess, startInVain } from '../support/process.ts';
import { newServer } from '../support/server.ts';
import { newAccount, Tab, type Account } from '../support/tab.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'start-'))));
afterEach(() => rmSync(folder, { recursive: true }));

describe('whoever starts the product and it cannot start is told why in words, and it ends with code 1', () => {
  async function told(environment: Record<string, string>): Promise<string> {
    const { code, said } = await startInVain({ PORT: String(await freePort()), GORUNCHAT_DATA: join(folder, 'data'), ...environment });
    expect(code).toBe(1);
    expect(said).toMatch(/^GoRunChat cannot start: [^\n]+\n$/u);
    return said;
  }

  it('when the port is in use', async () => {
    await using server = await newServer();
    const { port } = new URL(server.url);
    expect(await told({ PORT: port })).toContain(`Port ${port} is in use at 127.0.0.1. Stop what uses it, or choose another port: PORT=`);
  });

  it('when this machine does not have the address', async () => {
    expect(await told({ HOST: '203.0.113.9' })).toContain('This machine has no address 203.0.113.9.');
  });

  it('when another process has the data folder, which it names', async () => {
    await using server = await newServer();
    expect(await told({ GORUNCHAT_DATA: server.folder })).toMatch(new RegExp(`${server.folder} is in use by another process \\(pid ${process.pid}, since 20`, 'u'));
  });

  it('when the data folder cannot be made', async () => {
    writeFileSync(join(folder, 'file'), '');
    for (const data of [join(folder, 'file', 'data'), '/proc/gorunchat']) expect(await told({ GORUNCHAT_DATA: data })).toContain(`The data folder ${data} cannot be written`);
  });

  it('when a newer version made the data', async () => {
    const data = join(folder, 'data');
    mkdirSync(data);
    const db = new DatabaseSync(join(data, 'gorunchat.db'));
    db.exec('PRAGMA user_version = 99');
    db.close();
    expect(await told({})).toContain('was made by a newer version of GoRunChat');
  });

  it('when the master key is none', async () => {
    const data = join(folder, 'data');
    mkdirSync(data);
    writeFileSync(join(data, 'master.key'), 'not a key');
    expect(await told({})).toContain(`${join(data, 'master.key')} does not hold a master key (64 hex digits)`);
    const { code, said } = await startInVain({ PORT: '0', GORUNCHAT_DATA: data, GORUNCHAT_MASTER_KEY: 'not a key' });
    expect([code, said]).toEqual([1, expect.stringMatching(/GORUNCHAT_MASTER_KEY:? must be 64 hex digits\n$/u)]);
  });

  it('when the master key is lost, or is that of other data; it makes no other one', async () => {
    const data = join(folder, 'data');
    await using server = await newServerProcess();
    await newAccount(server.url);
    await server.signal('SIGTERM');
    cpSync(server.folder, data, { recursive: true });
    rmSync(join(data, 'master.key'));
    expect(await told({})).toContain(`The file ${join(data, 'master.key')} is missing`);
    expect(readdirSync(data)).not.toContain('master.key');
    expect(await told({ GORUNCHAT_MASTER_KEY: 'ab'.repeat(32) })).toContain('The master key is not the one');
  });
});

describe('a signal ends the product', () => {
  it.each([['SIGTERM'], ['SIGTERM', 'SIGTERM'], ['SIGINT', 'SIGTERM', 'SIGINT']] as const)('%s: without waiting for the reply that grows; after the next start the reply is there with its text, as interrupted', async (...signals) => {
    await using server = await newServerProcess();
    const account = await newAccount(server.url);
    await using first = await new Tab(account).ready();
    await using second = await new Tab(account).ready();
    const conversation = await first.begin('Tell me something about code');
    await second.open(conversation);
    await second.until(() => second.shown.length > 20);
    expect(await server.signal(...signals)).toBe(0);
    expect(readdirSync(server.folder)).not.toContain('owner.pid');
    const { shown } = second;
    await server.start();
    await second.until(() => second.view?.turn === null);
    expect(second.thread).toHaveLength(2);
    expect(second.thread[1]).toMatch(/^model: .*\[interrupted\]$/su);
    expect(second.thread[1]).toContain(shown);
  });
});

it('[RE1] on a full disk a message is refused as what could not be put on record; what is there can be read, and nothing else breaks', async () => {
  await using server = await newServer({ mostPages: 400 });
  const account = await newAccount(server.url);
  await using tab = await new Tab(account).ready();
  const conversation = await tab.begin('Hello');
  await tab.until(() => tab.view?.conversation.titledBy === 'model');
  for (const bytes of [300_000, 30_000, 3_000, 0]) await fill(account, conversation, bytes);
  const change = () => fetch(`${server.url}/api/settings`, { method: 'PUT', headers: { 'content-type': 'application/json', origin: server.url, cookie: account.cookie }, body: '{"theme":"dark"}' });
  let reply = await change();
  while (reply.ok) reply = await change();
  expect(await reply.json()).toEqual({ refusal: { code: 'record-unavailable' } });
  const ready = await fetch(`${server.url}/readyz`);
  expect([ready.status, await ready.json()]).toEqual([503, { ok: false, problems: ['The store takes no writes.'] }]);
  const before = tab.view;
  expect(await tab.send('And now?')).toEqual({ ok: false, refusal: { code: 'record-unavailable' } });
  expect(tab.view).toBe(before);
  await using second = await new Tab(account).ready();
  await second.open(conversation);
  expect(second.thread).toEqual(tab.thread);
  const read = async (path: string): Promise<unknown> => (await fetch(server.url + path, { headers: { cookie: account.cookie } })).json();
  expect(await read(`/api/conversations/${conversation}`)).toMatchObject({ messages: before?.messages });
  expect(await read('/api/conversations')).toMatchObject({ rows: [{ id: conversation, title: 'Hello' }] });
  expect(await read('/api/search?words=hello')).toMatchObject({ hits: expect.arrayContaining([expect.objectContaining({ conversation })]) });
  await server.restart();
  await second.until(() => second.socket.connected && second.resumes > 1);
  expect(second.thread).toEqual(tab.thread);
});

/** Adds images of so many bytes until one is refused. */
async function fill(account: Account, conversation: ConversationId, bytes: number): Promise<void> {
  const png = Buffer.concat([Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==', 'base64'), Buffer.alloc(bytes)]);
  for (;;) {
    const reply = await fetch(`${account.url}/api/conversations/${conversation}/files?name=a.png&file=${newId<FileId>()}`, { method: 'POST', headers: { origin: account.url, cookie: account.cookie, 'content-type': 'image/png' }, body: new Uint8Array(png) });
    if (reply.ok) continue;
    expect(await reply.json()).toEqual({ refusal: { code: 'record-unavailable' } });
    return;
  }
}
