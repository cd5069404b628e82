import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { deployment } from '../load/deployment.ts';
import { ONLY_HERE, THERE } from '../load/scenarios.ts';
import { newServer } from '../support/server.ts';
import { newAccount } from '../support/tab.ts';

it('a load run against a deployment measures what its people have, and leaves no conversation behind', async () => {
  await using server = await newServer();
  const account = await newAccount(server.url);
  const said: string[] = [];
  const given = { urls: [server.url], email: account.person.email, password: 'correct horse', model: 'demo/demo', streams: 2, tabs: 2, crowd: 5 };
  const { rows } = await deployment(given, { isQuick: true, repeats: 1, say: (text) => void said.push(text) });
  const figures = new Map(rows.map(({ what, ours }) => [what, ours.median]));
  expect(figures.get('characters delivered')).toBeGreaterThan(0);
  expect(figures.get('first text, median')).toBeGreaterThan(0);
  expect(rows.filter(({ ours }) => !Number.isFinite(ours.median))).toEqual([]);
  expect(said.at(-1)).toMatch(/^round 1\/1/u);
  const left = await fetch(`${server.url}/api/conversations`, { headers: { cookie: account.cookie } });
  expect(await left.json()).toMatchObject({ rows: [] });
});

it('a load run whose model is not there ends with what the deployment says', async () => {
  await using server = await newServer();
  const account = await newAccount(server.url);
  const given = { urls: [server.url], email: account.person.email, password: 'correct horse', model: 'demo/missing', streams: 1, tabs: 1, crowd: 5 };
  await expect(deployment(given, { isQuick: true, repeats: 1, say: () => undefined })).rejects.toThrow('a message was refused');
});

it.each(Object.entries(THERE).filter(([name]) => name !== 'first-token'))('%s goes against a deployment as well, beside its comparator, and leaves no conversation behind', async (_name, scenario) => {
  await using server = await newServer();
  const account = await newAccount(server.url);
  const given = { urls: [server.url], email: account.person.email, password: 'correct horse', model: 'demo/demo', streams: 1, tabs: 1, crowd: 5 };
  const { rows } = await scenario(given, { isQuick: true, repeats: 1, say: () => undefined });
  expect(rows.filter(({ theirs }) => theirs !== undefined)).not.toEqual([]);
  expect(rows.filter(({ ours, theirs }) => !Number.isFinite(ours.median) || (theirs && !Number.isFinite(theirs.median)))).toEqual([]);
  const left = await fetch(`${server.url}/api/conversations`, { headers: { cookie: account.cookie } });
  expect(await left.json()).toMatchObject({ rows: [] });
});

it('the help says of every scenario that cannot go against a deployment why', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, '../load/load.ts'), '--help']);
  const lines = stdout.split('\n').map((line) => line.trim().split(/ {2,}/u).join(' '));
  expect(lines).toEqual(expect.arrayContaining(Object.entries(ONLY_HERE).map(([name, why]) => `${name} ${why}`)));
});
