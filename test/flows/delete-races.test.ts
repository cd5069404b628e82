import { expect, it } from 'vitest';
import type { CommandId } from '../../contracts/ids.ts';
import { newId } from '../../server/ids.ts';
import { around } from '../../server/store/around.ts';
import type { Store } from '../../server/store/store.ts';
import { newServer } from '../support/server.ts';
import { newAccount, Tab } from '../support/tab.ts';
import { askIn } from '../support/talking.ts';

/** A store in which the record of the next delete waits, once it is asked to, until it is let go. */
function newHold() {
  const [held, free] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const hold = { isOn: false, held: held.promise, letGo: free.resolve, around: (store: Store) => around(store, {
    async commit(changes, fence) {
      if (hold.isOn && changes.some((change) => change.kind === 'record' && change.do === 'add' && change.body.type === 'conversation-deleted')) {
        held.resolve();
        await free.promise;
      }
      return store.commit(changes, fence);
    },
  }) };
  return hold;
}

for (const [while_, wordsPerSecond] of [['nothing runs', 2_000], ['a reply grows', 5]] as const) {
  it(`[CO3] what is sent in the moment of a delete, while ${while_}, is refused and nowhere on record; after an undo it can be sent again`, async () => {
    const hold = newHold();
    await using server = await newServer({ config: { hasDemo: true, demoWordsPerSecond: wordsPerSecond }, wrap: hold.around });
    await using tab = await new Tab(await newAccount(server.url)).ready();
    const conversation = wordsPerSecond === 5 ? await tab.begin('First') : await askIn(tab, 'First');
    if (wordsPerSecond === 5) await tab.until(() => tab.view?.turn?.phase === 'streaming');
    const say = (type: 'conversation.delete' | 'conversation.restore') => tab.ask({ type, commandId: newId<CommandId>(), conversation });
    hold.isOn = true;
    const deleted = say('conversation.delete');
    await hold.held;
    const sent = tab.send('Too late');
    await tab.ask({ type: 'turn.stop', commandId: newId<CommandId>(), conversation, turn: newId() }); // an answer that came after it: it has been taken by the owner
    hold.letGo();
    expect([await deleted, await sent]).toMatchObject([{ ok: true }, { ok: false, refusal: { code: 'erased' } }]);
    expect(await say('conversation.restore')).toMatchObject({ ok: true });
    await tab.until(() => tab.view?.turn === null && tab.view.conversation.deletedAt === null);
    expect([tab.thread.length, tab.view!.conversation.queue]).toEqual([2, []]);
    expect(await tab.send('Once more')).toMatchObject({ ok: true });
  });
}
