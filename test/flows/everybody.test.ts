import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Case, FindFound } from '../../contracts/cases.ts';
import type { Conversation } from '../../contracts/conversation.ts';
import type { ExportScope } from '../../contracts/exports.ts';
import type { ConversationId } from '../../contracts/ids.ts';
import type { AuditEntry } from '../../contracts/records.ts';
import type { Site } from '../../contracts/sites.ts';
import { conversationBody } from '../../server/conversations/documents.ts';
import { newId } from '../../server/ids.ts';
import { masterKey, openKeys } from '../../server/journal/keys.ts';
import type { Store } from '../../server/store/store.ts';
import { fence, record } from '../fixtures/store/documents.ts';
import { contentOf, order, packageOf, verified } from '../support/packages.ts';
import { ask, give, openCase } from '../support/reviewer.ts';
import { newServer, type TestServer } from '../support/server.ts';
import { newSite, newVisitorTab, visit } from '../support/site.ts';
import { DEMO, newAccount, type Account, Tab } from '../support/tab.ts';
import { askIn, erase, talk } from '../support/talking.ts';
import { until } from '../support/until.ts';

const EVERYBODY = { type: 'everybody' } as const;
/** More than one question looks at. */
const OLD = 1_030;
const NEEDLE = 'nightjar';

let server: TestServer;
let store: Store;
let admin: Account;
let reviewer: Account;
let mara: Account;
let jens: Account;
let site: Site;
let opened: Case;
let maras: ConversationId;
let visited: ConversationId;
let erased: ConversationId;
let removed: ConversationId;
const tabs: Tab[] = [];
let begunAt: number;

/** Mara and a visitor have written, another conversation of the visitor is erased, and Jens, who had written as well, is removed. */
beforeAll(async () => {
  begunAt = Date.now();
  server = await newServer({ config: { hasDemo: true, demoWordsPerSecond: 2_000, restoreMs: 0 }, wrap: (given) => (store = given) });
  admin = await newAccount(server.url, 'admin@example.org');
  [reviewer, mara, jens] = await Promise.all(['reviewer', 'mara', 'jens'].map((name) => newAccount(server.url, `${name}@example.org`))) as [Account, Account, Account];
  await give(admin, reviewer, 'reviewer');
  opened = await openCase(reviewer);
  site = await newSite(admin);
  const given = await visit(server.url, site.id);
  const visitor = async (text: string): Promise<ConversationId> => {
    const tab = await newVisitorTab(server.url, site.id, given, server.url).ready();
    tabs.push(tab);
    return askIn(tab, text);
  };
  const [ofMara, ofJens] = [await talk(mara, 'The canary sings'), await talk(jens, 'A magpie')];
  tabs.push(ofMara.tab, ofJens.tab);
  [maras, removed] = [ofMara.conversation, ofJens.conversation];
  erased = await visitor('Forget this');
  await erase(tabs.at(-1)!);
  visited = await visitor('Does the canary sing?');
  await ask(admin, 'removePerson', { user: jens.person.id });
  await until(async () => (await store.get('user', jens.person.id)) === undefined, 'nothing is left of who was removed');
});
afterAll(async () => {
  for (const tab of tabs) await tab[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const because = (): { case: string; reason: string } => ({ case: opened.id, reason: 'Named in the letter' });
const find = (range: { from: number | null; to: number | null }, words = '', after?: string) => ask<FindFound>(reviewer, 'find', {}, { ...because(), of: EVERYBODY, ...range, models: [], words, ...(after !== undefined && { after }) });
const idsOf = ({ found }: FindFound): ConversationId[] => found.map(({ id }) => id);

/** Conversations of long ago, the first of which alone has a certain title. */
async function addOld(): Promise<ConversationId[]> {
  const keys = openKeys(store, masterKey(join(server.folder, 'master.key'), undefined));
  const add = async (place: number): Promise<ConversationId> => {
    const id = newId<ConversationId>();
    const { key, change } = keys.make(id, mara.person.id);
    const kept: Conversation = { id, title: place === 0 ? NEEDLE : 'Old', titledBy: 'model', model: DEMO, parameters: {}, createdAt: place, updatedAt: place, pinned: false, archived: place % 2 === 0, deletedAt: null, choices: {}, queue: [] };
    const body = conversationBody(kept, mara.person.id, key, { eraseAt: null, isErased: false, runs: false, position: { epoch: 1, seq: 1 } });
    await store.commit([change, record(id, 1), { do: 'add', kind: 'conversation', id, body }], fence(id, 1));
    return id;
  };
  const ids: ConversationId[] = [];
  for (let from = 0; from < OLD; from += 103) ids.push(...(await Promise.all(Array.from({ length: 103 }, (_, index) => add(from + index)))));
  return ids;
}

describe('[RE8] what a reviewer looks for with everybody', () => {
  it('is found whoever wrote it, the latest first, between dates alone, and what was asked is on record', async () => {
    const since = { from: begunAt, to: null };
    const all = await find(since);
    expect([idsOf(all), all.isWhole, all.goesOn]).toEqual([[visited, maras], true, undefined]);
    expect(idsOf(await find(since, 'CANARY'))).toEqual([visited, maras]);
    expect(idsOf(await find(since, 'does canary'))).toEqual([visited]);
    expect(await find({ from: null, to: begunAt - 1 })).toEqual({ found: [], isWhole: true });
    await expect(find({ from: null, to: null })).rejects.toThrow('invalid-command');
    await expect(find({ from: begunAt, to: begunAt - 1 })).rejects.toThrow('invalid-command');
    await expect(find(since, '', 'nowhere')).rejects.toThrow('invalid-command');
    const { entries } = await ask<{ entries: AuditEntry[] }>(admin, 'auditLog');
    expect(entries.map(({ said }) => said)).toContainEqual({ type: 'review-searched', v: 1, asked: { ...because(), of: EVERYBODY, ...since, models: [], words: 'CANARY' } });
  });

  it('is looked for a part at a time: each answer says how far, and the next question goes on there until all was looked at, each once', async () => {
    const old = (await addOld()).toReversed();
    const range = { from: null, to: OLD };
    const all: ConversationId[] = [];
    const stops: number[] = [];
    for (let answer = await find(range); ; answer = await find(range, '', answer.goesOn!.after)) {
      expect(answer.found.length).toBeLessThanOrEqual(500);
      all.push(...idsOf(answer));
      if (answer.isWhole) break;
      stops.push(answer.goesOn!.at);
      expect(answer.goesOn!.at).toBe(answer.found.at(-1)!.updatedAt);
    }
    expect(all).toEqual(old);
    expect(stops.length).toBeGreaterThan(1);

    const first = await find(range, NEEDLE);
    expect(first).toEqual({ found: [], isWhole: false, goesOn: { after: expect.any(String), at: expect.any(Number) } });
    expect(first.goesOn!.at).toBeGreaterThan(0);
    expect(idsOf(await find(range, NEEDLE, first.goesOn!.after))).toEqual([old.at(-1)]);
    const { entries } = await ask<{ entries: AuditEntry[] }>(admin, 'auditLog');
    expect(entries.find(({ type }) => type === 'review-searched')?.said).toMatchObject({ asked: { of: EVERYBODY, words: NEEDLE, after: first.goesOn!.after } });
  });
});

interface Line {
  readonly conversation?: string;
  readonly isErased?: boolean;
  readonly isIncluded?: boolean;
  readonly subject?: { readonly type: string; readonly id: string };
  readonly conversations?: number;
  readonly included?: number;
}

describe('[RE13] a package of everybody between two dates', () => {
  const whole = (from: number | null, to: number | null = null): ExportScope => ({ type: 'whole', of: EVERYBODY, from, to });

  it('counts each conversation once, with its person or its site, those that are erased and of whom was removed included, and everybody who has none; the verifier agrees', async () => {
    const zip = await packageOf(reviewer, opened, whole(begunAt));
    const lines = (await contentOf(zip, 'statement.ndjson')).toString().trimEnd().split('\n').map((line) => JSON.parse(line) as Line);
    const counted = lines.flatMap(({ subject, conversations, included }) => (subject === undefined ? [] : [[`${subject.type} ${subject.id}`, conversations, included] as const]));
    const of = (account: Account, count: number) => [`person ${account.person.id}`, count, count] as const;
    expect(counted).toHaveLength(5);
    expect(new Map(counted.map(([whose, ...counts]) => [whose, counts]))).toEqual(new Map([of(admin, 0), of(reviewer, 0), of(mara, 1), of(jens, 1), [`site ${site.id}`, 2, 2] as const].map(([whose, ...counts]) => [whose, counts])));
    const named = lines.filter(({ conversation }) => conversation !== undefined);
    expect(Object.fromEntries(named.map(({ conversation, isErased }) => [conversation, isErased]))).toEqual({ [maras]: false, [visited]: false, [erased]: true, [removed]: true });
    expect(named.every(({ isIncluded }) => isIncluded)).toBe(true);
    expect(await verified(zip)).toEqual({ code: 0, said: expect.stringMatching(new RegExp(`^Intact: \\d+ records in 4 chains\\.\\n[^]*Site ${site.id}, from .*: 2 of 2 conversations are in it`, 'u')) });
  });

  it('has nothing of another time, and is refused without a date', async () => {
    const { code, said } = await verified(await packageOf(reviewer, opened, whole(null, begunAt - 1)));
    expect([code, said.match(/0 of 0 conversations/gu)?.length]).toEqual([0, 4]);
    await expect(order(reviewer, opened, whole(null))).rejects.toThrow('invalid-command');
  });
});
