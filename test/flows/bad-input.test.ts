import type { FastifyInstance } from 'fastify';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Command, type Answer } from '../../contracts/commands.ts';
import type { CommandId, ConversationId, FileId, MessageId, TurnId } from '../../contracts/ids.ts';
import { ROUTES, type Route, type RouteName } from '../../contracts/routes.ts';
import { newId } from '../../server/ids.ts';
import { newSite, SITE } from '../support/site.ts';
import { newServer, type TestServer } from '../support/server.ts';
import { DEMO, newAccount, Tab, type Account } from '../support/tab.ts';
import { PIXEL } from '../support/pixel.ts';
import { codeOf } from '../support/refusal.ts';

const BECAUSE = { case: newId(), reason: 'x' };
const OF_PERSON = { type: 'person', id: newId() };
/** What fits the shape of a route, where that is more than nothing. */
const BODIES: Partial<Record<RouteName, object>> = {
  setKey: { key: 'x', expiresInDays: null }, rename: { name: 'x' }, changePassword: { current: 'x', password: 'another horse' }, seeSecurity: { upTo: 0 }, makeSite: SITE, blockVisitor: { isBlocked: true }, setRole: { role: 'member' },
  openCase: { name: 'x', reason: 'x' }, closeCase: { reason: 'x' }, releaseHold: { reason: 'x' }, placeHold: { scope: { of: OF_PERSON, from: null, to: null }, reason: 'x' },
  names: BECAUSE, find: { ...BECAUSE, of: [OF_PERSON], from: null, to: null, models: [], words: '' }, readForCase: { ...BECAUSE, conversation: newId(), at: null },
  orderExport: { ...BECAUSE, scope: { type: 'chosen', conversations: [newId()] }, forms: [], recipient: null },
  approveExport: { reason: 'x' }, refuseExport: { reason: 'x' }, cancelExport: { reason: 'x' }, downloadExport: { reason: 'x' },
  askAccess: { ...BECAUSE, hours: 1 }, grantAccess: { reason: 'x' }, refuseAccess: { reason: 'x' }, withdrawAccess: { reason: 'x' },
};
/** What a proof is asked for with. */
const OF_LOG: Partial<Record<RouteName, string>> = { logInclusion: '?chain=audit&number=1', logConsistency: '?from=0', auditExport: '?format=csv', auditFollow: '?after=0' };

/** Every route that the running server's own router holds. */
const mounted: { readonly method: string; readonly path: string }[] = [];
const noteRoutes = (message: unknown): void =>
  void (message as { fastify: FastifyInstance }).fastify.addHook('onRoute', ({ method, url }) => void mounted.push(...[method].flat().map((each) => ({ method: each, path: url }))));

let server: TestServer;
let mara: Account;
let jens: Account;
let hers: Tab;
let his: Tab;
let conversation: ConversationId;
let fileOfMara: FileId;

beforeAll(async () => {
  subscribe('fastify.initialization', noteRoutes);
  server = await newServer();
  unsubscribe('fastify.initialization', noteRoutes);
  mara = await newAccount(server.url);
  jens = await newAccount(server.url);
  hers = await new Tab(mara).ready();
  his = await new Tab(jens).ready();
  conversation = await hers.begin('Between us');
  await hers.until(() => hers.view?.conversation.titledBy === 'model');
  fileOfMara = newId<FileId>();
  const uploaded = await upload(mara, PIXEL, fileOfMara);
  if (!uploaded.ok) throw new Error(`the upload was refused: ${uploaded.status}`);
});
afterAll(async () => {
  await hers[Symbol.asyncDispose]();
  await his[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

function upload(account: Account, bytes: Buffer, id = newId<FileId>(), into = conversation): Promise<Response> {
  return fetch(`${server.url}/api/conversations/${into}/files?name=a.png&file=${id}`, { method: 'POST', headers: { origin: server.url, cookie: account.cookie, 'content-type': 'image/png' }, body: new Uint8Array(bytes) });
}
const raw = (tab: Tab, asked: unknown): Promise<Answer> => new Promise((resolve) => tab.socket.emit('command', asked as Command, resolve));

/** One command of every type in the contract, about these ids. */
function everyCommand(message: MessageId, turn: TurnId): Command[] {
  const values: Record<string, unknown> = {
    commandId: newId(), conversation, message, parent: message, text: 'x', files: [], model: DEMO, mode: 'queue', turn, queued: newId(), before: null, title: 'Mine now', rating: 'good',
  };
  return Command.options.map((option) => {
    const fields = Object.entries(option.shape).filter(([name]) => name in values && name !== 'commandId');
    return Command.parse({ ...Object.fromEntries(fields.map(([name]) => [name, values[name]])), type: option.shape.type.value, commandId: newId() });
  });
}

describe('[CO4] a second account reaches nothing of the first', () => {
  it('by any command of the contract', async () => {
    const message = hers.view!.messages[0]!.id;
    const before = hers.view;
    const commands = everyCommand(message, newId<TurnId>());
    expect(commands.map((command) => command.type).toSorted((a, b) => String(a).localeCompare(String(b)))).toEqual(Command.options.map((option) => option.shape.type.value).toSorted((a, b) => String(a).localeCompare(String(b))));
    for (const command of commands) expect({ type: command.type, answer: await his.ask(command) }).toEqual({ type: command.type, answer: { ok: false, refusal: { code: 'not-found' } } });
    await expect(his.open(conversation)).rejects.toThrow('not-found');
    expect(hers.view).toBe(before);
  });

  it('by any route that names something of hers', async () => {
    const own: Record<string, string> = { conversation, file: fileOfMara };
    const named = (Object.entries(ROUTES) as [RouteName, Route][]).filter(([, route]) => /:(conversation|file)\b/u.test(route.path) && route.who !== 'visitor'); // those of visitors: `visitors.test.ts`
    expect(named.map(([name]) => name).toSorted((a, b) => String(a).localeCompare(String(b)))).toEqual(['blockVisitor', 'conversation', 'file', 'inboxFile', 'notes', 'upload']);
    for (const [name, route] of named) {
      const path = route.path.replace(/:(\w+)/gu, (_, param: string) => own[param] ?? '');
      const isUpload = name === 'upload';
      const reply = isUpload ? upload(jens, PIXEL) : fetch(server.url + path, { method: route.method, headers: { origin: server.url, cookie: jens.cookie, ...(route.body && { 'content-type': 'application/json' }) }, ...(route.body && { body: '{"isBlocked":true}' }) });
      expect({ name, code: await codeOf(reply) }).toEqual({ name, code: 'not-found' });
    }
    const sessions = (await (await fetch(`${server.url}/api/sessions`, { headers: { cookie: mara.cookie } })).json()) as { sessions: { id: string }[] };
    expect(await codeOf(fetch(`${server.url}/api/sessions/${sessions.sessions[0]!.id}`, { method: 'DELETE', headers: { origin: server.url, cookie: jens.cookie } }))).toBe('not-found');
    expect((await fetch(`${server.url}/api/sessions`, { headers: { cookie: mara.cookie } })).status).toBe(200);
  });

  it.each(['admin', 'reviewer'])('by any route that is for somebody who is %s', async (who) => {
    const forAdmins = (Object.entries(ROUTES) as [RouteName, Route][]).filter(([, route]) => route.who === who);
    expect(forAdmins.length).toBeGreaterThan(5);
    const site = await newSite(mara);
    for (const [name, route] of forAdmins) {
      const path = route.path.replace(':site', site.id).replace(/:(?:key|user|case|hold|visitor|export|access)/gu, newId());
      const body = JSON.stringify(BODIES[name] ?? { isLive: false });
      const reply = fetch(server.url + path + (OF_LOG[name] ?? ''), { method: route.method, headers: { origin: server.url, cookie: jens.cookie, ...(route.body && { 'content-type': 'application/json' }) }, ...(route.body && { body }) });
      expect({ name, code: await codeOf(reply) }).toEqual({ name, code: 'not-permitted' });
    }
  });

  it('by opening or commanding what nobody has open', async () => {
    await using quiet = await newServer();
    const owner = await newAccount(quiet.url);
    const stranger = await newAccount(quiet.url);
    await using tab = await new Tab(owner).ready();
    const hidden = await tab.begin('Between us');
    await tab.until(() => tab.view?.turn === null);
    await tab[Symbol.asyncDispose]();
    await quiet.restart();
    await using foreign = await new Tab(stranger).ready();
    await expect(foreign.open(hidden)).rejects.toThrow('not-found');
    expect(await foreign.ask({ type: 'conversation.delete', commandId: newId<CommandId>(), conversation: hidden })).toEqual({ ok: false, refusal: { code: 'not-found' } });
    expect((await fetch(`${quiet.url}/api/conversations/${hidden}`, { headers: { cookie: owner.cookie } })).status).toBe(200);
  });

  it('by lists or search', async () => {
    const list = (await (await fetch(`${server.url}/api/conversations`, { headers: { cookie: jens.cookie } })).json()) as { rows: unknown[] };
    expect(list.rows).toEqual([]);
    const found = async (account: Account): Promise<number> => ((await (await fetch(`${server.url}/api/search?words=between`, { headers: { cookie: account.cookie } })).json()) as { hits: unknown[] }).hits.length;
    expect(await found(mara)).toBeGreaterThan(0);
    expect(await found(jens)).toBe(0);
  });

  it('by taking her file or her message into a conversation of his', async () => {
    const command = { type: 'turn.send' as const, commandId: newId<CommandId>(), conversation: newId<ConversationId>(), message: newId<MessageId>(), parent: null, text: 'x', files: [fileOfMara], model: DEMO, mode: 'queue' as const };
    expect(await his.ask(command)).toEqual({ ok: false, refusal: { code: 'not-found' } });
    const taken = { ...command, commandId: newId<CommandId>(), conversation: newId<ConversationId>(), files: [], message: hers.view!.messages[0]!.id };
    expect(await his.ask(taken)).toMatchObject({ ok: false, refusal: { code: 'invalid-command' } });
  });

  it('by any route that is in no contract: there are only those that say nothing of anybody', async () => {
    const contracted = new Set(Object.values(ROUTES).map((route: Route) => `${route.method} ${route.path}`));
    const others = mounted.filter(({ method, path }) => method !== 'HEAD' && !contracted.has(`${method} ${path}`));
    const byPath = ({ path }: { path: string }, other: { path: string }): number => path.localeCompare(other.path);
    const open = ['/', '/*', '/api/openapi.json', '/api/protocol.json', '/embed/:site', '/livez', '/metrics', '/readyz', '/verify', '/verify.mjs'];
    expect([...others].toSorted(byPath)).toEqual(open.map((path) => ({ method: 'GET', path })).toSorted(byPath));
    for (const { path } of others) {
      const told = await (await fetch(server.url + path.replace(':site', `site_${newId()}`).replace('*', 'nothing'), { headers: { cookie: jens.cookie } })).text();
      for (const hersAlone of [conversation, fileOfMara, mara.person.id, 'Between us']) expect({ path, tells: told.includes(hersAlone) }).toEqual({ path, tells: false });
    }
  });

  it('without being signed in: every route that is not for anybody says so', async () => {
    for (const [name, route] of Object.entries(ROUTES) as [RouteName, Route][]) {
      if (route.who === 'anybody') continue;
      const isOfSite = route.who === 'page' || route.who === 'visitor';
      const path = route.path.replace(/:(\w+)/gu, (_, param: string) => (param === 'site' ? `site_${newId()}` : newId()));
      const query = OF_LOG[name] ?? (name === 'search' ? '?words=x' : name === 'upload' || name === 'visitorUpload' ? `?name=x&file=${newId()}` : '');
      const hasBody = route.body !== undefined;
      const body = BODIES[name] ?? {};
      const reply = fetch(server.url + path + query, { method: route.method, headers: { origin: server.url, ...(hasBody && { 'content-type': 'application/json' }) }, ...(hasBody && { body: JSON.stringify(body) }) });
      expect({ name, code: await codeOf(reply) }).toEqual({ name, code: isOfSite ? 'not-found' : 'session-ended' }); // whose site is not there, nobody can be its visitor
    }
  });
});

describe('[CO3] what does not fit is refused in words and changes nothing', () => {
  const valid = () => ({ type: 'turn.send', commandId: newId(), conversation, message: newId(), parent: null, text: 'x', files: [], model: DEMO, mode: 'queue' });
  it.each([
    ['nothing', () => undefined],
    ['a string', () => 'turn.send'],
    ['an unknown type', () => ({ ...valid(), type: 'turn.hack' })],
    ['an unknown field', () => ({ ...valid(), admin: true })],
    ['a missing field', () => ({ ...valid(), text: undefined })],
    ['an id of another shape', () => ({ ...valid(), commandId: '../../etc' })],
    ['half a surrogate pair', () => ({ ...valid(), text: 'a\ud800b' })],
    ['an empty message', () => ({ ...valid(), text: '   ' })],
    ['a prototype', () => JSON.parse('{"__proto__":{"type":"turn.send"},"type":"turn.stop"}') as unknown],
  ])('%s', async (_what, make) => {
    const before = hers.view;
    expect(await raw(hers, make())).toMatchObject({ ok: false, refusal: { code: 'invalid-command' } });
    expect(hers.view).toBe(before);
  });

  it('a parent that does not exist, an unknown model, an unknown message', async () => {
    const common = () => ({ commandId: newId<CommandId>(), conversation });
    expect(await hers.send('x', { parent: newId<MessageId>() })).toMatchObject({ ok: false, refusal: { code: 'not-found' } });
    expect(await hers.send('x', { model: 'nobody/nothing' as typeof DEMO })).toMatchObject({ ok: false, refusal: { code: 'model-unknown' } });
    expect(await hers.ask({ type: 'turn.continue', ...common(), message: newId<MessageId>() })).toMatchObject({ ok: false, refusal: { code: 'not-found' } });
    expect(await hers.ask({ type: 'turn.continue', ...common(), message: hers.view!.messages[0]!.id })).toMatchObject({ ok: false, refusal: { code: 'invalid-command' } });
    expect(await hers.ask({ type: 'turn.stop', ...common(), turn: newId<TurnId>() })).toMatchObject({ ok: true, did: 'nothing' });
  });

  it('a million characters', async () => {
    expect(await raw(hers, { ...valid(), text: 'x'.repeat(300_000) })).toMatchObject({ ok: false, refusal: { code: 'too-large' } });
    expect(await raw(hers, { ...valid(), text: 'x'.repeat(1_000_000) })).toMatchObject({ ok: false, refusal: { code: 'too-large' } });
    expect(await raw(hers, { ...valid(), text: '\u0001'.repeat(300_000) })).toMatchObject({ ok: false, refusal: { code: 'too-large' } });
    await using other = await new Tab(mara).ready();
    const cut = new Promise((resolve) => other.socket.once('disconnect', resolve));
    void raw(other, { ...valid(), text: 'x'.repeat(6_000_000) });
    await cut;
    await other.until(() => other.socket.connected);
    expect(hers.socket.connected).toBe(true);
  });

  it('an image that is none, an image that is too large, and a file name that is no name', async () => {
    expect(await codeOf(upload(mara, Buffer.from('<svg onload="alert(1)"/>')))).toBe('unreadable-file');
    expect(await codeOf(upload(mara, Buffer.from('GIF89a')))).toBe('unreadable-file');
    expect(await codeOf(upload(mara, Buffer.alloc(5_000_002, 1)))).toBe('too-large');
    const empty = fetch(`${server.url}/api/conversations/${conversation}/files?name=&file=${newId()}`, { method: 'POST', headers: { origin: server.url, cookie: mara.cookie, 'content-type': 'image/png' }, body: new Uint8Array(PIXEL) });
    expect(await codeOf(empty)).toBe('invalid-command');
  });

  it('requests that are not JSON, of the wrong kind, or for nothing that is there', async () => {
    const post = (path: string, body: string, type = 'application/json') => fetch(server.url + path, { method: 'POST', headers: { origin: server.url, 'content-type': type }, body });
    expect(await codeOf(post('/api/sign-in', '{'))).toBe('invalid-command');
    expect(await codeOf(post('/api/sign-in', '{"email":1}'))).toBe('invalid-command');
    expect(await codeOf(post('/api/sign-in', 'a=b', 'application/x-www-form-urlencoded'))).toBe('invalid-command');
    expect(await codeOf(post('/api/register', JSON.stringify({ email: 'x', password: 'short', name: '' })))).toBe('invalid-command');
    expect(await codeOf(post('/api/sign-in', JSON.stringify({ email: 'a@b.example', password: 'x'.repeat(3_000_000) })))).toBe('too-large');
    expect(await codeOf(fetch(`${server.url}/api/nothing`))).toBe('not-found');
    expect(await codeOf(fetch(`${server.url}/api/files/%zz`, { headers: { cookie: mara.cookie } }))).toBe('invalid-command');
  });
});

describe('[PE2] another site', () => {
  it('gets no request through that changes something, and no socket', async () => {
    const foreign = fetch(`${server.url}/api/sign-out`, { method: 'POST', headers: { origin: 'https://evil.example', cookie: mara.cookie } });
    expect(await codeOf(foreign)).toBe('foreign-origin');
    const tab = new Tab(mara);
    tab.socket.disconnect();
    tab.socket.io.opts.extraHeaders = { cookie: mara.cookie, origin: 'https://evil.example' };
    const refused = new Promise<Error>((resolve) => tab.socket.once('connect_error', resolve));
    tab.socket.connect();
    expect((await refused).message).toMatch(/websocket error/);
    tab.socket.disconnect();
  });

  it('may not frame the page, and the page may run nothing but its own scripts', async () => {
    const reply = await fetch(`${server.url}/api/welcome`);
    const policy = reply.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).not.toMatch(/unsafe|\*/u);
    expect(reply.headers.get('x-content-type-options')).toBe('nosniff');
  });
});

it('answers too many sign-ins, requests or commands with when to try again', async () => {
  await using busy = await newServer();
  const account = await newAccount(busy.url);
  const attempts = await Promise.all(Array.from({ length: 30 }, () => fetch(`${busy.url}/api/sign-in`, { method: 'POST', headers: { origin: busy.url, 'content-type': 'application/json' }, body: '{"email":"a@b.example","password":"wrong password"}' })));
  const codes = await Promise.all(attempts.map((reply) => codeOf(reply)));
  expect(new Set(codes)).toEqual(new Set(['sign-in-refused', 'rate-limited']));
  await using tab = await new Tab(account).ready();
  const answers = await Promise.all(Array.from({ length: 140 }, () => raw(tab, {})));
  expect(answers.at(-1)).toMatchObject({ ok: false, refusal: { code: 'rate-limited', retryAfterMs: expect.any(Number) } });
});

it('describes every route in OpenAPI 3.1 and refuses nothing it describes for its shape', async () => {
  const api = (await (await fetch(`${server.url}/api/openapi.json`)).json()) as { openapi: string; paths: Record<string, Record<string, { operationId: string }>> };
  expect(api.openapi).toMatch(/^3\.1/);
  const described = Object.values(api.paths).flatMap((methods) => Object.values(methods).map((method) => method.operationId));
  expect(described.toSorted((a, b) => String(a).localeCompare(String(b)))).toEqual(Object.keys(ROUTES).toSorted((a, b) => String(a).localeCompare(String(b))));
});
