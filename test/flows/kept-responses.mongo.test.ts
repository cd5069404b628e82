import { expect, it } from 'vitest';
import type { CommandId, ModelId } from '../../contracts/ids.ts';
import { textOf } from '../../contracts/view.ts';
import { newId } from '../../server/ids.ts';
import { newCluster, type Instance } from '../support/cluster.ts';
import { newKeptProvider } from '../support/kept-provider.ts';
import { TAKEN_OVER_WITHIN_MS } from '../support/doomed.ts';
import { newAccount, Tab } from '../support/tab.ts';

it('[RP1] [OR3] a response that its provider keeps goes on at another instance when its owner is killed: one call, and in the tab of the other no character missing or twice', async () => {
  await using provider = await newKeptProvider();
  await using cluster = await newCluster(2, provider.environment);
  const [owner, other] = cluster.instances as [Instance, Instance];
  const account = await newAccount(owner.url);
  await using here = await new Tab(account).ready();
  await using there = await new Tab(account, other.url).ready();
  const conversation = await here.begin('Count', { model: 'openai/gpt-5' as ModelId });
  await there.open(conversation);
  await expect.poll(() => provider.asked).toHaveLength(1);
  provider.say('one, ');
  for (const tab of [here, there]) await tab.until(() => tab.shown === 'one, ');
  // The record that says where the response is comes after this one in the order of the conversation.
  expect(await here.ask({ type: 'conversation.change', commandId: newId<CommandId>(), conversation, title: 'Counting' })).toMatchObject({ ok: true });
  provider.say('two, ');
  for (const tab of [here, there]) await tab.until(() => tab.shown === 'one, two, ');
  owner.signal('SIGKILL');
  await owner.ended;
  provider.say('three, ');
  await there.until(() => there.shown === 'one, two, three, ', 'another instance goes on with it', TAKEN_OVER_WITHIN_MS);
  provider.say('four.');
  provider.finish();
  await there.until(() => there.view?.turn === null);
  expect([textOf(there.view!.messages[1]!), there.view!.messages[1]!.outcome]).toEqual(['one, two, three, four.', { kind: 'completed' }]);
  expect(provider.asked.filter((one) => one.startsWith('POST create'))).toHaveLength(1);
});
