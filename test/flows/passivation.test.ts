import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { CommandId, ConversationId, FileId, MessageId, UserId } from '../../contracts/ids.ts';
import { memoryBus } from '../../server/bus/memory.ts';
import { Directory } from '../../server/conversations/directory.ts';
import { DraftTick } from '../../server/conversations/draft-tick.ts';
import { openFiles } from '../../server/conversations/files.ts';
import { startSweep } from '../../server/conversations/sweep.ts';
import { newId } from '../../server/ids.ts';
import { openKeys } from '../../server/journal/keys.ts';
import { newKey } from '../../server/journal/seal.ts';
import { openCatalog } from '../../server/providers/catalog.ts';
import { sqliteStore } from '../../server/store/sqlite.ts';
import { DEMO } from '../support/tab.ts';

const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==', 'base64');
const user = newId<UserId>();
const actor = { user, session: null, address: '', agent: '' };

async function newDirectory(watched: Set<ConversationId>) {
  const folder = mkdtempSync(join(tmpdir(), 'gorunchat-'));
  const store = await sqliteStore({ folder });
  const keys = openKeys(store, newKey());
  const bus = memoryBus();
  const clock = { at: 1_000_000, now: () => clock.at };
  const catalog = openCatalog([], { demoWordsPerSecond: 5_000 });
  const world = {
    store, tick: new DraftTick(store, bus), catalog, files: openFiles(store, keys), clock, keyOf: () => () => Promise.resolve(undefined), restoreMs: 1, forgetKey: () => undefined, warn: () => undefined,
  };
  const ended = new Map<ConversationId, () => void>();
  const directory = new Directory(world, bus, keys, {
    isWatched: (id) => watched.has(id),
    onRow: (live) => void (live.view.conversation.titledBy === 'model' && ended.get(live.id)?.()),
  });
  const begin = async (): Promise<ConversationId> => {
    const conversation = newId<ConversationId>();
    const done = new Promise<void>((resolve) => ended.set(conversation, resolve));
    await directory.command({ type: 'turn.send', commandId: newId<CommandId>(), conversation, message: newId<MessageId>(), parent: null, text: 'Hello', files: [], model: DEMO, mode: 'queue' }, actor);
    await done;
    return conversation;
  };
  return {
    directory, clock, begin, store, files: world.files,
    async [Symbol.asyncDispose]() {
      await directory.close();
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

it('an image that was uploaded and never sent is gone after a day, also when its conversation never began; one that was sent stays', async () => {
  await using at = await newDirectory(new Set());
  const upload = async (conversation: ConversationId) => {
    const id = newId<FileId>();
    await at.files.add(await at.directory.open(conversation, user, DEMO), { id, name: 'a.png', bytes: PIXEL }, actor, at.clock.now());
    return id;
  };
  const begun = await at.begin();
  const [unsent, orphan, sent] = [await upload(begun), await upload(newId<ConversationId>()), await upload(begun)];
  const command = { type: 'turn.send' as const, commandId: newId<CommandId>(), conversation: begun, message: newId<MessageId>(), parent: null, text: '', files: [sent], model: DEMO, mode: 'queue' as const };
  expect(await at.directory.command(command, actor)).toMatchObject({ ok: true });
  at.clock.at += 24 * 3_600_000 - 1;
  const fresh = await upload(begun);
  at.clock.at += 1;
  const warned: unknown[] = [];
  const stop = await startSweep(at.store, at.directory, at.clock, (error) => warned.push(error));
  const isThere = async (id: FileId): Promise<boolean> => (await at.store.get('file', id)) !== undefined;
  while ((await isThere(unsent)) || (await isThere(orphan))) continue;
  await stop();
  expect([await isThere(sent), await isThere(fresh)]).toEqual([true, true]);
  expect((await at.store.find({ kind: 'unsent', index: 'byAge', where: [], limit: 10 })).items.map((item) => item.id)).toEqual([fresh]);
  expect(warned).toEqual([]);
});

it('[OR3] an actor that nobody needs is put away, and comes back whole under a higher epoch; one that a tab has open stays', async () => {
  const watched = new Set<ConversationId>();
  await using at = await newDirectory(watched);
  const idle = await at.begin();
  const open = await at.begin();
  watched.add(open);
  const before = { idle: await at.directory.open(idle, user), open: await at.directory.open(open, user) };
  at.directory.passivate();
  expect(await at.directory.open(idle, user)).toBe(before.idle);
  at.clock.at += 6 * 60_000;
  at.directory.passivate();
  const after = { idle: await at.directory.open(idle, user), open: await at.directory.open(open, user) };
  expect(after.open).toBe(before.open);
  expect(after.idle).not.toBe(before.idle);
  expect(after.idle.view.messages).toEqual(before.idle.view.messages);
  expect(after.idle.view.position.epoch).toBe(before.idle.view.position.epoch + 1);
});
