import { expect, it } from 'vitest';
import { Failure } from '../../contracts/failures.ts';
import type { ConversationId } from '../../contracts/ids.ts';
import type { Bus } from '../../server/bus/bus.ts';
import { newId } from '../../server/ids.ts';
import { newDirectory, newSend } from '../support/directory.ts';

const AWAY = { ok: false, refusal: { code: 'bus-unavailable' } };
const away = (): Promise<never> => Promise.reject(new Failure('bus-unavailable'));

it('[CO1] a command that was done is answered so when it is sent again while the bus is away; a new one is refused', async () => {
  let isAway = false;
  await using at = await newDirectory(new Set(), (bus) => ({ ...bus, get isAway() { return isAway; } }));
  const command = newSend(newId<ConversationId>());
  const done = at.titled(command.conversation);
  const answer = await at.ask(command);
  await done;
  isAway = true;
  expect(await at.ask(command)).toEqual(answer);
  expect(await at.ask(newSend(command.conversation))).toEqual(AWAY);
});

it('[CO1] a command that was done is answered so when it is sent again while the log has to begin anew; a new one is refused', async () => {
  let isGone = false;
  await using at = await newDirectory(new Set(), (bus) => ({ ...bus, claim: (conversation, epoch) => (isGone ? away() : bus.claim(conversation, epoch)) }));
  const command = newSend(newId<ConversationId>());
  const done = at.titled(command.conversation);
  const answer = await at.ask(command);
  await done;
  isGone = true;
  at.directory.lost(command.conversation, 'missing');
  await Promise.resolve();
  expect(await at.ask(command)).toEqual(answer);
  expect(await at.ask(newSend(command.conversation))).toEqual(AWAY);
  isGone = false;
});

it('[CO1] of a command that its owner was asked for and did not answer nobody says that nothing was done', async () => {
  const asked: unknown[] = [];
  await using at = await newDirectory(new Set(), (bus): Bus => ({
    ...bus,
    isShared: true,
    owners: (conversations) => (asked.length === 0 ? Promise.resolve(conversations.map(() => 'another')) : away()),
    ask: (_owner, question) => (asked.push(question), Promise.reject(new Failure('outcome-unknown'))),
  }));
  expect(await at.ask(newSend(newId<ConversationId>()))).toEqual({ ok: false, refusal: { code: 'outcome-unknown' } });
  expect(asked).toHaveLength(1);
});

it('[CO1] … nor when the next owner says that it cannot take up the conversation', async () => {
  const asked: string[] = [];
  await using at = await newDirectory(new Set(), (bus): Bus => ({
    ...bus,
    isShared: true,
    owners: (conversations) => Promise.resolve(conversations.map(() => (asked.length === 0 ? 'first' : 'second'))),
    ask: (owner) => (asked.push(owner), Promise.reject(new Failure(owner === 'first' ? 'outcome-unknown' : 'record-unavailable'))),
  }));
  expect(await at.ask(newSend(newId<ConversationId>()))).toEqual({ ok: false, refusal: { code: 'outcome-unknown' } });
  expect(asked).toEqual(['first', 'second']);
});
