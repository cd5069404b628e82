import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConversationId } from '../../../contracts/ids.ts';
import { newId } from '../../ids.ts';
import { sqliteStore } from '../../store/sqlite.ts';
import { UNFENCED, type Store, type Stored } from '../../store/store.ts';
import { nextRecord, START } from '../journal.ts';
import { openKeys, type Keys } from '../keys.ts';
import { newKey } from '../seal.ts';
import { linesOf, PackageWriter, piecesOf, underConversation } from './pieces.ts';

let folder: string;
let store: Store;
let keys: Keys;
const master = newKey();
const key = newKey();
const id = newId();
const conversation = newId();

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pieces-'));
  store = await sqliteStore({ folder });
  keys = openKeys(store, master);
  await store.commit([{ do: 'add', kind: 'export-work', id, body: { task: 'make', due: 0, step: 0, from: 0, of: null, attempts: 0 } }, keys.make(conversation, 'mara').change], UNFENCED);
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const work = async (): Promise<Stored<'export-work'>> => (await store.get('export-work', id))!;
const writer = async (): Promise<PackageWriter> => new PackageWriter(store, await work(), key, () => 1_000, new AbortController().signal);
const text = (words: string) => [Buffer.from(words)];
const opened = async (given = keys): Promise<string[]> => {
  const found: string[] = [];
  for await (const piece of piecesOf({ store, keys: given }, id, key)) found.push(await piece.open().then((bytes) => `${piece.path}: ${Buffer.from(bytes).toString()}`, (error: Error) => `${piece.path}: ${error.message}`));
  return found;
};

describe('[RE13] the pieces of a package', () => {
  it('that tell of a conversation can be read no more once its key is destroyed, whatever they say they are of', async () => {
    const under = (await underConversation(keys, key, conversation))!;
    const one = await writer();
    await one.file('of.txt', [{ under, source: text('canary') }]);
    await one.file('plain.txt', [{ under: { conversation: '', key }, source: text('plain') }]);
    await one.endStep();
    expect(await opened()).toEqual(['of.txt: canary', 'plain.txt: plain']);
    const chain = conversation as ConversationId;
    const { changes, head } = nextRecord(START, { chain, epoch: 1, at: 1, keyId: chain, key }, { actor: { user: null, session: null, address: '', agent: '' }, said: { type: 'conversation-erased', v: 1 } });
    await store.commit([...changes, { do: 'put', kind: 'gate', id: `conversation:${chain}`, version: 0, body: { holds: [] } }, { do: 'remove', kind: 'key', id: chain }], { chain, from: null, to: head });
    expect(await opened(openKeys(store, master))).toEqual(['of.txt: erased', 'plain.txt: plain']);
    const [piece] = (await store.find({ kind: 'export-chunk', index: 'byExport', where: [id], limit: 1 })).items;
    await store.commit([{ do: 'put', kind: 'export-chunk', id: piece!.id, body: { ...piece!.body, conversation: '' } }], UNFENCED);
    expect((await opened())[0]).not.toContain('canary');
  });

  it('are written by one of two who make the same package, and the other is refused', async () => {
    const [one, other] = [await writer(), await writer()];
    await one.file('a.txt', [{ under: { conversation: '', key }, source: text('one') }]);
    await one.endStep();
    await other.file('a.txt', [{ under: { conversation: '', key }, source: text('other') }]);
    await expect(other.endStep()).rejects.toThrow('conflict');
    expect([await opened(), (await work()).body]).toEqual([['a.txt: one'], expect.objectContaining({ step: 1, from: 1 })]);
  });

  it('of a step that was not ended are gone when it is begun again', async () => {
    const one = await writer();
    await one.file('a.txt', [{ under: { conversation: '', key }, source: text('kept') }]);
    await one.endStep();
    await one.file('b.txt', [{ under: { conversation: '', key }, source: text('half') }]);
    await one.flush();
    const next = await writer();
    await next.beginAgain();
    expect(await opened()).toEqual(['a.txt: kept']);
  });

  it('come back as the lines that they were made of, wherever they are cut', async () => {
    const lines = Array.from({ length: 3_000 }, (_, number) => `${number} 你好 ${'x'.repeat(number % 90)}`);
    const one = await writer();
    await one.file('a.txt', [{ under: { conversation: '', key }, source: text(lines.map((line) => `${line}\n`).join('')) }]);
    await one.endStep();
    const back: string[] = [];
    for await (const line of linesOf(piecesOf({ store, keys }, id, key))) back.push(line);
    expect(back).toEqual(lines);
  });
});
