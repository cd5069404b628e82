import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import type { CommandId, ConversationId } from '../../contracts/ids.ts';
import type { Position } from '../../contracts/position.ts';
import type { Opened } from '../../contracts/socket.ts';
import { newId } from '../../server/ids.ts';
import { newDeployment, newPlace, type Deployment, type Place } from '../support/deployment.ts';
import { newAccount, Tab, type Account } from '../support/tab.ts';

const CALM = (tab: Tab) => () => tab.view?.conversation.titledBy === 'model' && tab.view.turn === null;

async function talk(account: Account, text: string): Promise<{ tab: Tab; conversation: ConversationId }> {
  const tab = await new Tab(account).ready();
  const conversation = await tab.begin(text);
  await tab.until(CALM(tab));
  return { tab, conversation };
}

async function erase(tab: Tab): Promise<void> {
  await tab.ask({ type: 'conversation.delete', commandId: newId<CommandId>(), conversation: tab.view!.conversation.id });
  await tab.until(() => tab.view?.isErased === true);
}

const rename = (tab: Tab, title: string) => tab.ask({ type: 'conversation.change', commandId: newId<CommandId>(), conversation: tab.view!.conversation.id, title });

interface Signed {
  readonly size: number;
  readonly note: string;
}

const signed = async (account: Account): Promise<Signed> => (await (await fetch(`${account.url}/api/log/checkpoint`, { headers: { cookie: account.cookie } })).json()) as Signed;

/** A checkpoint that is kept elsewhere, over more records than there were. */
async function keep(account: Account, deployment: Deployment, name: string, above = 0): Promise<{ file: string; size: number }> {
  const { size, note } = await vi.waitUntil(async () => {
    const latest = await signed(account);
    return latest.size > above && latest;
  }, { timeout: 30_000, interval: 100 });
  const file = join(deployment.backups, name);
  writeFileSync(file, note);
  return { file, size };
}

/** What an operator asks: of a folder as it is, of a database by a backup of it. */
async function verify(deployment: Deployment, place: Place, ...args: string[]): Promise<{ code: number | null; said: string }> {
  if (place.database === undefined) return deployment.command(place, 'verify', place.folder, ...args);
  const folder = join(deployment.backups, newId());
  await deployment.command(place, 'backup', folder);
  return deployment.command(place, 'verify', join(folder, 'content', readdirSync(join(folder, 'content'))[0]!), ...args);
}

const openAt = (tab: Tab, conversation: ConversationId, position: Position): Promise<Opened> => new Promise((resolve) => tab.socket.emit('open', { conversation, position }, resolve));

async function found(account: Account, words: string): Promise<string[]> {
  const reply = await fetch(`${account.url}/api/search?words=${words}`, { headers: { cookie: account.cookie } });
  return ((await reply.json()) as { hits: { conversation: string }[] }).hits.map(({ conversation }) => conversation);
}

it('[RE20] [RE21] [RE22] the drill: a backup while people work, an erasure, a crash; restored elsewhere, all of before is there, what was erased stays erased, and nobody takes one time for the other', async () => {
  await using deployment = await newDeployment();
  await using old = await newPlace();
  await using fresh = await newPlace();
  await deployment.start(old);
  const admin = await newAccount(deployment.url, 'admin@example.org');
  const mara = await newAccount(deployment.url, 'mara@example.org');
  const { tab, conversation } = await talk(mara, 'Where do whales sleep');
  const { tab: doomed, conversation: secret } = await talk(mara, 'my quinquereme secret');
  const before = await keep(admin, deployment, 'before', 10);

  // Titles are given again and again while it is copied; the last one that was answered before has to be in it.
  let given = 0;
  let isOver = false;
  const writing = (async () => {
    while (!isOver) if ((await rename(tab, `Title ${given + 1}`)).ok) given += 1; // too many at once are refused
  })();
  await vi.waitUntil(() => given > 5);
  const answered = given;
  const made = await deployment.command(old, 'backup', deployment.backups);
  isOver = true;
  await writing;
  expect(made).toMatchObject({ code: 0, said: expect.stringMatching(/^Backup \d{8}T\d{6}Z is in /u) });

  // The lost time: an erasure, more of what was there, something new, and another activation of both.
  await erase(doomed);
  await deployment.kill();
  await deployment.start(old);
  await tab.until(() => tab.socket.connected && tab.resumes > 1);
  await tab.send('and do they dream of narwhals');
  const { tab: late, conversation: lost } = await talk(mara, 'begun too late');
  await tab.until(() => tab.view?.turn === null && tab.thread.length === 4);
  const after = await keep(admin, deployment, 'after', (await signed(admin)).size);
  const [seen, seenLate] = [tab.view!.position, late.view!.position];
  await deployment.kill();

  expect(await deployment.command(old, 'restore', deployment.backups)).toMatchObject({ code: 1, said: expect.stringContaining('holds data') });
  const restored = await deployment.command(fresh, 'restore', deployment.backups, '--erased-since', old.name);
  expect(restored).toMatchObject({ code: 0, said: expect.stringMatching(/Erased again: 1 conversation that/u) });
  await deployment.start(fresh);

  await tab.until(() => tab.view !== undefined && tab.view.position.epoch > seen.epoch, 'it is given the view of the new generation');
  expect(tab.thread).toHaveLength(2);
  expect(Number(/^Title (\d+)$/u.exec(tab.view!.conversation.title)?.[1])).toBeGreaterThanOrEqual(answered);
  expect(await openAt(tab, conversation, seen)).toMatchObject({ ok: true, view: { messages: { length: 2 } } });
  await tab.open(conversation);
  await tab.send('and where do they eat');
  await tab.until(() => tab.view?.turn === null && tab.thread.length === 4, 'it goes on');

  await expect(new Tab(mara).ready().then((one) => one.open(secret))).rejects.toThrow('erased');
  expect([await found(mara, 'quinquereme'), await found(mara, 'narwhals')]).toEqual([[], []]);
  expect(await found(mara, 'whales')).toContain(conversation);

  // What was begun in the lost time is begun again by somebody who still has it, and whoever has seen it then is shown all of it anew.
  const again = await new Tab(mara).ready();
  expect(await openAt(again, lost, seenLate)).toMatchObject({ ok: false, refusal: { code: 'not-found' } });
  expect(await late.send('begun once more', { parent: null })).toMatchObject({ ok: true });
  await again.open(lost);
  await again.until(CALM(again));
  expect(await openAt(again, lost, { ...seenLate, seq: 1 })).toMatchObject({ ok: true, view: { messages: { length: 2 } } });

  const { entries } = (await (await fetch(`${admin.url}/api/audit`, { headers: { cookie: admin.cookie } })).json()) as { entries: { type: string; said: object }[] };
  expect(entries.find(({ type }) => type === 'restored')?.said).toMatchObject({ generation: 1, erased: 1, checked: [old.name], checkpoint: expect.stringContaining('gorunchat/') });
  expect(await deployment.end()).toBe(0);
  expect(await verify(deployment, fresh)).toMatchObject({ code: 0, said: expect.stringMatching(/^Intact/u) });
  expect(await verify(deployment, fresh, '--checkpoint', before.file)).toMatchObject({ code: 0 });
  expect(await verify(deployment, fresh, '--checkpoint', after.file)).toMatchObject({ code: 1, said: expect.stringMatching(/^restored: \d+ records .* are gone: .* a backup was restored .* on record \(restore 1\)/u) });
  await Promise.all([tab, doomed, late, again].map((one) => one[Symbol.asyncDispose]()));
});
