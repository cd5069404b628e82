import { describe, expect, it } from 'vitest';
import type { CommandId, ConversationId, MessageId, ModelId, TurnId, UserId } from '../../contracts/ids.ts';
import type { ConversationView } from '../../contracts/view.ts';
import type { UnaskedDelete } from '../../machines/task.ts';
import { ITSELF } from '../journal/journal.ts';
import { planChange } from './changing.ts';

const LAST = 1_000;

function viewOf(conversation: object, turn: object | null = null): ConversationView {
  return { conversation: { deletedAt: null, queue: [], updatedAt: LAST, ...conversation }, messages: [], turn } as unknown as ConversationView;
}

function recordedOf(view: ConversationView, unasked?: UnaskedDelete) {
  const command = { type: 'conversation.delete' as const, commandId: 'k' as CommandId, conversation: 'c' as ConversationId };
  const given = { command, actor: unasked === undefined ? { ...ITSELF, user: 'mara' as UserId } : ITSELF, at: 5_000, ids: { turn: 't' as TurnId, reply: 'r' as MessageId }, ...(unasked && { unasked }) };
  return planChange(view, given, { files: [], isTaken: false, kept: () => { throw new Error('nothing is noted'); }, isHeld: false, eraseAt: 9_000 }).records;
}

describe('[RE10] what is too old is deleted for its age', () => {
  const old: UnaskedDelete = { because: 'age', quietSince: LAST };
  it('when nothing has happened in it since', () => {
    expect(recordedOf(viewOf({}), old)).toEqual([{ type: 'conversation-deleted', v: 1, eraseAt: 9_000, because: 'age' }]);
  });
  it.each([
    ['something has happened in it since', viewOf({ updatedAt: LAST + 1 })],
    ['a turn runs', viewOf({}, { id: 't' })],
    ['a message waits', viewOf({ queue: [{ command: 'k', message: 'm' as MessageId, model: 'demo/demo' as ModelId, text: 'And now?', files: [] }] })],
    ['it was deleted', viewOf({ deletedAt: 1 })],
  ])('and not when %s', (_, view) => {
    expect(recordedOf(view, old)).toEqual([]);
  });
  it('whatever happens in it when its person asks, or is removed', () => {
    const busy = viewOf({ updatedAt: LAST + 1 }, { id: 't' });
    expect([recordedOf(busy), recordedOf(busy, { because: 'person-removed' })]).toMatchObject([[{ type: 'conversation-deleted' }], [{ because: 'person-removed' }]]);
  });
});
