import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Command } from '../../contracts/commands.ts';
import type { CommandId, ConversationId } from '../../contracts/ids.ts';
import { newId } from '../../server/ids.ts';
import { newCluster, type Cluster, type Instance } from '../support/cluster.ts';
import { addDoomed, TAKEN_OVER_WITHIN_MS, type Fate } from '../support/doomed.ts';
import { newSettingsFile } from '../support/settings-file.ts';
import { newAccount, Tab, type Account } from '../support/tab.ts';
import { faultsOnRecord } from '../fuzz/journal.ts';

const settings = newSettingsFile('restoreSeconds: 1\n');
let cluster: Cluster;
let survivor: Instance;
let mara: Account;
beforeAll(async () => {
  cluster = await newCluster(1, { ...settings.environment, DEMO_PACE: '2000' });
  survivor = cluster.instances[0] as Instance;
  mara = await newAccount(survivor.url);
});
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  settings[Symbol.dispose]();
});

/** What of a conversation can still be read. */
async function leftOf(conversation: ConversationId): Promise<{ messages: number; turns: number; key: number }> {
  const { db } = cluster.database;
  const count = (kind: string): Promise<number> => db.collection(kind).countDocuments({ 'by.conversation': conversation });
  return { messages: await count('message'), turns: await count('turn'), key: await db.collection('key').countDocuments({ _id: conversation as never }) };
}

const begun = async (tab: Tab): Promise<ConversationId> => {
  const conversation = await tab.begin('Hello');
  await tab.until(() => tab.view?.turn === null && tab.view.conversation.titledBy === 'model');
  return conversation;
};
/** It is gone from the store a moment before its owner knows it, and a tab that is just opening it again asks nothing more. */
async function expectErased(tab: Tab, conversation: ConversationId): Promise<void> {
  await expect.poll(() => tab.open(conversation).then(() => 'open', ({ message }: Error) => message), { timeout: TAKEN_OVER_WITHIN_MS }).toBe('erased');
}
const newDelete = (conversation: ConversationId): Command => ({ type: 'conversation.delete', commandId: newId<CommandId>(), conversation });

const DELETING: [string, Fate][] = [['before:conversation-deleted', 'SIGKILL'], ['after:conversation-deleted', 'SIGKILL'], ['after:conversation-deleted', 'SIGSTOP']];
const ERASING: [string, Fate][] = [['before:content-removed', 'SIGKILL'], ['after:content-removed', 'SIGKILL'], ['before:conversation-erased', 'SIGKILL'], ['after:conversation-erased', 'SIGKILL'], ['before:conversation-erased', 'SIGSTOP'], ['after:conversation-erased', 'SIGSTOP']];

describe('an owner that is lost while a conversation is deleted', () => {
  it.each([...DELETING, ...ERASING])('[OR3] at %s, %s: another instance does what is left, once, and nothing of it can be read', async (dieAt, fate) => {
    await using doomed = await addDoomed(cluster, dieAt, fate);
    await using first = await new Tab(mara, doomed.instance.url).ready();
    const conversation = await begun(first);
    expect(await leftOf(conversation)).toEqual({ messages: 2, turns: 1, key: 1 });
    const command = newDelete(conversation);
    void first.ask(command);
    await doomed.gone();
    await using second = await new Tab(mara, survivor.url).ready();
    expect(await second.ask(command)).toMatchObject({ ok: true }); // again: one effect, one answer
    await expect.poll(() => leftOf(conversation), { timeout: TAKEN_OVER_WITHIN_MS, interval: 100 }).toEqual({ messages: 0, turns: 0, key: 0 });
    await doomed.wake();
    await expectErased(second, conversation);
    const { url } = fate === 'SIGSTOP' ? doomed.instance : survivor; // whoever is left, is well
    await expect.poll(async () => (await fetch(`${url}/readyz`)).status, { timeout: TAKEN_OVER_WITHIN_MS, interval: 100 }).toBe(200);
    expect(await faultsOnRecord(cluster.database.db, conversation)).toEqual([]);
  });

  it.each<[string, Fate]>([['after:conversation-deleted', 'SIGKILL'], ['before:turn-ended', 'SIGSTOP']])('[OR3] in the middle of a reply, at %s, %s: another instance ends the turn and erases all of it', async (dieAt, fate) => {
    await using doomed = await addDoomed(cluster, dieAt, fate, { DEMO_PACE: '20' });
    await using first = await new Tab(mara, doomed.instance.url).ready();
    await using second = await new Tab(mara, survivor.url).ready();
    const conversation = await first.begin('Write something long');
    await second.open(conversation);
    await second.until(() => second.shown.length > 60);
    void first.ask(newDelete(conversation));
    await doomed.gone();
    await expect.poll(() => leftOf(conversation), { timeout: TAKEN_OVER_WITHIN_MS, interval: 100 }).toEqual({ messages: 0, turns: 0, key: 0 });
    await expectErased(second, conversation);
    await doomed.wake();
    await using tab = await new Tab(mara, (fate === 'SIGSTOP' ? doomed.instance : survivor).url).ready();
    await expect(tab.open(conversation)).rejects.toThrow('erased');
    expect(await faultsOnRecord(cluster.database.db, conversation)).toEqual([]);
  });
});
