import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { CommandId } from '../../contracts/ids.ts';
import { run } from '../../server/cli.ts';
import { newId } from '../../server/ids.ts';
import { filesIn } from '../support/archive-files.ts';
import { newServerProcess, NODE_ENVIRONMENT } from '../support/process.ts';
import { newAccount, Tab } from '../support/tab.ts';

async function verify(folder: string): Promise<{ code: number; said: string }> {
  let said = '';
  const code = await run(['verify', folder], (text) => (said += text));
  return { code, said };
}

it('[RE4] an operator who changes one record in the database is found out, and so is one who removes the last', async () => {
  await using server = await newServerProcess();
  await using tab = await new Tab(await newAccount(server.url)).ready();
  await tab.begin('Hello');
  await tab.until(() => tab.view?.conversation.titledBy === 'model');
  await server.kill();
  expect(await verify(server.folder)).toMatchObject({ code: 0, said: expect.stringMatching(/^Intact: \d+ records in 2 chains/) });
  const db = new DatabaseSync(join(server.folder, 'gorunchat.db'));
  for (const { name } of db.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'").all()) db.exec(`DROP TRIGGER "${String(name)}"`);
  const { id } = db.prepare("SELECT id FROM record WHERE json_extract(body, '$.type') = 'turn-ended' LIMIT 1").get() as { id: string };
  db.prepare("UPDATE record SET body = json_set(body, '$.at', 1) WHERE id = ?").run(id);
  expect(await verify(server.folder)).toMatchObject({ code: 1, said: expect.stringContaining(`altered: record ${id} was altered`) });
  db.prepare('DELETE FROM record WHERE id = ?').run(id);
  expect((await verify(server.folder)).said).toMatch(/missing: record/);
  db.close();
  expect(await verify(join(server.folder, 'nowhere'))).toMatchObject({ code: 2 });
});

it('[RE4] finds nothing in a data folder that is being written to', async () => {
  await using server = await newServerProcess(undefined, { DEMO_PACE: '2000' });
  await using tab = await new Tab(await newAccount(server.url)).ready();
  await tab.begin('Hello');
  let isDone = false;
  const writing = (async () => {
    for (let sent = 0; sent < 25; sent++) await tab.ask({ type: 'conversation.change', commandId: newId<CommandId>(), conversation: tab.view!.conversation.id, title: `Title ${sent}` });
  })().finally(() => (isDone = true));
  const codes = new Set<number>();
  while (!isDone) {
    codes.add((await verify(server.folder)).code);
    await setImmediate(); // reading holds up everything else here
  }
  await writing;
  expect(codes).toEqual(new Set([0]));
});

it.each([
  ['what is no JSON', 'not JSON {'],
  ['JSON that is no record', 'null'],
])('[RE4] a record that was overwritten with %s is named, and everything else is still checked', async (_what, body) => {
  await using server = await newServerProcess();
  await using tab = await new Tab(await newAccount(server.url)).ready();
  await tab.begin('Hello');
  await tab.until(() => tab.view?.conversation.titledBy === 'model');
  await server.kill();
  const db = new DatabaseSync(join(server.folder, 'gorunchat.db'));
  for (const { name } of db.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'").all()) db.exec(`DROP TRIGGER "${String(name)}"`);
  for (const { name } of db.prepare("SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name IN ('record', 'head') AND sql IS NOT NULL").all()) db.exec(`DROP INDEX "${String(name)}"`);
  const ids = db.prepare("SELECT id FROM record WHERE json_extract(body, '$.type') IN ('turn-begun', 'turn-ended') ORDER BY id").all().map(({ id }) => String(id));
  db.prepare('UPDATE record SET body = ? WHERE id = ?').run(body, ids[0]!);
  db.prepare("UPDATE record SET body = json_set(body, '$.at', 1) WHERE id = ?").run(ids[1]!);
  db.prepare("UPDATE head SET body = ? WHERE id = 'audit'").run(body);
  db.close();
  const { code, said } = await verify(server.folder);
  expect(code).toBe(1);
  expect(said).toContain(`unreadable: record ${ids[0]} cannot be read`);
  expect(said).toContain(`altered: record ${ids[1]} was altered`);
  expect(said).toContain('unreadable: the head of audit cannot be read');
});

it('[RE5] what people write stands nowhere in the data folder but in the words for search', async () => {
  await using server = await newServerProcess(undefined, { OPENAI_API_KEY: 'user_provided' });
  const account = await newAccount(server.url);
  await using tab = await new Tab(account).ready();
  const put = async (path: string, body: object): Promise<void> => {
    const reply = await fetch(server.url + path, { method: 'PUT', headers: { 'content-type': 'application/json', origin: server.url, cookie: account.cookie }, body: JSON.stringify(body) });
    expect(reply.status).toBe(200);
  };
  await put('/api/settings', { parameters: { instructions: 'canary-in-the-instructions' } });
  await put('/api/person', { name: 'canary-in-the-name' });
  await put('/api/keys/openai', { key: 'sk-canary-in-the-key-zq7x', expiresInDays: null });
  await tab.begin('canary-in-a-message, show me code', { parameters: { instructions: 'canary-in-the-parameters' } });
  await tab.until(() => tab.shown.length > 50);
  await tab.send('canary-in-the-queue');
  await server.kill();
  const holders = (words: string): string[] => [...filesIn(server.folder)].filter(([, bytes]) => bytes.includes(words)).map(([file]) => file);
  expect(holders('canary-in').filter((file) => !file.startsWith('search.db'))).toEqual([]);
  expect([holders('zq7x'), holders('small function')]).toEqual([[], []]);
});

it('[RE4] a database whose log was thrown away is not intact, whoever did it; nor is one that nobody has signed for where one key is trusted', async () => {
  await using server = await newServerProcess();
  const account = await newAccount(server.url);
  await using tab = await new Tab(account).ready();
  await tab.begin('Hello');
  await tab.until(() => tab.view?.conversation.titledBy === 'model');
  await server.signal('SIGTERM');
  const db = new DatabaseSync(join(server.folder, 'gorunchat.db'));
  const { body } = db.prepare("SELECT body FROM checkpoint WHERE id = 'latest'").get() as { body: string };
  const [key] = (JSON.parse(body) as { keys: string[] }).keys as [string];
  const verifiedWith = async (...more: string[]): Promise<{ code: number; said: string }> => {
    let said = '';
    return { code: await run(['verify', server.folder, ...more], (text) => (said += text)), said };
  };
  expect(await verifiedWith('--key', key)).toMatchObject({ code: 0 });
  for (const { name } of db.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'").all()) db.exec(`DROP TRIGGER "${String(name)}"`);
  const places = db.prepare('SELECT id, body FROM sealed').all() as { id: string; body: string }[];
  for (const table of ['sealed', 'tile', 'checkpoint']) db.exec(`DELETE FROM ${table}`);
  db.exec("DELETE FROM head WHERE id = 'log'");
  expect(await verifiedWith()).toEqual({ code: 1, said: expect.stringMatching(/^missing: \d+ records have no place in the log and wait for none\n/u) });
  const add = db.prepare("INSERT INTO pending (id, version, body) VALUES (?, 1, ?)");
  for (const { id, body: place } of places) add.run(id, place);
  expect(await verifiedWith()).toMatchObject({ code: 0 }); // as if it had just begun: without a key or a checkpoint nobody can tell
  expect(await verifiedWith('--key', key)).toEqual({ code: 1, said: expect.stringMatching(/^missing: there is no checkpoint that the key which is trusted has signed\n/u) });
  db.exec('DROP TABLE tile');
  expect(await verifiedWith()).toEqual({ code: 1, said: expect.stringMatching(/^missing: there is no log, in which each record would have its place\n/u) });
  db.close();
});

it.each([
  [[], 'there is no data of the product'],
  [['gorunchat.db'], 'not a database'],
  [['manifest.json', 'manifest.note'], 'the manifest does not hold'],
])('[RE4] an empty file of records makes nothing intact: with %j beside it, "%s" is said', async (beside, says) => {
  const folder = mkdtempSync(join(tmpdir(), 'planted-'));
  for (const name of ['record.ndjson', ...beside]) writeFileSync(join(folder, name), name === 'record.ndjson' ? '' : 'no such thing');
  const { code, said } = await verify(folder);
  expect([code > 0, said]).toEqual([true, expect.stringContaining(says)]);
});

it('[RE4] a command that is ended leaves nothing of what it checks', async () => {
  const beside = mkdtempSync(join(tmpdir(), 'beside-'));
  const program = `const { inFile } = await import(${JSON.stringify(join(import.meta.dirname, '../../server/journal/verify/copied.ts'))});
    await inFile((file) => import('node:fs').then(({ writeFileSync }) => writeFileSync(file, 'records')), (file) => { console.log(file); return new Promise(() => setInterval(() => undefined, 1_000)); });`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', program], { env: { ...NODE_ENVIRONMENT, TMPDIR: beside }, stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  expect(readdirSync(beside)).toHaveLength(1);
  child.kill('SIGINT');
  await once(child, 'close');
  expect([child.exitCode, readdirSync(beside)]).toEqual([2, []]);
});
