import { expect, it } from 'vitest';
import type { CommandId } from '../../contracts/ids.ts';
import { newId } from '../../server/ids.ts';
import type { Store } from '../../server/store/store.ts';
import { faultyStore, once, type FaultPlan } from '../support/faults.ts';
import { records } from '../support/recording.ts';
import { newServer } from '../support/server.ts';
import { newAccount, Tab } from '../support/tab.ts';

async function serverWith(plan: { current: FaultPlan }) {
  return newServer({ wrap: (store) => faultyStore(store, (changes, fence) => plan.current(changes, fence)) });
}
const nothing: FaultPlan = () => undefined;

it('[RE1] a message whose record is refused reaches no model and no tab, and its sender is told', async () => {
  const plan = { current: nothing };
  await using server = await serverWith(plan);
  const account = await newAccount(server.url);
  await using first = await new Tab(account).ready();
  await using second = await new Tab(account).ready();
  const conversation = await first.begin('Hello');
  await second.open(conversation);
  await first.until(() => first.view?.conversation.titledBy === 'model');
  await second.until(() => second.view?.conversation.titledBy === 'model');
  const before = second.view;
  plan.current = once('refuse', records('message-added'));
  expect(await first.send('And now?')).toEqual({ ok: false, refusal: { code: 'record-unavailable' } });
  const rename = { type: 'conversation.change' as const, commandId: newId<CommandId>(), conversation };
  expect(await first.ask({ ...rename, title: 'Renamed' })).toMatchObject({ ok: true });
  await second.until(() => second.view?.conversation.title === 'Renamed');
  expect(second.view?.messages).toEqual(before?.messages);
  expect(second.view?.position.seq).toBe((before?.position.seq ?? 0) + 1);
});

it('[RE1] a delete or restore whose record is refused changes nothing of when the conversation is erased', async () => {
  const plan = { current: nothing };
  const kept: Store[] = [];
  await using server = await newServer({ config: { restoreMs: 600_000 }, wrap: (store) => (kept.push(store), faultyStore(store, (changes, fence) => plan.current(changes, fence))) });
  await using tab = await new Tab(await newAccount(server.url)).ready();
  const conversation = await tab.begin('Hello');
  await tab.until(() => tab.view?.conversation.titledBy === 'model');
  const eraseAt = async () => (await kept[0]?.get('conversation', conversation))?.body.eraseAt;
  const ask = (type: 'conversation.delete' | 'conversation.restore') => tab.ask({ type, commandId: newId<CommandId>(), conversation });
  const rename = (title: string) => tab.ask({ type: 'conversation.change', commandId: newId<CommandId>(), conversation, title });
  plan.current = once('refuse', records('conversation-deleted'));
  expect(await ask('conversation.delete')).toMatchObject({ ok: false });
  expect(await rename('Not deleted')).toMatchObject({ ok: true });
  expect(await eraseAt()).toBeNull();
  expect(await ask('conversation.delete')).toMatchObject({ ok: true });
  const due = await eraseAt();
  expect(due).toBeGreaterThan(0);
  plan.current = once('refuse', records('conversation-restored'));
  expect(await ask('conversation.restore')).toMatchObject({ ok: false });
  expect(await rename('Still deleted')).toMatchObject({ ok: true });
  expect(await eraseAt()).toBe(due);
  expect(await ask('conversation.restore')).toMatchObject({ ok: true });
  expect(await eraseAt()).toBeNull();
});

it('[RE3] when the answer of the store is lost, the command is answered as what really happened', async () => {
  const plan = { current: nothing };
  await using server = await serverWith(plan);
  await using tab = await new Tab(await newAccount(server.url)).ready();
  plan.current = once('lose-reply', records('message-added'));
  await tab.begin('Hello');
  plan.current = once('lose-commit', records('conversation-changed'));
  await tab.until(() => tab.view?.turn === null);
  const rename = { type: 'conversation.change' as const, commandId: newId<CommandId>(), conversation: tab.view!.conversation.id, title: 'Found out' };
  expect(await tab.ask(rename)).toMatchObject({ ok: true, did: 'changed' });
  await tab.until(() => tab.view?.conversation.title === 'Found out');
  expect(tab.thread).toHaveLength(2);
  expect(tab.thread[1]).toMatch(/\[completed\]$/);
});

it('[RE3] an outcome whose record is refused is recorded later; until then the conversation says so and takes no new turn', async () => {
  const plan = { current: nothing };
  await using server = await serverWith(plan);
  await using tab = await new Tab(await newAccount(server.url)).ready();
  plan.current = once('refuse', records('turn-ended'));
  await tab.begin('Hello');
  await tab.until(() => tab.view?.turn?.phase === 'closing');
  expect(await tab.send('Too early')).toMatchObject({ ok: true, did: 'queued' });
  await tab.until(() => tab.view?.turn === null);
  expect(tab.thread[1]).toMatch(/\[completed\]$/);
  await tab.until(() => tab.thread.length === 4);
});
