import { expect, it } from 'vitest';
import { FILE_BYTES } from '../../contracts/conversation.ts';
import type { CommandId, ConversationId, FileId, MessageId } from '../../contracts/ids.ts';
import { newId } from '../../server/ids.ts';
import type { Store } from '../../server/store/store.ts';
import { UNSENT_BYTES } from '../../server/conversations/files.ts';
import { filesIn } from '../support/archive-files.ts';
import { PIXEL } from '../support/pixel.ts';
import { newServer } from '../support/server.ts';
import { DEMO, newAccount, Tab, type Account } from '../support/tab.ts';

function upload(account: Account, conversation: ConversationId, bytes: Buffer, file = newId<FileId>()): Promise<Response> {
  return fetch(`${account.url}/api/conversations/${conversation}/files?name=canary.png&file=${file}`, {
    method: 'POST', headers: { origin: account.url, cookie: account.cookie, 'content-type': 'image/png' }, body: new Uint8Array(bytes),
  });
}

it('an image of the largest size is kept, sent, shown again and told to the model; the same upload twice is one file', async () => {
  await using server = await newServer();
  const account = await newAccount(server.url);
  await using tab = await new Tab(account).ready();
  const conversation = newId<ConversationId>();
  const bytes = Buffer.concat([PIXEL, Buffer.alloc(FILE_BYTES - PIXEL.length, 7)]);
  const file = newId<FileId>();
  const first = await upload(account, conversation, bytes, file);
  expect(first.status).toBe(200);
  expect(await (await upload(account, conversation, bytes, file)).json()).toEqual(await first.json());
  const command = { type: 'turn.send' as const, commandId: newId<CommandId>(), conversation, message: newId<MessageId>(), parent: null, text: 'Look', files: [file], model: DEMO, mode: 'queue' as const };
  expect(await tab.ask(command)).toMatchObject({ ok: true, did: 'started' });
  await tab.open(conversation);
  await tab.until(() => tab.view?.turn === null);
  expect(tab.view?.messages[0]?.parts[0]).toMatchObject({ type: 'file', fileId: file, mediaType: 'image/png', size: FILE_BYTES, width: 1, height: 1 });
  expect(tab.thread[1]).toContain('I was given one image');
  const shown = await fetch(`${server.url}/api/files/${file}`, { headers: { cookie: account.cookie } });
  expect(shown.headers.get('content-type')).toBe('image/png');
  expect(Buffer.from(await shown.arrayBuffer()).equals(bytes)).toBe(true);
});

it('an image of too many pixels is refused, with how many there may be, for pages to say in their own language', async () => {
  await using server = await newServer();
  const account = await newAccount(server.url);
  const vast = Buffer.from(PIXEL);
  vast.writeUInt32BE(10_000, 16); // its width and height, as it says itself
  vast.writeUInt32BE(10_000, 20);
  const refused = await upload(account, newId<ConversationId>(), vast);
  expect([refused.status, await refused.json()]).toEqual([413, { refusal: { code: 'too-large', text: 'More than 50 megapixels' } }]);
});

it('a person cannot pile up images that are never sent: a hundred megabytes wait at most, and sending makes room', async () => {
  await using server = await newServer();
  const account = await newAccount(server.url);
  await using tab = await new Tab(account).ready();
  const bytes = Buffer.concat([PIXEL, Buffer.alloc(FILE_BYTES - PIXEL.length, 7)]);
  const conversation = newId<ConversationId>();
  const files: FileId[] = [];
  while (files.length < UNSENT_BYTES / FILE_BYTES) {
    files.push(newId<FileId>());
    expect((await upload(account, files.length % 2 === 0 ? conversation : newId<ConversationId>(), bytes, files.at(-1)!)).status).toBe(200);
  }
  const refused = await upload(account, newId<ConversationId>(), PIXEL);
  expect([refused.status, await refused.json()]).toEqual([429, { refusal: { code: 'uploads-full' } }]);
  expect((await upload(await newAccount(server.url), newId<ConversationId>(), PIXEL)).status).toBe(200);
  const command = { type: 'turn.send' as const, commandId: newId<CommandId>(), conversation, message: newId<MessageId>(), parent: null, text: 'Look', files: [files[1]!], model: DEMO, mode: 'queue' as const };
  expect(await tab.ask(command)).toMatchObject({ ok: true, did: 'started' });
  expect((await upload(account, newId<ConversationId>(), PIXEL)).status).toBe(200);
});

it('a deleted conversation comes back when it is restored in time, and is unreadable everywhere when it is not', async () => {
  const stores: Store[] = [];
  await using server = await newServer({ config: { restoreMs: 1_000 }, wrap: (store) => (stores.push(store), store) });
  const account = await newAccount(server.url);
  await using tab = await new Tab(account).ready();
  const conversation = await tab.begin('canary-in-the-question');
  const file = newId<FileId>();
  expect((await upload(account, conversation, PIXEL, file)).status).toBe(200);
  await tab.until(() => tab.view?.conversation.titledBy === 'model');
  const common = () => ({ commandId: newId<CommandId>(), conversation });
  await tab.ask({ type: 'conversation.delete', ...common() });
  expect(await tab.ask({ type: 'conversation.restore', ...common() })).toMatchObject({ ok: true, did: 'changed' });
  await tab.until(() => tab.view?.conversation.deletedAt === null);
  await tab.ask({ type: 'conversation.delete', ...common() });
  await tab.until(() => tab.view?.isErased === true, 'it is erased');
  expect(tab.thread).toEqual([]);
  const { items } = await stores[0]!.find({ kind: 'record', index: 'byChain', where: [conversation], limit: 100 });
  const types = items.map((item) => item.body.type);
  expect(types.slice(types.lastIndexOf('conversation-deleted') + 1)).toEqual(['content-removed', 'content-removed', 'content-removed', 'conversation-erased']);
  expect(await tab.ask({ type: 'conversation.restore', ...common() })).toMatchObject({ ok: false, refusal: { code: 'erased' } });
  expect((await fetch(`${server.url}/api/files/${file}`, { headers: { cookie: account.cookie } })).status).toBe(404);
  expect(await (await fetch(`${server.url}/api/search?words=canary`, { headers: { cookie: account.cookie } })).json()).toMatchObject({ hits: [] });
  expect(await (await fetch(`${server.url}/api/conversations`, { headers: { cookie: account.cookie } })).json()).toMatchObject({ rows: [] });
  await server.restart();
  expect([...filesIn(server.folder)].filter(([, bytes]) => bytes.includes('canary')).map(([name]) => name)).toEqual([]);
});
