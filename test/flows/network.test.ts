import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AUDIT_CHAIN } from '../../contracts/records.ts';
import type { Person } from '../../contracts/routes.ts';
import { contentOf } from '../../server/journal/journal.ts';
import { masterKey, openKeys } from '../../server/journal/keys.ts';
import type { Store } from '../../server/store/store.ts';
import { newProxy } from '../support/proxy.ts';
import { newServer, type ServerOptions, type TestServer } from '../support/server.ts';
import { Tab, type Account } from '../support/tab.ts';

/** An address of this machine as others see it; where it has none, one that is at least not the usual name of loopback. */
const LAN = Object.values(networkInterfaces()).flat().find((one) => one !== undefined && one.family === 'IPv4' && !one.internal)?.address ?? '127.0.0.2';
const PUBLIC = 'https://chat.example.org';

function post(url: string, path: string, body: object, headers: Record<string, string>): Promise<Response> {
  return fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });
}

async function register(url: string, origin: string, headers: Record<string, string> = {}): Promise<{ account: Account; cookie: string }> {
  const reply = await post(url, '/api/register', { email: 'mara@example.org', password: 'correct horse', name: 'Mara' }, { origin, ...headers });
  expect(reply.status).toBe(200);
  const [cookie = ''] = reply.headers.getSetCookie();
  return { cookie, account: { url, cookie: cookie.split(';')[0] ?? '', person: ((await reply.json()) as { person: Person }).person } };
}

async function isRefused(url: string, origin: string, account: Account): Promise<boolean> {
  const reply = await fetch(`${url}/api/person`, { method: 'PUT', headers: { 'content-type': 'application/json', origin, cookie: account.cookie }, body: '{"name":"Taken over"}' });
  return reply.status === 403 && ((await reply.json()) as { refusal: { code: string } }).refusal.code === 'foreign-origin';
}

async function hasNoSocket(account: Account, origin: string): Promise<boolean> {
  await using tab = new Tab(account, account.url, origin);
  const refused = await new Promise<boolean>((resolve) => {
    tab.socket.once('connect_error', () => resolve(true));
    tab.socket.once('connect', () => resolve(false));
  });
  return refused;
}

/** A server whose records a test can read. */
async function newReadable(options: ServerOptions): Promise<TestServer & { addressesIn(chain: string): Promise<string[]> }> {
  const held: { store?: Store } = {};
  const server = await newServer({ ...options, wrap: (store) => (held.store = store) });
  const addressesIn = async (chain: string): Promise<string[]> => {
    const store = held.store as Store;
    const keys = openKeys(store, masterKey(join(server.folder, 'master.key'), undefined));
    const { items } = await store.find({ kind: 'record', index: 'byChain', where: [chain], limit: 100 });
    const contents = await Promise.all(items.map(async ({ body }) => contentOf(body, (await keys.of(body.key))!)));
    const ofItself = 'signing-key-made';
    return contents.filter(({ actor, said }) => (actor.user !== null || chain === AUDIT_CHAIN) && said.type !== ofItself).map(({ actor }) => actor.address);
  };
  return Object.assign(server, { addressesIn });
}

describe(`over plain http at an address of the network (${LAN})`, () => {
  it('people sign in and talk; the cookie comes back without https, and is for nobody\'s script', async () => {
    await using server = await newServer({ config: { host: '0.0.0.0' } });
    const url = `http://${LAN}:${new URL(server.url).port}`;
    const { account, cookie } = await register(url, url);
    expect(cookie).toMatch(/; HttpOnly/u);
    expect(cookie).toMatch(/; SameSite=Lax/u);
    expect(cookie).not.toMatch(/; Secure/u);
    const headers = (await fetch(url)).headers;
    expect([headers.get('strict-transport-security'), headers.get('content-security-policy')]).toEqual([null, expect.not.stringContaining('upgrade-insecure-requests')]);
    expect(await (await fetch(`${url}/api/welcome`, { headers: { cookie: account.cookie } })).json()).toMatchObject({ person: { name: 'Mara' } });
    await using tab = await new Tab(account).ready();
    await tab.begin('Hello');
    await tab.until(() => tab.view?.turn === null);
  });

  it('[PE2] pages of any other origin get nothing through, this server under another name included', async () => {
    await using server = await newServer({ config: { host: '0.0.0.0' } });
    const { port } = new URL(server.url);
    const url = `http://${LAN}:${port}`;
    const { account } = await register(url, url);
    for (const origin of [`http://127.0.0.1:${port}`, `https://${LAN}:${port}`, `http://${LAN}`, 'http://evil.example', 'null']) {
      expect([origin, await isRefused(url, origin, account), await hasNoSocket(account, origin)]).toEqual([origin, true, true]);
    }
    expect(await hasNoSocket(account, url)).toBe(false);
  });
});

describe.each([['loopback'], ['127.0.0.1, 10.0.0.0/8']])('behind a proxy that ends https and is trusted as %s', (trustProxy) => {
  it('people sign in and talk under the public name, with a cookie that is for https alone', async () => {
    await using server = await newServer({ config: { trustProxy } });
    await using proxy = await newProxy(server.url, 'chat.example.org');
    const { account, cookie } = await register(proxy.url, PUBLIC);
    expect(cookie).toMatch(/; Secure/u);
    await using tab = await new Tab(account, proxy.url, PUBLIC).ready();
    await tab.begin('Hello');
    await tab.until(() => tab.view?.turn === null);
  });

  it('[PE2] the public origin is the only one, for requests and for sockets', async () => {
    await using server = await newServer({ config: { trustProxy } });
    await using proxy = await newProxy(server.url, 'chat.example.org');
    const { account } = await register(proxy.url, PUBLIC);
    for (const origin of ['https://evil.example', 'http://chat.example.org', 'https://chat.example.org:8443', proxy.url, server.url]) {
      expect([origin, await isRefused(proxy.url, origin, account), await hasNoSocket(account, origin)]).toEqual([origin, true, true]);
    }
    expect(await hasNoSocket(account, PUBLIC)).toBe(false);
  });

  it('records name the visitor\'s address, of requests and of sockets, and nobody can choose it', async () => {
    await using server = await newReadable({ config: { trustProxy } });
    await using proxy = await newProxy(server.url, 'chat.example.org');
    const { account } = await register(proxy.url, PUBLIC, { 'x-forwarded-for': '198.51.100.66' });
    proxy.visitor = '203.0.113.8';
    await using tab = await new Tab(account, proxy.url, PUBLIC).ready();
    const conversation = await tab.begin('Hello');
    await tab.until(() => tab.view?.turn === null);
    expect(new Set(await server.addressesIn(AUDIT_CHAIN))).toEqual(new Set(['203.0.113.7']));
    expect(new Set(await server.addressesIn(conversation))).toEqual(new Set(['203.0.113.8']));
  });

  it('one visitor\'s many attempts keep no other one out', async () => {
    await using server = await newServer({ config: { trustProxy } });
    await using proxy = await newProxy(server.url, 'chat.example.org');
    const attempt = async (): Promise<number> => (await post(proxy.url, '/api/sign-in', { email: 'a@b.example', password: 'wrong password' }, { origin: PUBLIC })).status;
    const statuses = await Promise.all(Array.from({ length: 25 }, attempt));
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    expect(await attempt()).toBe(429);
    proxy.visitor = '203.0.113.9';
    expect(await attempt()).toBe(401);
  });
});

it('what a visitor says of itself is ignored where no proxy is trusted', async () => {
  await using server = await newReadable({});
  const forwarded = { 'x-forwarded-for': '203.0.113.7', 'x-forwarded-host': 'chat.example.org', 'x-forwarded-proto': 'https' };
  const refused = await post(server.url, '/api/register', { email: 'mara@example.org', password: 'correct horse', name: 'Mara' }, { origin: PUBLIC, ...forwarded });
  expect(await refused.json()).toEqual({ refusal: { code: 'foreign-origin' } });
  const { account, cookie } = await register(server.url, server.url, forwarded);
  expect(cookie).not.toMatch(/; Secure/u);
  await using proxy = await newProxy(server.url, 'chat.example.org');
  expect(await hasNoSocket({ ...account, url: proxy.url }, PUBLIC)).toBe(true);
  await using tab = new Tab(account);
  tab.socket.io.opts.extraHeaders = { cookie: account.cookie, origin: server.url, ...forwarded };
  await tab.ready();
  const conversation = await tab.begin('Hello');
  expect(new Set([...await server.addressesIn(AUDIT_CHAIN), ...await server.addressesIn(conversation)])).toEqual(new Set(['127.0.0.1']));
});
