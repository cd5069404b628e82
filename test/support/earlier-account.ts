import { join } from 'node:path';
import { systemClock } from '../../server/clock.ts';
import { personIn } from '../../server/accounts/addresses.ts';
import { DEPLOYMENT, openAudit } from '../../server/journal/audit.ts';
import { ITSELF } from '../../server/journal/journal.ts';
import { masterKey, openKeys, personKey } from '../../server/journal/keys.ts';
import { seal } from '../../server/journal/seal.ts';
import type { Change, Store } from '../../server/store/store.ts';

/** Makes an account what it was in versions that kept its address in the open. The product that has the store has to be started again. */
export async function asEarlier(store: Store, folder: string, user: string): Promise<void> {
  const keys = openKeys(store, masterKey(join(folder, 'master.key'), undefined));
  const stored = (await store.get('user', user))!;
  const key = (await keys.of(personKey(user)))!;
  const { name, email } = personIn(stored, key);
  const { address, ...body } = stored.body;
  const taken: Change[] = body.removedAt === undefined ? [{ do: 'remove', kind: 'address', id: address! }, { do: 'add', kind: 'address', id: email, body: { user } }] : [];
  await openAudit(store, keys, systemClock).commit([{ do: 'put', kind: 'user', id: user, version: stored.version, body: { ...body, email, sealed: seal({ name }, key, `user:${user}`) } }, ...taken], { type: 'signing-key-made', v: 1, key: 'of a test' }, ITSELF, DEPLOYMENT);
}
