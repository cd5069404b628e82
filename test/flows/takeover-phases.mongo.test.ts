import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandId, ConversationId, MessageId } from '../../contracts/ids.ts';
import { newId } from '../../server/ids.ts';
import { newCluster, type Cluster, type Instance } from '../support/cluster.ts';
import { addDoomed, expectAlike, TAKEN_OVER_WITHIN_MS } from '../support/doomed.ts';
import { DEMO, newAccount, Tab, type Account } from '../support/tab.ts';
import { faultsOnRecord } from '../fuzz/journal.ts';

const asked = 'Tell me something about code';

let cluster: Cluster;
let survivor: Instance;
let mara: Account;
beforeAll(async () => {
  cluster = await newCluster(1);
  survivor = cluster.instances[0] as Instance;
  mara = await newAccount(survivor.url);
});
afterAll(() => cluster[Symbol.asyncDispose]());

/** Asks on one instance, with a tab there and one on the other. */
async function askOn(instance: Instance) {
  const first = await new Tab(mara, instance.url).ready();
  const second = await new Tab(mara, survivor.url).ready();
  const command = { type: 'turn.send' as const, commandId: newId<CommandId>(), conversation: newId<ConversationId>(), message: newId<MessageId>(), parent: null, text: asked, files: [], model: DEMO, mode: 'queue' as const };
  const answered = first.ask(command);
  void answered.then(() => Promise.all([first.open(command.conversation), second.open(command.conversation)]).catch(() => undefined));
  return { first, second, command, answered };
}

/** Asks on an instance that dies at a certain point, and gives what is left: a tab on the other one, and what had been shown anywhere. */
async function askAndDie(dieAt: string) {
  const dying = await cluster.add({ DIE_AT: dieAt });
  const { first, second, command } = await askOn(dying);
  await dying.ended;
  const shown = [first.shown, second.shown];
  await first[Symbol.asyncDispose]();
  return { second, command, shown, [Symbol.asyncDispose]: () => second[Symbol.asyncDispose]() };
}

describe('an owner that is killed', () => {
  it('[CO1] before the record: nothing has happened, and sending it again elsewhere does it once', async () => {
    await using at = await askAndDie('before:turn-begun');
    const answers = await Promise.all([at.second.ask(at.command), at.second.ask(at.command)]);
    expect(answers[0]).toMatchObject({ ok: true, did: 'started' });
    expect(answers[1]).toEqual(answers[0]);
    await at.second.open(at.command.conversation);
    await at.second.until(() => at.second.view?.turn === null, 'it ends', TAKEN_OVER_WITHIN_MS);
    expect(at.second.thread).toHaveLength(2);
    expect(at.second.thread[1]).toMatch(/\[completed\]$/);
  });

  it.each(['after:turn-begun', 'before:draft:1', 'after:draft:1', 'before:turn-ended'])('[RP1] [OR3] at %s: the other instance concludes the turn with all that was shown, and the command is not done again', async (dieAt) => {
    await using at = await askAndDie(dieAt);
    await at.second.open(at.command.conversation);
    await at.second.until(() => at.second.view?.turn === null, 'it is concluded', TAKEN_OVER_WITHIN_MS);
    expect(at.second.thread).toHaveLength(2);
    expect(at.second.thread[1]).toMatch(/^model: .*\[interrupted\]$/s);
    for (const text of at.shown) expect(at.second.thread[1]).toContain(text);
    expect(at.second.view?.position.epoch).toBeGreaterThan(1);
    expect(await at.second.ask(at.command)).toMatchObject({ ok: true, did: 'started' });
    expect(at.second.thread).toHaveLength(2);
  });

  it('[OR3] before a turn is announced: the reply holds nothing, and nothing of the reply before', async () => {
    const dying = await cluster.add({ DIE_AT: 'after:turn-begun:3' }); // the first reply, its title, and this one
    await using first = await new Tab(mara, dying.url).ready();
    await using second = await new Tab(mara, survivor.url).ready();
    const conversation = await first.begin(asked);
    await first.until(() => first.view?.conversation.titledBy === 'model', 'it has a title');
    const before = first.thread;
    void first.send('And then?');
    await dying.ended;
    await second.open(conversation);
    await second.until(() => second.view?.turn === null && second.thread.length === 4, 'it is concluded', TAKEN_OVER_WITHIN_MS);
    expect(second.thread).toEqual([...before, 'person: And then?', 'model:  [interrupted]']);
  });

  it.each(['after:turn-begun:2', 'before:turn-ended:2'])('[RE2] at %s, of the title: the other instance says on record how the call ended, though no tab asks', async (dieAt) => {
    await using at = await askAndDie(dieAt);
    const ends = (): Promise<number> => cluster.database.db.collection('record').countDocuments({ 'by.chain': at.command.conversation, 'json': { $regex: '"type":"turn-ended"' } });
    await expect.poll(ends, { timeout: TAKEN_OVER_WITHIN_MS, interval: 100 }).toBe(2);
    expect(await cluster.database.db.collection('titling').countDocuments({ 'by.conversation': at.command.conversation })).toBe(0);
  });

  it('[OR3] after the outcome: the reply is complete elsewhere', async () => {
    await using at = await askAndDie('after:turn-ended');
    await at.second.open(at.command.conversation);
    await at.second.until(() => at.second.view?.turn === null, 'it is there', TAKEN_OVER_WITHIN_MS);
    expect(at.second.thread[1]).toMatch(/\[completed\]$/);
  });
});

/** Asks on an instance that stands still at a certain point until it is taken for gone, and resolves then. Its tab keeps its connection. */
async function askAndPause(pauseAt: string) {
  const doomed = await addDoomed(cluster, pauseAt, 'SIGSTOP');
  const { first, second, command, answered } = await askOn(doomed.instance);
  await doomed.gone();
  return {
    first, second, command, answered,
    wake: doomed.wake,
    async [Symbol.asyncDispose]() {
      await first[Symbol.asyncDispose]();
      await second[Symbol.asyncDispose]();
      await doomed[Symbol.asyncDispose]();
    },
  };
}

/** Once it is awake its tab sees what the other one does, and what it did meanwhile is nowhere on record. */
async function expectTheSameOf({ first, second, command, wake }: Awaited<ReturnType<typeof askAndPause>>): Promise<void> {
  await wake();
  await expectAlike(first, second, command.conversation);
  expect(await first.ask(command)).toEqual(await second.ask(command));
  expect(second.thread).toHaveLength(2);
  expect(await faultsOnRecord(cluster.database.db, command.conversation)).toEqual([]);
}

describe('an owner that stands still beyond its lease and wakes', () => {
  it('[OR3] before the record: the message that was sent again elsewhere is there once, and the late record is not', async () => {
    await using at = await askAndPause('before:turn-begun');
    expect(await at.second.ask(at.command)).toMatchObject({ ok: true, did: 'started' });
    await at.second.open(at.command.conversation);
    await at.second.until(() => at.second.view?.turn === null && at.second.view.conversation.titledBy === 'model', 'it ends', TAKEN_OVER_WITHIN_MS);
    expect(at.second.thread[1]).toMatch(/\[completed\]$/);
    await expectTheSameOf(at);
  });

  it.each(['after:turn-begun', 'before:draft:1', 'after:draft:1', 'before:turn-ended'])('[OR3] [RP1] at %s: what the other instance has concluded stays, with all that was shown', async (pauseAt) => {
    await using at = await askAndPause(pauseAt);
    await at.second.open(at.command.conversation);
    await at.second.until(() => at.second.view?.turn === null, 'it is concluded', TAKEN_OVER_WITHIN_MS);
    expect(at.second.thread[1]).toMatch(/^model: .*\[interrupted\]$/s);
    for (const text of [at.first.shown, at.second.shown]) expect(at.second.thread[1]).toContain(text);
    await expectTheSameOf(at);
  });

  it('[OR3] after the outcome: the reply is complete in both', async () => {
    await using at = await askAndPause('after:turn-ended'); // nothing is open in the store: the tab alone makes somebody look
    await at.second.until(() => at.second.view?.turn === null, 'it is there', TAKEN_OVER_WITHIN_MS);
    expect(at.second.thread[1]).toMatch(/\[completed\]$/);
    await expectTheSameOf(at);
  });
});
