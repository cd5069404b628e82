import { expect, it } from 'vitest';
import type { CommandId, ConversationId, FileId, MessageId } from '../../contracts/ids.ts';
import { startSweep } from '../../server/conversations/sweep.ts';
import { textOf } from '../../contracts/view.ts';
import { newId } from '../../server/ids.ts';
import { actor, newDirectory, newSend, user } from '../support/directory.ts';
import { PIXEL } from '../support/pixel.ts';
import { DEMO } from '../support/tab.ts';


it('an image that was uploaded and never sent is gone after a day, also when its conversation never began; one that was sent stays', async () => {
  await using at = await newDirectory(new Set());
  const upload = async (conversation: ConversationId) => {
    const id = newId<FileId>();
    await at.directory.addFile(conversation, DEMO, { id, name: 'a.png', bytes: PIXEL }, actor);
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
  const [was, is] = [await before.idle.read(), await after.idle.read()];
  expect(is.messages).toEqual(was.messages);
  expect(is.position.epoch).toBe(was.position.epoch + 1);
});

it('[OR3] an owner that is replaced while it still loads steps down as soon as it has loaded, and shows nobody what others have changed since', async () => {
  await using at = await newDirectory();
  const conversation = await at.begin();
  at.clock.at += 6 * 60_000;
  at.directory.passivate();
  const opening = at.directory.open(conversation, user);
  at.directory.lost(conversation, 'taken');
  expect((await opening).isOver).toBe(true);
  expect((await at.directory.open(conversation, user)).isOver).toBe(false);
});

it('a directory that closes waits for a turn no longer than it is given; whoever opens the conversation next concludes it with what was shown', async () => {
  await using at = await newDirectory(new Set(), (bus) => bus, 50);
  const conversation = newId<ConversationId>();
  expect(await at.ask({ ...newSend(conversation), text: 'Write something long' })).toMatchObject({ ok: true });
  const open = await at.directory.open(conversation, user);
  while (textOf((await open.read()).turn!.reply) === '') await new Promise(setImmediate);
  await at.directory.close(1);
  expect(open.isOver).toBe(true);
  const next = at.again();
  const after = await next.open(conversation, user);
  await expect.poll(async () => (await after.read()).turn).toBeNull();
  const { messages } = await after.read();
  const shown = (await open.read()).turn!.reply;
  expect([messages.at(-1)!.outcome?.kind, textOf(messages.at(-1)!)]).toEqual(['interrupted', textOf(shown)]);
});
