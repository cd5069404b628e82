import { expect, it } from 'vitest';
import type { AuditEntry } from '../../contracts/records.ts';
import type { Person } from '../../contracts/routes.ts';
import type { Store } from '../../server/store/store.ts';
import { asEarlier } from '../support/earlier-account.ts';
import { ask } from '../support/reviewer.ts';
import { newServer } from '../support/server.ts';
import { newAccount, signIn } from '../support/tab.ts';

const EMAIL = 'quagmire@example.org';

async function newWorld() {
  const held: { store?: Store } = {};
  const server = await newServer({ wrap: (store) => (held.store = store) });
  const admin = await newAccount(server.url, 'admin@example.org');
  const mara = await newAccount(server.url, EMAIL);
  return {
    server, admin, mara,
    get store() {
      return held.store as Store;
    },
    /** Whether the address stands anywhere in what is kept. */
    isInTheOpen: async (): Promise<boolean> => (await server.held()).some((one) => one.includes(EMAIL)),
    register: (email: string): Promise<Response> => fetch(`${server.url}/api/register`, { method: 'POST', headers: { 'origin': server.url, 'content-type': 'application/json' }, body: JSON.stringify({ email, password: 'correct horse', name: 'Somebody' }) }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

it('[RE11] an e-mail address stands nowhere in the open, is taken once all the same, and free again for somebody else once its person was removed', async () => {
  await using world = await newWorld();
  const { server, admin, mara } = world;
  expect(await world.isInTheOpen()).toBe(false);
  expect((await signIn(server.url, EMAIL, 'correct horse')).person).toEqual(mara.person);
  expect((await world.register(EMAIL)).status).toBe(409);
  await ask(mara, 'rename', {}, { name: 'Mara the Second' });
  expect((await ask<{ people: Person[] }>(admin, 'people')).people.map(({ email, name }) => [email, name])).toContainEqual([EMAIL, 'Mara the Second']);
  await ask(admin, 'removePerson', { user: mara.person.id });
  expect((await world.register(EMAIL)).status).toBe(200);
});

it('[RE11] [RE8] what an earlier version kept in the open is under its key after the next start, on record once, and whoever it belongs to signs in as ever', async () => {
  await using world = await newWorld();
  const { server, admin, mara } = world;
  for (const { person } of [admin, mara]) await asEarlier(world.store, server.folder, person.id);
  expect(await world.isInTheOpen()).toBe(true);
  await server.restart();
  await server.restart();
  expect(await world.isInTheOpen()).toBe(false);
  expect((await signIn(server.url, EMAIL, 'correct horse')).person).toEqual(mara.person);
  expect((await world.register(EMAIL)).status).toBe(409);
  const { entries } = (await (await fetch(`${server.url}/api/audit?types=address-sealed`, { headers: { cookie: admin.cookie } })).json()) as { entries: AuditEntry[] };
  expect(entries.map(({ said }) => (said as { user: string }).user).toSorted()).toEqual([admin, mara].map(({ person }) => person.id as string).toSorted());
});

it('[RE11] of two accounts with one address, which two versions beside each other have made, the one that has it signs in, and an administrator sees both', async () => {
  await using world = await newWorld();
  const { server, admin, mara } = world;
  await asEarlier(world.store, server.folder, mara.person.id);
  expect((await world.register(EMAIL)).status).toBe(200); // a new version does not know that it is taken
  await server.restart();
  expect(await world.isInTheOpen()).toBe(false);
  const both = (await ask<{ people: Person[] }>(admin, 'people')).people.filter(({ email }) => email === EMAIL);
  expect(both.map(({ id }) => id)).toContain(mara.person.id);
  expect(both).toHaveLength(2);
  expect((await signIn(server.url, EMAIL, 'correct horse')).person.id).not.toBe(mara.person.id);
  await ask(admin, 'removePerson', { user: mara.person.id });
  await signIn(server.url, EMAIL, 'correct horse');
});
