import { expect, it, vi } from 'vitest';
import type { LogCheckpoint } from '../../contracts/records.ts';
import type { z } from '../../contracts/zod.ts';
import { readCheckpoint } from '../../server/journal/signed-note.ts';
import { saved, verified } from '../support/packages.ts';
import { newServer } from '../support/server.ts';
import { newAccount, type Account } from '../support/tab.ts';

type Checkpoint = z.infer<typeof LogCheckpoint>;

async function ask<T>({ url, cookie }: Account, method: string, path: string): Promise<T> {
  const reply = await fetch(url + path, { method, headers: { origin: url, cookie } });
  if (!reply.ok) throw new Error(`${reply.status} ${await reply.text()}`);
  return (await reply.json()) as T;
}

/** The first checkpoint that names this key, or the first of all. */
function checkpointWith(admin: Account, key = ''): Promise<Checkpoint> {
  return vi.waitUntil(async () => {
    const checkpoint = await ask<Checkpoint>(admin, 'GET', '/api/log/checkpoint').catch(() => undefined);
    return checkpoint?.keys.some((named) => named.includes(key)) === true && checkpoint;
  }, { timeout: 30_000, interval: 100 });
}

it('[RE6] the key of the log is changed while the product runs: who trusts the one before it goes on checking, also after a restart', async () => {
  await using server = await newServer();
  const admin = await newAccount(server.url);
  const change = async (): Promise<string> => (await ask<{ key: string }>(admin, 'POST', '/api/log/keys')).key;
  const [first] = (await checkpointWith(admin)).keys as [string];
  const second = await change();
  const between = await checkpointWith(admin, second);
  for (const key of [first, second]) expect(readCheckpoint(between.note, [key]).size).toBe(between.size);
  await server.restart();
  const third = await change();
  const after = await checkpointWith(admin, third);
  expect(after.keys).toEqual([first, second, third]);
  for (const key of [second, third]) expect(readCheckpoint(after.note, [key]).origin).toBe(readCheckpoint(between.note, [first]).origin);
  expect(() => readCheckpoint(after.note, [first])).toThrow('no key that is known');
  expect(await verified(server.place, '--key', second, '--checkpoint', saved('checkpoint.txt', between.note))).toMatchObject({ code: 0 });
});
