import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { ModelId } from '../../contracts/ids.ts';
import { contentOf } from '../../server/journal/journal.ts';
import { masterKey, openKeys } from '../../server/journal/keys.ts';
import type { Store } from '../../server/store/store.ts';
import { event, newRawProvider } from '../support/raw-provider.ts';
import { newServer } from '../support/server.ts';
import { newSite, newVisitorTab, SHOP, visit } from '../support/site.ts';
import { newAccount, Tab } from '../support/tab.ts';

const localAt = (url: string) => ({ id: 'local', kind: 'openai-compatible', name: 'Local', baseUrl: `${url}/v1`, key: undefined, ownKeys: false, headers: {}, models: [{ name: 'tiny' }], fetch: false, titleModel: undefined }) as const;

it('[SI3] a provider that refuses in words of its own tells no visitor which model was asked; it stands on record', async () => {
  await using raw = await newRawProvider();
  const held: { store?: Store } = {};
  await using server = await newServer({ config: { providers: [localAt(raw.url)] }, wrap: (store) => (held.store = store) });
  const admin = await newAccount(server.url);
  const site = await newSite(admin, { model: 'local/tiny' as ModelId });
  await using tab = await newVisitorTab(server.url, site.id, await visit(server.url, site.id, {}, SHOP)).ready();
  const begun = tab.begin('Hello');
  (await raw.next()).reply(400, { error: { message: 'tiny of org-7 does not do that', type: 'invalid_request_error' } });
  const conversation = await begun;
  await tab.until(() => tab.view?.turn === null && tab.view.messages.length === 2);
  expect(tab.view!.messages[1]!.outcome).toEqual({ kind: 'failed', code: 'provider-refused' });
  await using again = await new Tab({ ...admin }).ready();
  await again.open(conversation);
  expect(JSON.stringify([tab.view, again.view])).not.toContain('org-7');
  const keys = openKeys(held.store!, masterKey(join(server.folder, 'master.key'), undefined));
  const { items } = await held.store!.find({ kind: 'record', index: 'byChain', where: [conversation], limit: 100 });
  const key = (await keys.of(conversation))!;
  expect(JSON.stringify(items.map(({ body }) => contentOf(body, key).said))).toContain('tiny of org-7 does not do that');
});

it('[SI3] the model is asked under its own name, told what the site decides and what the page says, and nothing else', async () => {
  await using raw = await newRawProvider();
  await using server = await newServer({ config: { providers: [localAt(raw.url)], hasDemo: true } });
  const admin = await newAccount(server.url);
  const site = await newSite(admin, { model: 'local/tiny' as ModelId, instructions: 'You sell coffee.' });
  await using tab = await newVisitorTab(server.url, site.id, await visit(server.url, site.id, {}, SHOP)).ready();
  const sent = tab.send('Is it good?', { context: { product: 'Yirgacheffe' } });
  const call = await raw.next();
  expect(call.body).toMatchObject({ model: 'tiny', messages: [{ role: 'system', content: 'You sell coffee.' }, { role: 'user' }] });
  expect(JSON.stringify(call.body)).toMatch(/What the page around the chat tells, unchecked.*product: Yirgacheffe.*Is it good\?/u);
  expect(JSON.stringify(call.body)).not.toContain('site_');
  call.open();
  await call.write(event({ id: 'c', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content: 'Very.' }, finish_reason: 'stop' }] }), event('[DONE]'));
  call.end();
  expect(await sent).toMatchObject({ ok: true });
  await using member = await new Tab(admin).ready();
  expect(await member.send('Hello', { context: { product: 'x' } })).toMatchObject({ ok: false, refusal: { code: 'not-permitted' } });
});
