import { expect, it } from 'vitest';
import type { AuditEntry } from '../../contracts/records.ts';
import type { Store } from '../../server/store/store.ts';
import { newServer } from '../support/server.ts';
import { newAccount, signIn, type Account } from '../support/tab.ts';

const get = (account: Account, path: string): Promise<Response> => fetch(account.url + path, { headers: { cookie: account.cookie } });
const read = async (account: Account, query = ''): Promise<{ entries: AuditEntry[]; before: number | null }> => (await (await get(account, `/api/audit${query}`)).json()) as { entries: AuditEntry[]; before: number | null };
const rename = (account: Account, name: string): Promise<Response> => fetch(`${account.url}/api/person`, { method: 'PUT', headers: { origin: account.url, cookie: account.cookie, 'content-type': 'application/json' }, body: JSON.stringify({ name }) });

it('[RE8] an administrator reads the audit log, the latest first, by what, who and when; that it was read is in it, and nobody else may', async () => {
  await using server = await newServer();
  const admin = await newAccount(server.url, 'admin@example.org');
  const mara = await newAccount(server.url, 'mara@example.org');
  await rename(mara, 'Mara the Second');
  await fetch(`${server.url}/api/sign-in`, { method: 'POST', headers: { origin: server.url, 'content-type': 'application/json' }, body: '{"email":"mara@example.org","password":"wrong password"}' });
  const { entries, before } = await read(admin);
  expect([entries.map(({ type }) => type), before]).toEqual([['audit-read', 'sign-in-refused', 'person-renamed', 'signed-in', 'account-made', 'signed-in', 'account-made', 'signing-key-made'], null]);
  expect(entries[2]).toMatchObject({ actor: { user: mara.person.id, address: '127.0.0.1' }, said: { type: 'person-renamed', name: 'Mara the Second' } });
  expect((await read(admin, `?user=${mara.person.id}`)).entries.map(({ type }) => type)).toEqual(['person-renamed', 'signed-in']);
  expect((await read(admin, '?types=account-made,signed-in')).entries.map(({ type }) => type)).toEqual(['signed-in', 'account-made', 'signed-in', 'account-made']);
  expect((await read(admin, `?to=${entries.at(-1)!.at - 1}`)).entries).toEqual([]);
  expect((await read(admin, `?before=${entries[2]!.number}`)).entries).toEqual(entries.slice(3));
  expect((await get(mara, '/api/audit')).status).toBe(403);
  expect((await get(mara, '/api/audit/export?format=csv')).status).toBe(403);
});

it('the audit log is taken away as a table that no spreadsheet runs, or as lines', async () => {
  await using server = await newServer();
  const admin = await newAccount(server.url, 'admin@example.org');
  const agent = '=HYPERLINK("https://evil.example","x")';
  await fetch(`${server.url}/api/sign-in`, { method: 'POST', headers: { origin: server.url, 'content-type': 'application/json', 'user-agent': agent }, body: '{"email":"admin@example.org","password":"wrong password"}' });
  for (let times = 0; times < 3; times++) await signIn(server.url, 'admin@example.org');
  const csv = await (await get(admin, '/api/audit/export?format=csv')).text();
  const [head, ...rows] = csv.trimEnd().split('\r\n');
  expect([head, rows.length]).toEqual(['number,time,type,user,address,agent,says', 8]);
  expect(rows.find((row) => row.includes('sign-in-refused'))).toContain('"\'=HYPERLINK(""https://evil.example"",""x"")"');
  const lines = (await (await get(admin, '/api/audit/export?format=ndjson&types=signed-in')).text()).trimEnd().split('\n').map((line) => JSON.parse(line) as AuditEntry);
  expect(lines.map(({ type }) => type)).toEqual(['signed-in', 'signed-in', 'signed-in', 'signed-in']);
});

it('the product ends though a reply is still on its way', async () => {
  const { promise: never, resolve } = Promise.withResolvers<void>();
  let isHeld = false;
  const held = (store: Store): Store => new Proxy(store, { get: (target, name) => (name === 'find' && isHeld ? () => never.then(() => ({ items: [], cursor: null })) : (target[name as 'find'] as (...given: unknown[]) => unknown).bind(target)) });
  await using server = await newServer({ wrap: held });
  const admin = await newAccount(server.url, 'admin@example.org');
  isHeld = true;
  const reply = await get(admin, '/api/audit/export?format=csv');
  expect(reply.status).toBe(200);
  const ended = server.restart().finally(resolve);
  isHeld = false;
  await ended;
  expect((await get(admin, '/api/audit')).status).toBe(200);
});
