import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ConversationId } from '../../contracts/ids.ts';
import { newId } from '../../server/ids.ts';
import { consistencyProof, GrowingRoot, nodeHash, provesConsistency } from '../../server/journal/merkle.ts';
import { readCheckpoint, type Checkpoint } from '../../server/journal/signed-note.ts';
import { tileName } from '../../server/journal/tile-name.ts';
import { subtreesIn, TILE_WIDTH } from '../../server/journal/tiles.ts';
import type { Store } from '../../server/store/store.ts';
import { codeOf } from '../support/refusal.ts';
import { writeRecords } from '../support/sealed-records.ts';
import { newServer, type TestServer } from '../support/server.ts';
import { newAccount, type Account } from '../support/tab.ts';

let server: TestServer;
let admin: Account;
let other: Account;
let keys: readonly string[];
let before: Checkpoint;
let now: Checkpoint;

beforeAll(async () => {
  let store: Store | undefined;
  server = await newServer({ wrap: (real) => (store = real) });
  admin = await newAccount(server.url);
  other = await newAccount(server.url);
  /** The checkpoint, once so many records more have been signed. */
  const signed = async (more: number, from = 0): Promise<Checkpoint> => {
    await writeRecords(store!, newId<ConversationId>(), more);
    return vi.waitUntil(async () => checkpoint().then((now) => now.size >= from + more && now), { timeout: 30_000, interval: 500 });
  };
  await vi.waitUntil(async () => (await get('/api/log/checkpoint')).ok, { timeout: 30_000, interval: 500 });
  ({ keys } = (await (await get('/api/log/checkpoint')).json()) as { keys: string[] });
  before = await signed(TILE_WIDTH + 20);
  now = await signed(TILE_WIDTH + 20, before.size);
});
afterAll(() => server[Symbol.asyncDispose]());

const get = (path: string, { cookie }: Pick<Account, 'cookie'> = admin, headers: Record<string, string> = {}): Promise<Response> => fetch(server.url + path, { headers: { cookie, ...headers } });

/** As a tool of others reads it: the note, under the prefix `/api/log`. */
async function checkpoint(): Promise<Checkpoint> {
  const reply = await get('/api/log/checkpoint', admin, { accept: 'text/plain' });
  expect(reply.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  return readCheckpoint(await reply.text(), keys);
}

/** The hashes of the tile in a tree of this size, by its own name. */
async function tileOf(size: number, level: number, index: number): Promise<readonly Buffer[]> {
  const width = Math.min(Math.floor(size / TILE_WIDTH ** level) - index * TILE_WIDTH, TILE_WIDTH);
  const reply = await get(`/api/log/${tileName(level, index)}${width < TILE_WIDTH ? `.p/${width}` : ''}`);
  expect([reply.status, reply.headers.get('content-type'), reply.headers.get('cache-control')]).toEqual([200, 'application/octet-stream', width < TILE_WIDTH ? 'no-store' : 'private, max-age=31536000, immutable']);
  const bytes = Buffer.from(await reply.arrayBuffer());
  expect(bytes.length).toBe(width * 32);
  return Array.from({ length: width }, (_, place) => bytes.subarray(place * 32, (place + 1) * 32));
}

describe('[PF2] whoever reads the tiles', () => {
  it('makes the root that was signed of them, for every checkpoint, and finds each tile under its hash in the level above', async () => {
    for (const { size, root } of [before, now]) {
      const growing = new GrowingRoot();
      for (let index = 0; index * TILE_WIDTH < size; index++) for (const leaf of await tileOf(size, 0, index)) growing.push(leaf);
      expect(growing.root()).toEqual(root);
    }
    const above = await tileOf(now.size, 1, 0);
    expect(above.length).toBe(Math.floor(now.size / TILE_WIDTH));
    for (const [index, hash] of above.entries()) {
      let row = await tileOf(now.size, 0, index);
      while (row.length > 1) row = Array.from({ length: row.length / 2 }, (_, place) => nodeHash(row[place * 2]!, row[place * 2 + 1]!));
      expect(row[0]).toEqual(hash);
    }
  });

  it('proves with nothing else that the later checkpoint begins with the earlier one', async () => {
    expect(now.size).toBeGreaterThan(before.size);
    const proof = await consistencyProof(before.size, now.size, subtreesIn((level, index) => tileOf(now.size, level, index)));
    expect(provesConsistency(before, now, proof)).toBe(true);
    expect(provesConsistency({ ...before, root: now.root }, now, proof)).toBe(false);
  });

  it('is given nothing that was not signed, and is told of a name that is none', async () => {
    const { size } = await checkpoint();
    const last = Math.floor(size / TILE_WIDTH);
    for (const name of [tileName(0, last), `${tileName(0, last)}.p/${(size % TILE_WIDTH) + 1}`, tileName(0, last + 1), `${tileName(0, 1_000_000)}.p/1`]) expect({ name, code: await codeOf(get(`/api/log/${name}`)) }).toEqual({ name, code: 'not-found' });
    for (const name of ['1/001', '2/000', '2/000.p/1', '63/000']) expect({ name, code: await codeOf(get(`/api/log/tile/${name}`)) }).toEqual({ name, code: 'not-found' });
    for (const name of ['0', '0/0', '0/x000/001', '64/000', '0/000.p/0', '0/000.p/256', 'entries/000', '0/%2e%2e/000', `0/${'x001/'.repeat(20)}001`]) expect({ name, code: await codeOf(get(`/api/log/tile/${name}`)) }).toEqual({ name, code: 'invalid-command' });
  });

  it('is an administrator, as of the other proofs', async () => {
    expect(await codeOf(get('/api/log/tile/0/000', other))).toBe('not-permitted');
    expect(await codeOf(get('/api/log/tile/0/000', { cookie: '' }))).toBe('session-ended');
    const json = (await (await get('/api/log/checkpoint')).json()) as { size: number; note: string };
    expect(json.note).toContain(`\n${json.size}\n`);
  });
});
