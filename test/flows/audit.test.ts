import { expect, it } from 'vitest';
import type { AuditEntry } from '../../contracts/records.ts';
import { newId } from '../../server/ids.ts';
import type { Store } from '../../server/store/store.ts';
import { faultyStore, once } from '../support/faults.ts';
import { follow } from '../support/following.ts';
import { records } from '../support/recording.ts';
import { ask, asked, give, openCase } from '../support/reviewer.ts';
import { newServer } from '../support/server.ts';
import { newSite } from '../support/site.ts';
import { newAccount, signIn, type Account } from '../support/tab.ts';

const get = (account: Account, path: string): Promise<Response> => fetch(account.url + path, { headers: { cookie: account.cookie } });
const read = async (account: Account, query = ''): Promise<{ entries: AuditEntry[]; before: number | null; upTo: number }> => (await (await get(account, `/api/audit${query}`)).json()) as { entries: AuditEntry[]; before: number | null; upTo: number };
const post = (account: Account, path: string): Promise<Response> => fetch(account.url + path, { method: 'POST', headers: { origin: account.url, cookie: account.cookie } });
const setRole = (account: Account, user: string, role: string): Promise<Response> => asked(account, 'setRole', { user }, { role });
const rename = (account: Account, name: string): Promise<Response> => asked(account, 'rename', {}, { name });

it('[RE8] an administrator reads the audit log, the latest first, by what, who and when; that it was read is in it, and nobody else may', async () => {
  await using server = await newServer();
  const admin = await newAccount(server.url, 'admin@example.org');
  const mara = await newAccount(server.url, 'mara@example.org');
  await rename(mara, 'Mara the Second');
  await fetch(`${server.url}/api/sign-in`, { method: 'POST', headers: { origin: server.url, 'content-type': 'application/json' }, body: '{"email":"mara@example.org","password":"wrong password"}' });
  const { entries, before } = await read(admin);
  expect([entries.map(({ type }) => type), before]).toEqual([['audit-read', 'sign-in-refused', 'person-renamed', 'signed-in', 'account-made', 'signed-in', 'account-made', 'signing-key-made'], null]);
  expect(entries[2]).toMatchObject({ actor: { user: mara.person.id, address: '127.0.0.1' }, said: { type: 'person-renamed', name: 'Mara the Second', from: mara.person.name } });
  expect(entries.filter(({ result }) => result !== 'done').map(({ type, result }) => [type, result])).toEqual([['sign-in-refused', 'refused']]);
  expect((await read(admin, `?user=${mara.person.id}`)).entries.map(({ type }) => type)).toEqual(['person-renamed', 'signed-in']);
  expect((await read(admin, '?types=account-made,signed-in')).entries.map(({ type }) => type)).toEqual(['signed-in', 'account-made', 'signed-in', 'account-made']);
  expect((await read(admin, `?to=${entries.at(-1)!.at - 1}`)).entries).toEqual([]);
  expect((await read(admin, `?before=${entries[2]!.number}`)).entries).toEqual(entries.slice(3));
  expect((await get(mara, '/api/audit')).status).toBe(403);
  expect((await get(mara, '/api/audit/export?format=csv')).status).toBe(403);
});

it('[RE8] what was set before stands beside what somebody has set instead', async () => {
  await using server = await newServer();
  const admin = await newAccount(server.url, 'admin@example.org');
  await ask(admin, 'settings', {}, { theme: 'dark' });
  await ask(admin, 'settings', {}, { theme: 'light' });
  const { entries } = await read(admin, '?types=settings-changed');
  expect(entries.map(({ said }) => said)).toMatchObject([{ change: { theme: 'light' }, before: { theme: 'dark' } }, { change: { theme: 'dark' } }]);
});

it('the audit log is taken away as a table that no spreadsheet runs, or as lines', async () => {
  await using server = await newServer();
  const admin = await newAccount(server.url, 'admin@example.org');
  const agent = '=HYPERLINK("https://evil.example","x")';
  await fetch(`${server.url}/api/sign-in`, { method: 'POST', headers: { origin: server.url, 'content-type': 'application/json', 'user-agent': agent }, body: '{"email":"admin@example.org","password":"wrong password"}' });
  for (let times = 0; times < 3; times++) await signIn(server.url, 'admin@example.org');
  const csv = await (await get(admin, '/api/audit/export?format=csv')).text();
  const [head, ...rows] = csv.trimEnd().split('\r\n');
  expect([head, rows.length]).toEqual(['number,time,type,result,user,address,agent,says', 8]);
  expect(rows.find((row) => row.includes('sign-in-refused'))).toContain('"\'=HYPERLINK(""https://evil.example"",""x"")"');
  const lines = (await (await get(admin, '/api/audit/export?format=ndjson&types=signed-in')).text()).trimEnd().split('\n').map((line) => JSON.parse(line) as AuditEntry);
  expect(lines.map(({ type }) => type)).toEqual(['signed-in', 'signed-in', 'signed-in', 'signed-in']);
});

it('[RE29] that a list of people, cases, accesses, exports, certificates or blocked visitors was shown is on record, with what it was of; how far an export is writes nothing', async () => {
  await using server = await newServer();
  const admin = await newAccount(server.url, 'admin@example.org');
  const reviewer = await newAccount(server.url, 'reviewer@example.org');
  await give(admin, reviewer, 'reviewer');
  const { id } = await openCase(reviewer);
  const site = await newSite(admin);
  await ask(admin, 'people');
  await ask(admin, 'retention');
  await ask(admin, 'blockedVisitors', { site: site.id });
  await ask(reviewer, 'cases');
  await ask(reviewer, 'accesses', { case: id });
  await ask(reviewer, 'exports', { case: id });
  await expect(ask(reviewer, 'exportProgress', { export: newId() })).rejects.toThrow('not-found');
  const { entries } = await read(admin, '?types=list-read');
  const [of, by] = [{ type: 'list-read', v: 1 }, [admin, reviewer].map(({ person }) => person.id)];
  expect(entries.map(({ said }) => said).toReversed()).toEqual([
    { ...of, list: 'people' }, { ...of, list: 'retention' }, { ...of, list: 'blocked', site: site.id }, { ...of, list: 'cases' }, { ...of, list: 'accesses', case: id }, { ...of, list: 'exports', case: id },
  ]);
  expect(entries.map(({ actor }) => actor?.user).toReversed()).toEqual([by[0], by[0], by[0], by[1], by[1], by[1]]);
});

it('the product ends though a reply is still on its way', async () => {
  const { promise: never, resolve } = Promise.withResolvers<void>();
  let isHeld = false;
  const isReading = (query: { kind: string; order?: 'up' | 'down' }): boolean => isHeld && query.kind === 'record' && query.order === 'down'; // nothing that goes on beside it reads so, and a stop waits for that
  const held = (store: Store): Store => new Proxy(store, {
    get: (target, name) => (...given: unknown[]) => (name === 'find' && isReading(given[0] as never) ? never.then(() => ({ items: [], cursor: null })) : (target[name as 'find'] as (...given: unknown[]) => unknown).apply(target, given)),
  });
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

it('who follows the audit log hears each entry once and in order, that it is followed included, and goes on after what was heard last when the connection was lost', async () => {
  await using server = await newServer();
  const admin = await newAccount(server.url, 'admin@example.org');
  const { upTo } = await read(admin);
  const first = await follow(admin, `after=${upTo}`);
  expect([first.reply.status, first.reply.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
  const all = [await first.next()];
  expect(all[0]).toMatchObject({ type: 'audit-read', said: { query: { after: String(upTo), follow: 'true' } } });
  const mara = await newAccount(server.url, 'mara@example.org');
  all.push(await first.next());
  first.leave(); // before it has heard that she was signed in, too
  await rename(mara, 'Mara the Second');
  const second = await follow(admin, `after=${upTo}`, all.at(-1)!.number);
  for (const _ of [1, 2, 3]) all.push(await second.next());
  await rename(mara, 'Mara the Third');
  all.push(await second.next());
  second.leave();
  expect(all.map((entry) => entry?.type)).toEqual(['audit-read', 'account-made', 'signed-in', 'person-renamed', 'audit-read', 'person-renamed']);
  expect(all).toEqual((await read(admin)).entries.slice(1, 7).toReversed());
});

it('who follows the audit log by what and who hears nothing else', async () => {
  await using server = await newServer();
  const admin = await newAccount(server.url, 'admin@example.org');
  const mara = await newAccount(server.url, 'mara@example.org');
  const { upTo } = await read(admin);
  const renames = await follow(admin, `after=${upTo}&types=person-renamed,role-changed&user=${mara.person.id}`);
  await rename(admin, 'Somebody else');
  await rename(mara, 'Mara the Second');
  expect(await renames.next()).toMatchObject({ type: 'person-renamed', said: { name: 'Mara the Second' } });
  renames.leave();
});

it('nobody but an administrator follows the audit log, and nobody unless that is on record', async () => {
  let isRefused = false;
  const refuses = once('refuse', records('audit-read'));
  await using server = await newServer({ wrap: (store) => faultyStore(store, (changes, fence) => (isRefused ? refuses(changes, fence) : undefined)) });
  const admin = await newAccount(server.url, 'admin@example.org');
  const mara = await newAccount(server.url, 'mara@example.org');
  const answer = async (account: Account, path = '/api/audit/follow?after=0') => {
    const reply = await get(account, path);
    return [reply.status, await reply.json()];
  };
  expect(await answer(mara)).toEqual([403, { refusal: { code: 'not-permitted' } }]);
  expect(await answer({ ...mara, cookie: '' })).toEqual([401, { refusal: { code: 'session-ended' } }]);
  expect(await answer(admin, '/api/audit/follow')).toEqual([400, { refusal: { code: 'invalid-command' } }]);
  isRefused = true;
  expect(await answer(admin)).toEqual([503, { refusal: { code: 'record-unavailable' } }]);
  expect((await read(admin)).entries.filter(({ type }) => type === 'audit-read')).toHaveLength(1);
});

it('following the audit log ends with the sign-in, and with the role before anything more is shown', async () => {
  await using server = await newServer();
  const admin = await newAccount(server.url, 'admin@example.org');
  const mara = await newAccount(server.url, 'mara@example.org');
  expect((await setRole(admin, mara.person.id, 'admin')).status).toBe(200);
  const signedInAgain = await signIn(server.url, 'admin@example.org');
  const { upTo } = await read(mara);
  const [hers, his] = [await follow(mara, `after=${upTo}`), await follow(signedInAgain, `after=${upTo}&types=audit-read`)];
  for (const one of [hers, hers, his, his]) expect(await one.next()).toMatchObject({ type: 'audit-read' });
  await post(signedInAgain, '/api/sign-out');
  expect(await his.next()).toBeUndefined();
  expect(await hers.next()).toMatchObject({ type: 'signed-out' });
  expect((await setRole(admin, mara.person.id, 'member')).status).toBe(200);
  expect(await hers.next()).toBeUndefined();
  expect((await read(admin, '?types=role-changed')).entries.map(({ said }) => said)).toMatchObject([{ from: 'admin', role: 'member' }, { from: 'member', role: 'admin' }]);
});

it('whoever follows the audit log does not hold up a server that leaves', async () => {
  await using server = await newServer();
  const admin = await newAccount(server.url, 'admin@example.org');
  const { upTo } = await read(admin);
  const following = await follow(admin, `after=${upTo}`);
  const own = await following.next();
  await Promise.all([server.restart(), expect(following.next()).resolves.toBeUndefined()]);
  const again = await follow(admin, `after=${upTo}`, own!.number);
  expect(await again.next()).toMatchObject({ type: 'audit-read', number: own!.number + 1 });
  again.leave();
});
