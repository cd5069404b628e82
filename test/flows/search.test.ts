import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { CommandId } from '../../contracts/ids.ts';
import { textOf } from '../../contracts/view.ts';
import { newId } from '../../server/ids.ts';
import { newServerProcess } from '../support/process.ts';
import { newAccount, Tab, type Account } from '../support/tab.ts';

interface Hit {
  readonly conversation: string;
  readonly message: string | null;
}

async function find(account: Account, words: string): Promise<Hit[]> {
  const reply = await fetch(`${account.url}/api/search?words=${words}`, { headers: { cookie: account.cookie } });
  return ((await reply.json()) as { hits: Hit[] }).hits;
}

/** Asks until search has caught up; it does so in the background of a start. */
async function findAll(account: Account, words: string, count: number): Promise<Hit[]> {
  for (;;) {
    const hits = await find(account, words);
    if (hits.length >= count) return hits;
  }
}

it('what a crash kept from the file of words is found again after the next start, and what was renamed since only by its new name', async () => {
  await using server = await newServerProcess();
  const account = await newAccount(server.url);
  await using tab = await new Tab(account).ready();
  const conversation = await tab.begin('The first whale');
  await tab.until(() => tab.view?.conversation.titledBy === 'model');
  await server.signal('SIGTERM');
  const words = (): string[] => readdirSync(server.folder).filter((name) => name.startsWith('search.db'));
  const kept = join(server.folder, 'kept');
  for (const name of words()) cpSync(join(server.folder, name), join(kept, name));

  await server.start();
  await tab.until(() => tab.socket.connected && tab.resumes > 1);
  expect(await tab.send('A second whale')).toMatchObject({ ok: true });
  await tab.until(() => tab.shown.length > 0);
  const rename = { type: 'conversation.change' as const, commandId: newId<CommandId>(), conversation, title: 'About narwhals' };
  expect(await tab.ask(rename)).toMatchObject({ ok: true });
  expect(await find(account, 'second')).not.toEqual([]);
  await server.kill();
  // The main file has committed, the file of words has not: exactly what a death between the two leaves behind.
  for (const name of words()) rmSync(join(server.folder, name));
  for (const name of readdirSync(kept)) cpSync(join(kept, name), join(server.folder, name));
  rmSync(kept, { recursive: true });

  await server.start();
  const saying = (said: string) => tab.view?.messages.find((message) => message.author === 'person' && textOf(message) === said)?.id;
  expect(await findAll(account, 'second', 1)).toMatchObject([{ conversation, message: saying('A second whale') }]);
  expect(await findAll(account, 'narwhals', 1)).toMatchObject([{ conversation, message: null }]);
  expect(new Set((await find(account, 'whale')).map((hit) => hit.message))).toEqual(new Set([saying('The first whale'), saying('A second whale')]));
});
