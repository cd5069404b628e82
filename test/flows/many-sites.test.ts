import { expect, it } from 'vitest';
import { around } from '../../server/store/around.ts';
import type { Store } from '../../server/store/store.ts';
import { newServer } from '../support/server.ts';
import { newSite, SITE, SHOP, visit } from '../support/site.ts';
import { newAccount } from '../support/tab.ts';

it('[SI1] more sites than a page’s origin is looked for in are not made: the oldest would be closed to everybody', async () => {
  let sites = 0;
  const crowded = (store: Store): Store => around(store, { find: async (query) => {
    const page = await store.find(query);
    return query.kind === 'site' && sites > 0 ? { ...page, items: Array.from({ length: Math.min(sites, query.limit) }, () => page.items[0]!) } : page;
  } });
  await using server = await newServer({ config: { hasDemo: true }, wrap: crowded });
  const admin = await newAccount(server.url);
  const { id } = await newSite(admin);
  sites = 999;
  await newSite(admin, { name: 'The last one' });
  sites = 1_000;
  const refused = await fetch(`${server.url}/api/sites`, { method: 'POST', headers: { origin: server.url, cookie: admin.cookie, 'content-type': 'application/json' }, body: JSON.stringify(SITE) });
  expect([refused.status, await refused.json()]).toEqual([413, { refusal: { code: 'too-large', text: 'A deployment has at most 1000 sites. Remove one first.' } }]);
  expect(await visit(server.url, id, {}, SHOP)).toMatchObject({ conversation: null });
});
