import type { ConversationMachineEvent } from '../../machines/conversation.ts';
import type { Given } from '../../machines/task.ts';

/** While a person answers, or where one is wanted, a message asks no model: it is recorded beside the turn. */
export function eventFor(isAnswered: boolean, given: Given): ConversationMachineEvent {
  switch (given.command.type) {
    case 'turn.send':
      return { type: isAnswered || given.command.toPerson === true ? 'change' : 'turn.send', given } as ConversationMachineEvent;
    case 'turn.regenerate':
    case 'turn.continue':
    case 'turn.stop':
      return { type: given.command.type, given } as ConversationMachineEvent;
    case 'queue.edit':
    case 'queue.remove':
    case 'queue.move':
    case 'branch.choose':
    case 'message.rate':
    case 'handoff.ask':
    case 'handoff.join':
    case 'handoff.say':
    case 'handoff.note':
    case 'handoff.end':
    case 'conversation.change':
    case 'conversation.delete':
    case 'conversation.restore':
      return { type: 'change', given } as ConversationMachineEvent;
  }
}
