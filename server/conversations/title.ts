import type { Message } from '../../contracts/conversation.ts';
import type { TurnId } from '../../contracts/ids.ts';
import { newId } from '../ids.ts';
import type { Served } from '../providers/catalog.ts';
import type { Prompt } from '../providers/provider.ts';
import { ITSELF } from './asking.ts';
import type { LiveConversation } from './live.ts';

const LONGEST_MS = 30_000;
const TITLE_CHARACTERS = 80;

/** Asks the model for a title and gives it to the conversation, unless a person has given one meanwhile. The call is on record before it is made. */
export async function makeTitle(live: LiveConversation, served: Served, prompt: Prompt, reply: Message): Promise<void> {
  const turn = newId<TurnId>();
  const { id: model } = served.model;
  await live.happen((view) => ({
    actor: ITSELF,
    records: [{ type: 'turn-begun', v: 1, turn, reply: reply.id, parent: reply.parent, model, parameters: view.conversation.parameters, attempt: 1, purpose: 'title' }],
    events: [],
  }));
  const { text, ended } = await ask(served, prompt);
  const title = tidy(text);
  await live.happen((view) => {
    const isWanted = ended && title !== '' && view.conversation.titledBy === 'nobody' && !view.isErased;
    const change = { title, titledBy: 'model' as const };
    return {
      actor: ITSELF,
      records: [
        { type: 'turn-ended', v: 1, turn, outcome: ended ? { kind: 'completed' } : { kind: 'interrupted', code: 'provider-broke-off' } },
        ...(isWanted ? [{ type: 'conversation-changed' as const, v: 1 as const, change }] : []),
      ],
      events: isWanted ? [{ type: 'conversation-changed', change }] : [],
    };
  });
}

async function ask(served: Served, prompt: Prompt): Promise<{ text: string; ended: boolean }> {
  let text = '';
  let ended = false;
  try {
    for await (const part of served.provider.stream(prompt, AbortSignal.timeout(LONGEST_MS))) {
      if (part.type === 'text') text += part.text;
      if (part.type === 'end') ended = part.reason === 'done';
    }
  } catch {
    // A title that could not be made is no loss; the record says that the call did not end.
  }
  return { text, ended };
}

function tidy(text: string): string {
  const line = text.toWellFormed().trim().split('\n')[0] ?? '';
  const bare = line.replace(/^["'“„«#*\s]+|["'”»*\s.]+$/gu, '');
  return bare.slice(0, TITLE_CHARACTERS).toWellFormed();
}
