import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from '../../server/config.ts';
import { openCosigner } from '../../server/journal/cosigner.ts';
import { openSigner } from '../../server/journal/signed-note.ts';
import { NODE_ENVIRONMENT } from '../support/process.ts';
import { newServer } from '../support/server.ts';
import { newAccount } from '../support/tab.ts';

const MAIN = join(import.meta.dirname, '../../server/main.ts');

it('a wrong file ends the server with code 1 and every problem in a sentence, without a stack trace', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gorunchat-config-'));
  writeFileSync(join(folder, 'gorunchat.yaml'), 'port: eighty\nproviders:\n  openai: { key: "${NOWHERE}" }\n  local: { kind: openai-compatible }\n');
  const child = spawn(process.execPath, [MAIN], { cwd: folder, env: { ...NODE_ENVIRONMENT, GORUNCHAT_DATA: folder }, stdio: ['ignore', 'pipe', 'pipe'] });
  const [said, problems, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  rmSync(folder, { recursive: true, force: true });
  expect({ code: code as number, said }).toEqual({ code: 1, said: '' });
  expect(problems.split('\n')).toEqual([
    'The configuration is not right:',
    '  gorunchat.yaml:1 port: must be a whole number',
    '  gorunchat.yaml:3 providers.openai.key: names the environment variable NOWHERE, which is not set',
    '  gorunchat.yaml:4 providers.local.baseUrl: is needed: the address of the server, such as http://localhost:11434/v1',
    '',
  ]);
});

describe('how long an instance that leaves waits for its turns', () => {
  const several = { MONGODB_URI: 'mongodb://db/chat', REDIS_URL: 'redis://bus', GORUNCHAT_MASTER_KEY: '0'.repeat(64) };
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'gorunchat-config-'))));
  afterEach(() => rmSync(folder, { recursive: true }));
  const read = (environment: Record<string, string>, yaml?: string) => {
    if (yaml !== undefined) writeFileSync(join(folder, 'gorunchat.yaml'), yaml);
    return readConfig(environment, folder);
  };

  it('is 25 seconds, or what the file says, or what the environment says; alone it does not wait', () => {
    expect(read(several).handOverMs).toBe(25_000);
    expect(read(several, 'handOverSeconds: 300\n').handOverMs).toBe(300_000);
    expect(read({ ...several, HAND_OVER_SECONDS: '5' }, 'handOverSeconds: 300\n').handOverMs).toBe(5_000);
    expect(read({ ...several, HAND_OVER_SECONDS: '0' }).handOverMs).toBe(0);
    expect(read({ HAND_OVER_SECONDS: '5' }).handOverMs).toBe(0);
  });

  it.each(['-1', '3601', '2.5', 'long', 'true', '10s'])('and %s is told to be none', (value) => {
    expect(() => read({ ...several, HAND_OVER_SECONDS: value })).toThrow(/^HAND_OVER_SECONDS: must be 0 to 3600 seconds, a whole number$/u);
    expect(() => read(several, `handOverSeconds: ${value}\n`)).toThrow(/^gorunchat\.yaml:1 handOverSeconds: must be 0 to 3600 seconds, a whole number$/u);
  });
});

describe('witnesses in the file', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'gorunchat-config-'))));
  afterEach(() => rmSync(folder, { recursive: true }));
  const read = (yaml: string) => {
    writeFileSync(join(folder, 'gorunchat.yaml'), yaml);
    return readConfig({}, folder);
  };
  const log = openSigner(Buffer.alloc(32, 1));
  const witness = openCosigner(Buffer.alloc(32, 2), 'w.example.org/1');

  it('are who cosigns here, and what is cosigned for others', () => {
    expect(read(`witnesses: [{ url: "https://w.example.org/api/witness", key: "${witness.verifierKey}" }]\nwitness: { name: me.example.org/1, logs: [{ origin: "${log.origin}", keys: ["${log.verifierKey}"] }] }\n`)).toMatchObject({
      witnesses: [{ url: 'https://w.example.org/api/witness', key: witness.verifierKey }], witness: { name: 'me.example.org/1', logs: [{ origin: log.origin, keys: [log.verifierKey] }] },
    });
  });

  it.each([
    [`witnesses: [{ url: "ftp://w", key: "${witness.verifierKey}" }]`, 'witnesses.0.url: must be an address such as https://witness.example.org/api/witness'],
    [`witnesses: [{ url: "https://w", key: "${log.verifierKey}" }]`, 'witnesses.0.key: must be a public key of a witness, such as witness.example.org/w1+0123abcd+BA…'],
    [`witness: { name: me, logs: [{ origin: "${log.origin}", keys: ["${witness.verifierKey}"] }] }`, 'witness.logs.0.keys.0: must be a public key of a log, as Records shows it'],
    ['witness: { name: "a b", logs: [] }', 'witness.logs: must have at least one log'],
    ['witness: { name: "a+b", logs: [] }', 'witness.name: must be a name such as witness.example.org/w1, without spaces and plus signs'],
  ])('are told to be none: %s', (yaml, problem) => {
    expect(() => read(`${yaml}\n`)).toThrow(problem);
  });
});

it('[PE4] of those who sign up as the first at the same moment one is an administrator, and all have an account', async () => {
  await using server = await newServer();
  const people = await Promise.all(['mara', 'jens', 'elin', 'otto'].map((name) => newAccount(server.url, `${name}@example.org`)));
  expect(people.map(({ person }) => person.role).toSorted()).toEqual(['admin', 'member', 'member', 'member']);
});

it('[PE4] beyond this machine the first account needs the printed code, and is an admin', async () => {
  const { registration } = readConfig({ HOST: '0.0.0.0' }, tmpdir());
  await using server = await newServer({ config: { registration } });
  const register = async (email: string, code?: string): Promise<{ status: number; body: unknown }> => {
    const reply = await fetch(`${server.url}/api/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: server.url },
      body: JSON.stringify({ email, password: 'correct horse', name: 'Mara', ...(code !== undefined && { code }) }),
    });
    return { status: reply.status, body: await reply.json() };
  };
  for (const wrong of [undefined, '', 'AAAAAAAA']) expect(await register('mara@example.org', wrong)).toMatchObject({ status: 403, body: { refusal: { code: 'code-needed' } } });
  expect(await register('mara@example.org', registration.firstCode)).toMatchObject({ status: 200, body: { person: { role: 'admin' } } });
  expect(await register('jo@example.org')).toMatchObject({ status: 200, body: { person: { role: 'member' } } });
});
