import { expect, it } from 'vitest';
import { newCluster } from '../support/cluster.ts';
import { follow } from '../support/following.ts';
import { newAccount, signIn, type Account } from '../support/tab.ts';

const signOut = ({ url, cookie }: Account): Promise<Response> => fetch(`${url}/api/sign-out`, { method: 'POST', headers: { origin: url, cookie } });

it('who follows the audit log at one instance hears what is done at another, goes on there when the first one leaves, and no longer than they are signed in, wherever they sign out', async () => {
  await using cluster = await newCluster(2);
  const [first, second] = cluster.instances.map(({ url }) => url) as [string, string];
  const admin = await newAccount(first, 'admin@example.org');
  const here = await follow(admin, 'after=0');
  const all = [];
  while (all.at(-1)?.type !== 'audit-read') all.push(await here.next());
  await newAccount(second, 'mara@example.org');
  for (const _ of [1, 2]) all.push(await here.next());
  cluster.instances[0]!.signal('SIGTERM');
  expect(await here.next()).toBeUndefined();
  await newAccount(second, 'jens@example.org');
  const there = await follow({ ...admin, url: second }, 'after=0', all.at(-1)!.number);
  for (const _ of [1, 2, 3]) all.push(await there.next());
  expect(all.map((entry) => entry?.type)).toEqual(['signing-key-made', 'account-made', 'signed-in', 'audit-read', 'account-made', 'signed-in', 'account-made', 'signed-in', 'audit-read']);
  expect(all.map((entry) => entry?.number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  await cluster.instances[0]!.ended;
  await cluster.instances[0]!.start();
  const other = await signIn(first, 'admin@example.org');
  expect(await there.next()).toMatchObject({ type: 'signed-in' });
  const elsewhere = await follow({ ...other, url: second }, 'after=10');
  expect(await elsewhere.next()).toMatchObject({ type: 'audit-read' });
  await signOut(other);
  const heard = await elsewhere.next(); // the sign-out itself, when it was looked for right before this instance was told of it
  expect([undefined, 'signed-out']).toContain(heard?.type);
  expect(await elsewhere.next()).toBeUndefined();
  there.leave();
});
