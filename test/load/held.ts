// What a look for conversations that are to be erased costs where many are held: `node test/load/held.ts [how many …]`.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openErasing } from '../../server/conversations/erasing.ts';
import { sqliteStore } from '../../server/store/sqlite.ts';
import type { Store } from '../../server/store/store.ts';
import { conversationBody, fence, record } from '../fixtures/store/documents.ts';

const LOOKS = 20;

async function addHeld(store: Store, count: number): Promise<void> {
  const body = (id: string) => conversationBody(id, { deletedAt: 1, eraseAt: 1 });
  for (let from = 0; from < count; from += 100) {
    await Promise.all(Array.from({ length: 100 }, (_, index) => `held ${from + index}`).map((id) => store.commit([record(id, 1), { do: 'add', kind: 'conversation', id, body: body(id) }], fence(id, 1))));
  }
  await store.commit([record('case', 1), { do: 'put', kind: 'gate', id: 'person:ann', version: 0, body: { holds: [{ case: 'case', hold: 'hold', from: null, to: null }] } }], fence('case', 1));
}

async function medianMs(look: () => Promise<void>): Promise<number> {
  const taken: number[] = [];
  for (let count = 0; count < LOOKS; count++) {
    const began = performance.now();
    await look();
    taken.push(performance.now() - began);
  }
  return taken.toSorted((a, b) => a - b)[LOOKS / 2] as number;
}

for (const count of process.argv.length > 2 ? process.argv.slice(2).map(Number) : [100, 1_000, 10_000]) {
  const folder = mkdtempSync(join(tmpdir(), 'held-'));
  const store = await sqliteStore({ folder });
  await addHeld(store, count);
  const newDuty = () => openErasing(store, { erase: () => Promise.resolve() }, { now: Date.now }, (_, work) => work.then(() => true));
  const everything = await medianMs(() => newDuty()()); // as every look was before
  const duty = newDuty();
  await duty();
  process.stdout.write(`${count} held: a look at everything ${everything.toFixed(2)} ms, a look after that ${(await medianMs(duty)).toFixed(2)} ms\n`);
  await store.close();
  rmSync(folder, { recursive: true, force: true });
}
