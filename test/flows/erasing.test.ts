import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { conversationBody, fence, record } from '../fixtures/store/documents.ts';
import { openSqlite } from '../support/sqlite-store.ts';
import type { OpenStore } from '../ports/store.suite.ts';
import type { UserId } from '../../contracts/ids.ts';
import { openCases } from '../../server/accounts/cases.ts';
import { openAudit } from '../../server/journal/audit.ts';
import { ITSELF } from '../../server/journal/journal.ts';
import { openKeys } from '../../server/journal/keys.ts';
import { newKey } from '../../server/journal/seal.ts';
import { around } from '../../server/store/around.ts';
import type { Store } from '../../server/store/store.ts';
import { openErasing } from '../../server/conversations/erasing.ts';

const HOUR_MS = 3_600_000;
let opened: OpenStore;
let store: Store;
let reads = 0;
const clock = { at: 0, now: () => clock.at };
/** What another instance has is not erased here. */
const elsewhere = new Set<string>();
const broken = new Set<string>();

beforeEach(async () => {
  opened = await openSqlite();
  clock.at = 10 * HOUR_MS;
  for (const set of [elsewhere, broken]) set.clear();
  store = around(opened.store, {
    get: (kind, id) => ((reads += 1), opened.store.get(kind, id)),
    find: async (query) => {
      const page = await opened.store.find(query);
      reads += 1 + page.items.length;
      return page;
    },
  });
});
afterEach(() => opened.close());

const erase = async (id: string): Promise<void> => {
  if (broken.has(id)) throw new Error(`no key for ${id}`);
  if (elsewhere.has(id)) return;
  await opened.store.commit([record(id, 2), { do: 'put', kind: 'conversation', id, body: conversationBody(id, { isErased: true, deletedAt: 1, eraseAt: null }) }], fence(id, 2));
};
const duty = () => openErasing(store, { erase }, clock, (_, work) => work.then(() => true, () => false));
const isErased = async (id: string): Promise<boolean> => (await opened.store.get('conversation', id))?.body.isErased === true;
const isDue = (id: string, eraseAt: number) => opened.store.commit([record(id, 1), { do: 'add', kind: 'conversation', id, body: conversationBody(id, { deletedAt: eraseAt, eraseAt }) }], fence(id, 1));
const master = newKey();
/** Holds of a reviewer. */
function newCases() {
  const keys = openKeys(opened.store, master);
  return openCases(opened.store, keys, openAudit(opened.store, keys, clock), clock);
}

async function readsOf(look: () => Promise<void>): Promise<number> {
  reads = 0;
  await look();
  return reads;
}

describe('[RE7] what looks for conversations that are to be erased', () => {
  it('reads no more the more is held, and erases it once it is released, and what becomes due meanwhile', async () => {
    const held = Array.from({ length: 60 }, (_, index) => `held ${index}`);
    for (const id of held) await isDue(id, HOUR_MS);
    const cases = newCases();
    const { id: of } = await cases.open('Roe v. Kiln', 'Letter', ITSELF);
    const { holds: [placed] } = await cases.hold(of, { of: { type: 'person', id: 'ann' as UserId }, from: null, to: null }, 'Letter', { ...ITSELF, user: 'reviewer' as UserId });
    const look = duty();
    const first = await readsOf(look);
    const later = await readsOf(look);
    expect([first > 120, later]).toEqual([true, 2]);
    await cases.release(of, placed!.id, 'Settled', ITSELF);
    for (let round = 0; round < 4; round++) await look(); // twenty at once
    expect(await Promise.all(held.map(isErased))).not.toContain(false);
    clock.at += HOUR_MS / 2;
    await isDue('new', clock.at);
    await look();
    expect(await isErased('new')).toBe(true);
  });

  it('tries again what another instance had and what failed, also when the clock of another one was behind, and looks at everything each hour', async () => {
    for (const id of ['there', 'broken', 'whole']) await isDue(id, HOUR_MS);
    elsewhere.add('there');
    broken.add('broken');
    const look = duty();
    await look();
    await look();
    expect(await Promise.all(['there', 'broken', 'whole'].map(isErased))).toEqual([false, false, true]);
    for (const set of [elsewhere, broken]) set.clear();
    await isDue('behind', clock.at - 60_000);
    await look();
    expect(await Promise.all(['there', 'broken', 'behind'].map(isErased))).toEqual([true, true, true]);
    await isDue('far behind', HOUR_MS);
    await look();
    expect(await isErased('far behind')).toBe(false);
    clock.at += HOUR_MS;
    await look();
    expect(await isErased('far behind')).toBe(true);
  });
});
