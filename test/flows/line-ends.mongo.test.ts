import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../server/ids.ts';
import { erasedSince } from '../../server/journal/erased-since.ts';
import { copiedIn } from '../../server/journal/verify/copied.ts';
import { databaseCopies } from '../../server/store/mongo/copies.ts';
import { mongoStore } from '../../server/store/mongo.ts';
import { UNFENCED } from '../../server/store/store.ts';
import { newTestDatabase } from '../support/mongo-database.ts';

/** Signs that some take for the end of a line, and JSON need not write in another way. */
const SIGNS = 'one\u2028two\u2029three\u0085four';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'line-ends-'))));
afterEach(() => rmSync(folder, { recursive: true }));

describe('[RE15] a sign that some take for the end of a line ends none', () => {
  it('of what a backup of a database holds, as it is verified', async () => {
    writeFileSync(join(folder, 'record.ndjson'), `${JSON.stringify({ _id: 'a:1', json: SIGNS, version: 1 })}\n${JSON.stringify({ _id: 'a:2', json: '', version: 1 })}\n`);
    const read = [];
    for await (const { _id, json } of copiedIn(folder)('record')) read.push([_id, json]);
    expect(read).toEqual([['a:1', SIGNS], ['a:2', '']]);
  });

  it('of what is copied out of a database, and put into another', async () => {
    await using from = await newTestDatabase();
    await using to = await newTestDatabase();
    const opened = (uri: string) => mongoStore({ uri, restores: true, report: (sentence) => { throw new Error(sentence); } });
    const cosigned = { size: 1, at: 1_000, note: SIGNS, isRefused: false, holder: '', until: 0 };
    const store = await opened(from.uri);
    await store.commit([{ do: 'put', kind: 'cosigned', id: 'witness', body: cosigned }], UNFENCED);
    await store.close();
    const places = { content: join(folder, 'content'), keys: join(folder, 'keys') };
    for (const place of Object.values(places)) mkdirSync(place);
    await databaseCopies({ uri: from.uri, open: () => opened(from.uri) }).copy(places);
    const copies = databaseCopies({ uri: to.uri, open: () => opened(to.uri) });
    await copies.take();
    const restored = await copies.place(places);
    expect((await restored.get('cosigned', 'witness'))?.body).toEqual(cosigned);
    await restored.close();
    await copies.keep();
    await copies.close();
  });

  it('of the records in a copy outside, or of a list, that say what was erased since', async () => {
    const [erased, other] = [newId(), newId()];
    const shard = join(folder, 'records', '000');
    mkdirSync(shard, { recursive: true });
    const line = (place: number, type: string, chain: string): string => `${JSON.stringify({ place, record: { type, chain, sealed: SIGNS } })}\n`;
    writeFileSync(join(shard, '000.ndjson'), line(0, 'turn-ended', other) + line(1, 'conversation-erased', erased));
    expect((await erasedSince(folder)).erased).toEqual(new Set([erased]));
    const list = join(folder, 'list.txt');
    writeFileSync(list, `${erased}\r\n\n${other}\n`);
    expect((await erasedSince(list)).erased).toEqual(new Set([erased, other]));
    writeFileSync(list, `${erased}\u2028${other}\n`);
    await expect(erasedSince(list)).rejects.toThrow('is no list of conversations');
  });
});
