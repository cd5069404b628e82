import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Case } from '../../contracts/cases.ts';
import type { ConversationId, FileId } from '../../contracts/ids.ts';
import { newId } from '../../server/ids.ts';
import { zipFolder } from '../../server/journal/verify-zip.ts';
import type { Store } from '../../server/store/store.ts';
import { faultyStore, type FaultPlan } from '../support/faults.ts';
import { chosen, contentOf, packageOf, verified } from '../support/packages.ts';
import { PIXEL } from '../support/pixel.ts';
import { give, openCase } from '../support/reviewer.ts';
import { newServer, type TestServer } from '../support/server.ts';
import { newAccount, Tab, type Account } from '../support/tab.ts';

const nothing: FaultPlan = () => undefined;
let server: TestServer;
let store: Store;
let plan: FaultPlan = nothing;
let admin: Account;
let reviewer: Account;
let mara: Account;
let tab: Tab;
let opened: Case;
let conversation: ConversationId;

beforeAll(async () => {
  server = await newServer({ config: { hasDemo: true, demoWordsPerSecond: 2_000, restoreMs: 0 }, wrap: (given) => (store = faultyStore(given, (changes, fence) => plan(changes, fence))) });
  admin = await newAccount(server.url, 'admin@example.org');
  reviewer = await newAccount(server.url, 'reviewer@example.org');
  mara = await newAccount(server.url, 'mara@example.org');
  await give(admin, reviewer, 'reviewer');
  opened = await openCase(reviewer);
  tab = await new Tab(mara).ready();
  conversation = await tab.begin('The canary sings');
  await tab.until(() => tab.view?.conversation.titledBy === 'model' && tab.view.turn === null);
  await fetch(`${server.url}/api/conversations/${conversation}/files?name=a.png&file=${newId<FileId>()}`, { method: 'POST', headers: { origin: server.url, cookie: mara.cookie, 'content-type': 'image/png' }, body: new Uint8Array(PIXEL) });
});
afterAll(async () => {
  await tab[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

describe('[RE10] a package', () => {
  it('is ordered, made in the background, downloaded, and intact without a server', async () => {
    const zip = await packageOf(reviewer, opened, chosen(conversation), { forms: ['csv', 'html', 'eml', 'rsmf'] });
    expect(zipFolder(zip).names).toEqual([]);
    expect(await verified(zip)).toEqual({ code: 0, said: '' });
    expect((await contentOf(zip, 'messages.csv')).toString()).toContain('canary');
    expect(store).toBeDefined();
  });
});
