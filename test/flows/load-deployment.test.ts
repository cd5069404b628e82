import { expect, it } from 'vitest';
import { deployment } from '../load/deployment.ts';
import { newServer } from '../support/server.ts';
import { newAccount } from '../support/tab.ts';

it('a load run against a deployment measures what its people have, and leaves no conversation behind', async () => {
  await using server = await newServer();
  const account = await newAccount(server.url);
  const said: string[] = [];
  const given = { urls: [server.url], email: account.person.email, password: 'correct horse', model: 'demo/demo', streams: 2, tabs: 2 };
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
  const given = { urls: [server.url], email: account.person.email, password: 'correct horse', model: 'demo/missing', streams: 1, tabs: 1 };
  await expect(deployment(given, { isQuick: true, repeats: 1, say: () => undefined })).rejects.toThrow('a message was refused');
});
