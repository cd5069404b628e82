import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandId, ConversationId, MessageId } from '../../contracts/ids.ts';
import { newId } from '../../server/ids.ts';
import { newCluster, type Cluster, type Instance } from '../support/cluster.ts';
import { DEMO, newAccount, Tab, type Account } from '../support/tab.ts';

const TAKEN_OVER_WITHIN_MS = 20_000;
const asked = 'Tell me something about code';

let cluster: Cluster;
let survivor: Instance;
let mara: Account;
beforeAll(async () => {
  cluster = await newCluster(1);
  survivor = cluster.instances[0] as Instance;
  mara = await newAccount(survivor.url);
}, 60_000);
afterAll(() => cluster[Symbol.asyncDispose]());

/** Asks on an instance that dies at a certain point, and gives what is left: a tab on the other one, and what had been shown anywhere. */
async function askAndDie(dieAt: string) {
  const dying = await cluster.add({ DIE_AT: dieAt });
  const first = await new Tab(mara, dying.url).ready();
  const second = await new Tab(mara, survivor.url).ready();
  const command = { type: 'turn.send' as const, commandId: newId<CommandId>(), conversation: newId<ConversationId>(), message: newId<MessageId>(), parent: null, text: asked, files: [], model: DEMO, mode: 'queue' as const };
  void first.ask(command).then(() => Promise.all([first.open(command.conversation), second.open(command.conversation)]).catch(() => undefined));
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

  it('[OR3] after the outcome: the reply is complete elsewhere', async () => {
    await using at = await askAndDie('after:turn-ended');
    await at.second.open(at.command.conversation);
    await at.second.until(() => at.second.view?.turn === null, 'it is there', TAKEN_OVER_WITHIN_MS);
    expect(at.second.thread[1]).toMatch(/\[completed\]$/);
  });
});
