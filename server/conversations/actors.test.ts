import { expect, it } from 'vitest';
import type { Answer } from '../../contracts/commands.ts';
import { Failure } from '../../contracts/failures.ts';
import type { CommandId, ConversationId, MessageId, TurnId } from '../../contracts/ids.ts';
import { openActors, type World } from './actors.ts';
import type { LiveConversation } from './live.ts';

/** Renames a conversation in which everything that happens ends in this error. */
async function renameInto(error: unknown): Promise<{ answer: Answer; warned: unknown[] }> {
  const warned: unknown[] = [];
  const live = { happen: () => Promise.reject(error) } as unknown as LiveConversation;
  const newActor = openActors({ restoreMs: 1, warn: (cause: unknown) => warned.push(cause) } as unknown as World);
  const actor = newActor(live, undefined, { open: undefined, next: undefined, isDeleted: false });
  const answered = new Promise<Answer>((resolve) => actor.on('answered', ({ answer }) => resolve(answer)));
  actor.start();
  const command = { type: 'conversation.change' as const, commandId: 'k' as CommandId, conversation: 'c' as ConversationId, title: 'New' };
  actor.send({ type: 'change', given: { command, actor: { user: null, session: null, address: '', agent: '' }, at: 1, ids: { turn: 't' as TurnId, reply: 'r' as MessageId } } });
  return { answer: await answered, warned };
}

it('a mistake of ours in a command is told to the operator as it was, and to the person only as one', async () => {
  const mistake = new TypeError('cannot read properties of undefined');
  expect(await renameInto(mistake)).toEqual({ answer: { ok: false, refusal: { code: 'internal' } }, warned: [mistake] });
});

it('what a person is refused for is no mistake of ours', async () => {
  expect(await renameInto(new Failure('moved-on'))).toEqual({ answer: { ok: false, refusal: { code: 'moved-on' } }, warned: [] });
});
