import { expect, it } from 'vitest';
import { siteModel } from '../../contracts/site-model.ts';
import type { ConversationId, FileId, ModelId, SiteId } from '../../contracts/ids.ts';
import { newDirectory, actor, user } from '../support/directory.ts';
import { PIXEL } from '../support/pixel.ts';
import { newId } from '../../server/ids.ts';
import { AUDIT_CHAIN } from '../../contracts/records.ts';
import { record } from '../fixtures/store/documents.ts';
import type { Store } from '../../server/store/store.ts';
import { NO_MODEL_YET } from '../../server/conversations/files.ts';
import { startSweep } from '../../server/conversations/sweep.ts';

const DAY_MS = 24 * 3_600_000;
const site = 'site_AAAAAAAAAAAAAAAAAAAAAA' as SiteId;

async function hold(store: Store, gate: string, span: { from: number | null; to: number | null } | undefined): Promise<void> {
  const kept = await store.get('gate', gate);
  const from = (await store.get('head', AUDIT_CHAIN))?.body ?? null;
  const number = (from?.number ?? 0) + 1;
  const holds = span === undefined ? [] : [{ case: 'case', hold: 'hold', ...span }];
  await store.commit([{ do: 'put', kind: 'gate', id: gate, version: kept?.version ?? 0, body: { holds } }, record(AUDIT_CHAIN, number)], { chain: AUDIT_CHAIN, from, to: { epoch: 1, seq: 0, number, hash: 'hash' } });
}

it.each<[string, ModelId, string, boolean]>([
  ['its person, at that time', NO_MODEL_YET, `person:${user}`, true],
  ['its site', siteModel(site), `site:${site}`, false],
])('[RE7] an image that was never sent is kept by a hold on %s, and removed once nothing holds it', async (_, model, gate, isBounded) => {
  await using at = await newDirectory();
  const { store, clock } = at;
  const file = newId<FileId>();
  await at.directory.addFile(newId<ConversationId>(), model, { id: file, name: 'a.png', bytes: PIXEL }, actor);
  await hold(store, gate, { from: null, to: isBounded ? clock.at + 1_000 : null });
  clock.at += 2 * DAY_MS;
  await at.directory.close();
  const directory = at.again(); // nobody has it in memory by then
  const sweep = async (): Promise<void> => {
    const done = Promise.withResolvers<void>();
    const stop = await startSweep(store, directory, clock, () => undefined, [() => Promise.resolve(done.resolve())]);
    await done.promise;
    await stop();
  };
  await sweep();
  expect(await store.get('file', file)).toBeDefined();
  await hold(store, gate, undefined);
  await sweep();
  expect(await store.get('file', file)).toBeUndefined();
});
