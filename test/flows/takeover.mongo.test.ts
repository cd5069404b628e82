import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { io } from 'socket.io-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { textOf } from '../../contracts/view.ts';
import { newCluster, type Cluster, type Instance } from '../support/cluster.ts';
import { TAKEN_OVER_WITHIN_MS } from '../support/doomed.ts';
import { newAccount, Tab, type Account } from '../support/tab.ts';


let cluster: Cluster;
let mara: Account;
beforeEach(async () => {
  cluster = await newCluster(2);
  mara = await newAccount((cluster.instances[0] as Instance).url);
});
afterEach(() => cluster[Symbol.asyncDispose]());

/** A tab of the same person on the n-th instance. */
const tabOn = (index: number): Promise<Tab> => new Tab(mara, (cluster.instances[index] as Instance).url).ready();

/** Tabs that come and are gone before they are answered. */
async function resetAt(url: string): Promise<void> {
  await Promise.all(Array.from({ length: 40 }, async () => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write(`GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: here\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: c2l4dGVlbiBieXRlcyEhIQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`, () => socket.resetAndDestroy());
    await once(socket, 'close');
  }));
}

/** What an instance has counted since its start. */
async function countedAt({ url }: Instance, name: string): Promise<number> {
  return Number(new RegExp(`^${name} (\\d+)$`, 'mu').exec(await (await fetch(`${url}/metrics`)).text())?.[1]);
}

/** What a balancer sees when it passes a tab on. */
async function upgradeAt(url: string): Promise<number | undefined> {
  const asked = request(`${url}/socket.io/?EIO=4&transport=websocket`, { headers: { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-key': 'c2l4dGVlbiBieXRlcyEhIQ==', 'sec-websocket-version': '13' } }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}

describe('on two instances', () => {
  it('[OR1] a tab on each sees one reply grow and the same thread, whoever asks', async () => {
    await using one = await tabOn(0);
    await using other = await tabOn(1);
    const conversation = await one.begin('Show me code');
    await other.open(conversation);
    await one.until(() => one.shown.length > 40);
    await other.until(() => other.shown.length > 40);
    for (const tab of [one, other]) await tab.until(() => tab.view?.turn === null);
    expect(other.thread).toEqual(one.thread);
    expect(await other.send('Hello from over there')).toMatchObject({ ok: true });
    for (const tab of [one, other]) await tab.until(() => tab.view?.messages.length === 4 && tab.view.turn === null);
    expect(other.view?.messages).toEqual(one.view?.messages);
    expect(one.thread.at(-1)).toContain('[completed]');
  });

  it('[CO1] a command that is sent to both has one effect and one answer', async () => {
    await using one = await tabOn(0);
    await using other = await tabOn(1);
    const conversation = await one.begin('Hello');
    await other.open(conversation);
    const commandId = 'k'.padEnd(22, 'k');
    const message = 'm'.padEnd(22, 'm');
    const [here, there] = await Promise.all([one, other].map((tab) => tab.send('Once', { commandId, message } as never)));
    expect(here).toMatchObject({ ok: true });
    expect(there).toEqual(here);
    for (const tab of [one, other]) await tab.until(() => tab.view?.turn === null && tab.view.conversation.queue.length === 0 && tab.view.messages.length === 4);
    expect(one.thread.filter((line) => line === 'person: Once')).toHaveLength(1);
  });

  it('[RP1] an owner that is killed in the middle of a reply loses no character that any tab has shown, and the turn is concluded where its other tab is', async () => {
    const one = await tabOn(0);
    await using other = await tabOn(1);
    const conversation = await one.begin('Write something long');
    await other.open(conversation);
    await other.until(() => other.shown.length > 60);
    (cluster.instances[0] as Instance).signal('SIGKILL');
    await (cluster.instances[0] as Instance).ended;
    const shown = [one.shown, other.shown].toSorted((a, b) => b.length - a.length)[0] as string;
    await one[Symbol.asyncDispose]();
    await other.until(() => other.view?.turn === null, 'the turn is concluded', TAKEN_OVER_WITHIN_MS);
    const reply = other.view?.messages.at(-1);
    expect(reply?.outcome).toEqual({ kind: 'interrupted', code: 'server-restarted' });
    expect(textOf(reply!).startsWith(shown)).toBe(true);
    expect(await countedAt(cluster.instances[1] as Instance, 'gorunchat_turns_taken_over_total')).toBe(1);
    expect(await other.ask({ type: 'turn.continue', commandId: 'g'.padEnd(22, 'g') as never, conversation, message: reply!.id })).toMatchObject({ ok: true });
    await other.until(() => other.view?.messages.at(-1)?.outcome?.kind === 'completed' && other.view.messages.length === 3, 'it goes on', TAKEN_OVER_WITHIN_MS);
  });

  it('[RS4] an owner that is killed with no tab open anywhere is replaced all the same', async () => {
    const one = await tabOn(0);
    const conversation = await one.begin('Write something long');
    await one.until(() => one.shown.length > 20);
    await one[Symbol.asyncDispose]();
    (cluster.instances[0] as Instance).signal('SIGKILL');
    await expect.poll(() => cluster.database.db.collection('turn').countDocuments({ 'by.state': 'open' }), { timeout: TAKEN_OVER_WITHIN_MS, interval: 200 }).toBe(0);
    await using other = await tabOn(1);
    await other.open(conversation);
    expect(other.view?.messages.at(-1)?.outcome?.kind).toBe('interrupted');
  });

  it('sends the tabs of an instance that leaves away one by one, so that they do not all come to another at once', async () => {
    const tabs = await Promise.all(Array.from({ length: 10 }, () => tabOn(0)));
    const left: number[] = [];
    for (const tab of tabs) tab.socket.once('disconnect', () => left.push(performance.now()));
    (cluster.instances[0] as Instance).signal('SIGTERM');
    await expect.poll(() => left.length, { timeout: TAKEN_OVER_WITHIN_MS, interval: 50 }).toBe(tabs.length);
    // Timers are never early: nine of ten waits of a fifth of a second lie between the first and the last, less what the first one's news took.
    expect(left.at(-1)! - left[0]!).toBeGreaterThan(1_000);
    expect(await (cluster.instances[0] as Instance).ended).toBe(0);
    for (const tab of tabs) await tab[Symbol.asyncDispose]();
  });

  it('an owner that is told to leave lets its turn end, and nobody sees an interruption', async () => {
    const one = await tabOn(0);
    await using other = await tabOn(1);
    const conversation = await one.begin('Write something long');
    await other.open(conversation);
    await other.until(() => other.shown.length > 20);
    const leaving = cluster.instances[0] as Instance;
    leaving.signal('SIGTERM');
    await expect.poll(async () => (await fetch(`${leaving.url}/readyz`)).status, { interval: 20 }).toBe(503);
    expect([await (await fetch(`${leaving.url}/readyz`)).json(), (await fetch(`${leaving.url}/livez`)).status]).toEqual([{ ok: false, problems: ['The server is leaving.'] }, 200]);
    expect(await upgradeAt(leaving.url)).toBe(503);
    await resetAt(leaving.url);
    const late = io(leaving.url, { transports: ['websocket'], reconnection: false });
    expect(await new Promise((resolve) => late.once('connect_error', (error) => resolve(error.message)))).toBe('websocket error');
    expect(other.view?.turn).not.toBeNull();
    await other.until(() => other.view?.turn === null, 'the turn ends', TAKEN_OVER_WITHIN_MS);
    expect(other.thread.at(-1)).toContain('[completed]');
    await one[Symbol.asyncDispose]();
    expect(await (cluster.instances[0] as Instance).ended).toBe(0);
    expect(await other.send('And now here')).toMatchObject({ ok: true });
    await other.until(() => other.view?.messages.length === 4 && other.view.turn === null);
  });
});
