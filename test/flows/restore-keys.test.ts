import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import type { CommandId, ConversationId, MessageId } from '../../contracts/ids.ts';
import { newId } from '../../server/ids.ts';
import { newDeployment, newPlace } from '../support/deployment.ts';
import { DEMO, newAccount, Tab, type Account } from '../support/tab.ts';

it('[RE15] of conversations that are begun while it is copied, a backup has the key of each that it has', async () => {
  await using deployment = await newDeployment();
  await using place = await newPlace('folder');
  await deployment.start(place);
  const accounts: Account[] = [];
  for (let count = 0; count < 4; count++) accounts.push(await newAccount(deployment.url));
  let isOver = false;
  const beginning = accounts.map(async (account) => {
    await using tab = await new Tab(account).ready();
    while (!isOver) {
      const conversation = newId<ConversationId>();
      await tab.ask({ type: 'turn.send', commandId: newId<CommandId>(), conversation, message: newId<MessageId>(), parent: null, text: 'Hello '.repeat(2_000), files: [], model: DEMO, mode: 'queue' });
    }
  });
  for (const folder of ['1', '2', '3']) expect(await deployment.command(place, 'backup', join(deployment.backups, folder))).toMatchObject({ code: 0 });
  isOver = true;
  await Promise.all(beginning);
  for (const folder of ['1', '2', '3']) {
    const [name] = readdirSync(join(deployment.backups, folder, 'content')) as [string];
    const db = new DatabaseSync(join(deployment.backups, folder, 'content', name, 'gorunchat.db'));
    db.prepare('ATTACH ? AS keys').run(join(deployment.backups, folder, 'keys', name, 'keys.db'));
    expect(db.prepare('SELECT id FROM key WHERE NOT EXISTS (SELECT 1 FROM keys.wrapped WHERE wrapped.id = key.id)').all()).toEqual([]);
    expect(db.prepare('SELECT count(*) AS count FROM key').get()).not.toEqual({ count: 0 });
    db.close();
  }
});
