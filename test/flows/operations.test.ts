import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../server/config.ts';
import { faultyStore } from '../support/faults.ts';
import { newServer } from '../support/server.ts';
import { newAccount, Tab } from '../support/tab.ts';
import { around } from '../../server/store/around.ts';

const TOKEN = 'a-token-of-more-than-16-signs';

/** Asks with any header, the host's name too, which `fetch` keeps to itself. */
function ask(url: string, path: string, headers: Record<string, string> = {}): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    request(new URL(path, url), { headers }, (reply) => void text(reply).then((body) => resolve({ status: reply.statusCode ?? 0, body }), reject)).on('error', reject).end();
  });
}

describe('the metrics', () => {
  it('are there for this machine and for whoever brings the token, and for nobody else', async () => {
    await using server = await newServer({ config: { metricsToken: TOKEN } });
    const isGiven = async (headers: Record<string, string>): Promise<boolean> => {
      const { status, body } = await ask(server.url, '/metrics', headers);
      expect(body).toContain(status === 200 ? 'gorunchat_turns_total' : '{"refusal":{"code":"not-found"}}');
      return status === 200;
    };
    const { port } = new URL(server.url);
    for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`]) expect(await isGiven({ host })).toBe(true);
    for (const host of ['chat.example.org', '10.0.0.7', 'localhost.example.org', 'not a host']) expect(await isGiven({ host })).toBe(false);
    for (const name of ['x-forwarded-for', 'forwarded', 'via', 'x-real-ip']) expect(await isGiven({ [name]: '127.0.0.1' })).toBe(false);
    const away = { host: 'chat.example.org', 'x-forwarded-for': '203.0.113.9' };
    expect(await isGiven({ ...away, authorization: `Bearer ${TOKEN}` })).toBe(true);
    for (const authorization of [`Bearer ${TOKEN}x`, `Basic ${TOKEN}`, TOKEN, 'Bearer ', 'Bearer undefined']) expect(await isGiven({ ...away, authorization })).toBe(false);
  });

  it('are for nobody elsewhere when there is no token', async () => {
    await using server = await newServer();
    for (const authorization of ['Bearer ', 'Bearer undefined', `Bearer ${TOKEN}`]) expect((await ask(server.url, '/metrics', { host: 'chat.example.org', authorization })).status).toBe(404);
  });

  it('refuse a token that somebody could find by trying', () => {
    expect(() => readConfig({ METRICS_TOKEN: 'short' }, '/nowhere')).toThrow('METRICS_TOKEN');
    expect(readConfig({ METRICS_TOKEN: TOKEN }, '/nowhere').metricsToken).toBe(TOKEN);
  });

  it('count a turn from its first text to its end, its tabs, its commits and its claim, and say of nobody who it was', async () => {
    await using server = await newServer();
    const account = await newAccount(server.url, 'mara@example.org');
    await using tab = await new Tab(account).ready();
    const conversation = await tab.begin('A question of mine');
    await tab.until(() => tab.view?.turn === null && tab.view.conversation.titledBy === 'model');
    await tab.ask({ type: 'turn.send' } as never);
    const { body } = await ask(server.url, '/metrics');
    const value = (name: string): number => Number(new RegExp(`^${name.replaceAll(/[{}]/gu, '\\$&')} (\\S+)$`, 'mu').exec(body)?.[1]);
    expect(value('gorunchat_turns_total{provider="demo",model="demo/demo",outcome="completed",code=""}')).toBe(1);
    expect(value('gorunchat_characters_shown_total')).toBe(tab.shown.length);
    expect(value('gorunchat_first_text_seconds_count')).toBe(1);
    expect(value('gorunchat_draft_step_seconds_count')).toBeGreaterThan(1);
    expect(value('gorunchat_commit_seconds_count{result="done"}')).toBeGreaterThan(3);
    expect(value('gorunchat_epochs_claimed_total{result="claimed"}')).toBe(1);
    expect(value('gorunchat_turns_taken_over_total')).toBe(0);
    expect(value('gorunchat_commands_refused_total{code="invalid-command"}')).toBe(1);
    expect({ tabs: value('gorunchat_tabs_open'), owned: value('gorunchat_conversations_owned'), running: value('gorunchat_turns_running') }).toEqual({ tabs: 1, owned: 1, running: 0 });
    for (const secret of ['question', 'mara', account.person.id, conversation, '127.0.0.1']) expect(body).not.toContain(secret);
  });
});

describe('a balancer is told', () => {
  it('that a server is ready', async () => {
    await using server = await newServer();
    expect(await ask(server.url, '/readyz')).toEqual({ status: 200, body: '{"ok":true,"problems":[]}' });
  });

  it('why a server is not ready, while it lives', async () => {
    let isGone = false;
    await using server = await newServer({
      wrap: (store) => around(store, { get: (kind, id) => (isGone ? Promise.reject(new Error('a secret of the database')) : store.get(kind, id)) }),
    });
    isGone = true;
    expect(await ask(server.url, '/readyz')).toEqual({ status: 503, body: '{"ok":false,"problems":["The store does not answer."]}' });
    expect((await ask(server.url, '/livez')).status).toBe(200);
  });

  it('that a server can put nothing on record, while what is there can be read, until it can again', async () => {
    let isFull = false;
    await using server = await newServer({ wrap: (store) => faultyStore(store, () => (isFull ? 'refuse' : undefined)) });
    const account = await newAccount(server.url);
    await using tab = await new Tab(account).ready();
    const conversation = await tab.begin('Hello');
    await tab.until(() => tab.view?.conversation.titledBy === 'model');
    isFull = true;
    expect(await tab.send('And now?')).toEqual({ ok: false, refusal: { code: 'record-unavailable' } });
    expect(await ask(server.url, '/readyz')).toEqual({ status: 503, body: '{"ok":false,"problems":["The store takes no writes."]}' });
    expect((await ask(server.url, '/livez')).status).toBe(200);
    expect((await ask(server.url, `/api/conversations/${conversation}`, { cookie: account.cookie })).status).toBe(200);
    isFull = false;
    expect(await ask(server.url, '/readyz')).toEqual({ status: 200, body: '{"ok":true,"problems":[]}' });
    expect(await tab.send('And now?')).toMatchObject({ ok: true });
  });

  it('that a server that has just started can put nothing on record, before anybody has tried', async () => {
    let isRefused = false;
    await using server = await newServer({ wrap: (store) => faultyStore(store, () => (isRefused ? 'refuse' : undefined)) });
    isRefused = true;
    await server.restart();
    expect(await ask(server.url, '/readyz')).toMatchObject({ status: 503 });
  });
});
