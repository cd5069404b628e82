import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { run } from '../../server/cli.ts';
import { faultyStore, type FaultPlan } from '../support/faults.ts';
import { records } from '../support/recording.ts';
import { newServer } from '../support/server.ts';
import { newAccount } from '../support/tab.ts';

let backups: string;
beforeEach(() => void (backups = mkdtempSync(join(tmpdir(), 'gorunchat-backups-'))));
afterEach(() => rmSync(backups, { recursive: true, force: true }));

const partsIn = (): string[] => ['content', 'keys'].flatMap((part) => (existsSync(join(backups, part)) ? readdirSync(join(backups, part)) : []));

async function backUp(folder: string): Promise<{ code: number; said: string }> {
  let said = '';
  const code = await run(['backup', backups], (text) => (said += text), { GORUNCHAT_DATA: folder });
  return { code, said };
}

async function newWorld() {
  const plan: { current: FaultPlan } = { current: () => undefined };
  const server = await newServer({ wrap: (store) => faultyStore(store, (changes, fence) => plan.current(changes, fence)) });
  await newAccount(server.url);
  return { server, plan, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

it('[RE32] what runs on the folder writes the record; when its store refuses that, nothing is copied', async () => {
  await using world = await newWorld();
  const { server, plan } = world;
  plan.current = (changes) => (records('backup-begun')(changes) ? 'refuse' : undefined);
  expect(await backUp(server.folder)).toEqual({ code: 1, said: 'No backup was made: it could not be put on record, and nothing is copied without that: The record could not be written, so nothing was done.\n' });
  expect(partsIn()).toEqual([]);
  plan.current = () => undefined;
  expect(await backUp(server.folder)).toMatchObject({ code: 0 });
  expect(partsIn()).toHaveLength(2);
});

it('[RE32] nothing is copied where somebody has the folder who does not answer, and where there is no data', async () => {
  const world = await newWorld();
  await using server = world.server;
  await server.restart();
  const socket = join(server.folder, 'local.sock');
  rmSync(socket); // as where its name was too long
  expect(await backUp(server.folder)).toEqual({ code: 1, said: expect.stringContaining(`nothing is copied without that: The data folder ${server.folder} is in use by another process`) });
  const empty = join(backups, 'empty');
  expect(await backUp(empty)).toEqual({ code: 1, said: expect.stringContaining(`There is no data in ${empty}.`) });
  expect([partsIn(), existsSync(empty)]).toEqual([[], false]);
});

it('[RE32] only the owner of the folder can ask, one question in the form that it has; anything else is refused and leaves no record', async () => {
  await using world = await newWorld();
  const { server } = world;
  const path = join(server.folder, 'local.sock');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const say = async (text: string): Promise<string> => {
    const socket = connect(path);
    await once(socket, 'connect');
    let heard = '';
    socket.on('data', (bytes) => (heard += bytes.toString()));
    socket.end(text);
    await once(socket, 'close');
    return heard;
  };
  const refused = `${JSON.stringify({ ok: false, says: 'This could not be understood, so nothing was done.' })}\n`;
  const begun = { by: 'root', name: '20261130T034500Z', place: '/mnt' };
  for (const wrong of ['', '\n', 'hello\n', '{}\n', '{"ask":"everything"}\n', `${JSON.stringify({ ask: 'record-backup', begun: { ...begun, more: true } })}\n`, `${JSON.stringify({ ask: 'record-backup', begun: { ...begun, by: 'x'.repeat(301) } })}\n`, 'x'.repeat(100_000)]) expect(await say(wrong)).toBe(refused);
  expect(await say(`${JSON.stringify({ ask: 'record-backup', begun })}\n`)).toBe('{"ok":true,"says":""}\n');
});
