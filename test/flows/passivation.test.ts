import { expect, it } from 'vitest';
import type { ConversationId } from '../../contracts/ids.ts';
import { newDirectory, user } from '../support/directory.ts';

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
