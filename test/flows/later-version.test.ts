import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { ConversationId } from '../../contracts/ids.ts';
import { AUDIT_CHAIN, type AuditEntry, type AuditRecord, type ChatRecord } from '../../contracts/records.ts';
import { DEPLOYMENT, openAudit } from '../../server/journal/audit.ts';
import { ITSELF, nextRecord } from '../../server/journal/journal.ts';
import { masterKey, openKeys } from '../../server/journal/keys.ts';
import { ocsfOf } from '../../server/journal/ocsf.ts';
import type { Store } from '../../server/store/store.ts';
import { chosen, packageOf, verified } from '../support/packages.ts';
import { ask, give, openCase } from '../support/reviewer.ts';
import { newServer } from '../support/server.ts';
import { newAccount, Tab } from '../support/tab.ts';
import { talkIn } from '../support/talking.ts';

const LATER = { type: 'thought-of-later', v: 9, of: { what: 'nobody here knows' } };

it('[RE1] [RE7] records that a newer version has written, in a conversation and in the audit log, are kept, counted, shown by their name, exported and verified; the conversation goes on', async () => {
  const held: { store?: Store } = {};
  await using server = await newServer({ config: { hasDemo: true, demoWordsPerSecond: 2_000 }, wrap: (store) => (held.store = store) });
  const admin = await newAccount(server.url);
  const reviewer = await newAccount(server.url, 'reviewer@example.org');
  await give(admin, reviewer, 'reviewer');
  const before = await new Tab(admin).ready();
  const conversation = await talkIn(before, 'Hello');
  await before[Symbol.asyncDispose](); // so that nobody has the conversation open while the newer version writes to it
  await server.restart();
  const store = held.store as Store;
  const keys = openKeys(store, masterKey(join(server.folder, 'master.key'), undefined));
  const { body: head } = (await store.get('head', conversation))!;
  const next = nextRecord(head, { chain: conversation as ConversationId, epoch: head.epoch + 1, at: Date.now(), keyId: conversation, key: (await keys.of(conversation))! }, { actor: ITSELF, said: LATER as unknown as ChatRecord });
  await store.commit(next.changes, { chain: conversation, from: head, to: { ...next.head, seq: 0 } });
  await openAudit(store, keys, { now: Date.now }).commit([], LATER as unknown as AuditRecord, ITSELF, DEPLOYMENT);

  await using tab = await new Tab(admin).ready();
  await tab.open(conversation);
  expect(await tab.send('And now?')).toMatchObject({ ok: true });
  await tab.until(() => tab.thread.length === 4 && tab.view?.turn === null);
  const { entries } = await ask<{ entries: AuditEntry[] }>(admin, 'auditLog');
  const shown = entries.find(({ type }) => type === LATER.type)!;
  expect(shown.said).toEqual(LATER);
  expect(ocsfOf(shown)).toMatchObject({ api: { operation: LATER.type }, unmapped: { number: shown.number, of: LATER.of } });
  expect(await (await fetch(`${server.url}/api/audit/export?format=csv`, { headers: { cookie: admin.cookie } })).text()).toContain(LATER.type);
  const file = await packageOf(reviewer, await openCase(reviewer), chosen(conversation), { forms: ['csv', 'html'] });
  expect(await verified(file)).toMatchObject({ code: 0, said: expect.stringMatching(/^Intact/u) });
  const { items } = await store.find({ kind: 'record', index: 'byChain', where: [AUDIT_CHAIN], limit: 1_000 });
  expect(items.filter(({ body }) => body.type === LATER.type)).toHaveLength(1);
});
