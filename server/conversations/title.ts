import { setTimeout as delay } from 'node:timers/promises';
import type { Message } from '../../contracts/conversation.ts';
import { Failure } from '../../contracts/failures.ts';
import type { TurnId } from '../../contracts/ids.ts';
import type { Attempt } from '../../machines/turn.ts';
import { ITSELF } from '../journal/journal.ts';
import { newId } from '../ids.ts';
import type { Served } from '../providers/catalog.ts';
import type { Prompt } from '../providers/provider.ts';
import type { Stored } from '../store/store.ts';
import { callProvider, type Call, type Growing } from './attempt.ts';
import type { LiveConversation } from './live.ts';

const LONGEST_MS = 30_000;
const AGAIN_MS = 1_000;
/** For the operator. */
const NOT_ON_RECORD = 'how the call for a title ended could not be put on record';
const TITLE_CHARACTERS = 80;
/** A model that says more than this has not understood what a title is. */
const ANSWER_CHARACTERS = 4_000;

/** Asks the model for a title and gives it to the conversation, unless a person has given one meanwhile. The call is on record before it is made, and how it went after it; where its owner is lost meanwhile the next one says so (`endTitles`). */
export async function makeTitle(live: LiveConversation, served: Served, prompt: Prompt, reply: Message, warn: Call['warn']): Promise<void> {
  const turn = newId<TurnId>();
  const { id: model } = served.model;
  const { parameters } = prompt;
  await live.happen(() => ({
    actor: ITSELF,
    records: [{ type: 'turn-begun', v: 1, turn, reply: reply.id, parent: reply.parent, model, parameters, attempt: 1, purpose: 'title' }],
    events: [],
    changes: [{ do: 'add', kind: 'titling', id: turn, body: { conversation: live.id, at: reply.at } }],
  }));
  const answer = newAnswer();
  const { outcome, usage } = await ask(served, prompt, { growing: answer, warn });
  const title = outcome.kind === 'completed' && outcome.code === undefined ? tidy(answer.text) : '';
  await untilOnRecord(live, warn, (view) => {
    const isWanted = title !== '' && view.conversation.titledBy === 'nobody' && !view.isErased;
    const change = { title, titledBy: 'model' as const };
    return {
      actor: ITSELF,
      records: [
        { type: 'turn-ended', v: 1, turn, outcome, ...(usage && { usage }) },
        ...(isWanted ? [{ type: 'conversation-changed' as const, v: 1 as const, change }] : []),
      ],
      events: isWanted ? [{ type: 'conversation-changed', change }] : [],
      changes: [{ do: 'remove', kind: 'titling', id: turn }],
    };
  });
}

/** Puts on record that the calls for titles under which an earlier owner was lost came to nothing. It is tried again until it is, or somebody else owns the conversation and does so. */
export async function endTitles(live: LiveConversation, calls: readonly Stored<'titling'>[], warn: Call['warn']): Promise<void> {
  if (calls.length === 0) return;
  const outcome = { kind: 'interrupted', code: 'server-restarted' } as const;
  await untilOnRecord(live, warn, () => ({
    actor: ITSELF,
    records: calls.map(({ id }) => ({ type: 'turn-ended', v: 1, turn: id as TurnId, outcome })),
    events: [],
    changes: calls.map(({ id }) => ({ do: 'remove', kind: 'titling', id })),
  })).catch((error: unknown) => warn(error, NOT_ON_RECORD));
}

/** Lets it happen, as often as it takes while the store cannot be written. Whoever owns the conversation next sees to what did not. */
async function untilOnRecord(live: LiveConversation, warn: Call['warn'], plan: Parameters<LiveConversation['happen']>[0]): Promise<void> {
  for (let isFirst = true; ; isFirst = false) {
    try {
      return void (await live.happen(plan));
    } catch (error) {
      if (live.isOver || live.view.isErased) return;
      if (!(error instanceof Failure && error.code === 'record-unavailable')) throw error;
      if (isFirst) warn(error, `${NOT_ON_RECORD}; it is tried again`);
      await delay(AGAIN_MS);
    }
  }
}

/** A title that could not be made is no loss: nothing is asked again, and the record says how the call ended. */
async function ask(served: Served, prompt: Prompt, call: Pick<Call, 'growing' | 'warn'>): Promise<Pick<Attempt, 'outcome' | 'usage'>> {
  const signal = AbortSignal.timeout(LONGEST_MS);
  try {
    return await callProvider(served.provider.stream(prompt, signal), { ...call, number: 1, signal });
  } catch (error) {
    if (!signal.aborted) throw error;
    return { outcome: { kind: 'failed', code: 'turn-limit' } };
  }
}

function newAnswer(): Growing & { readonly text: string } {
  let text = '';
  return {
    get text() {
      return text;
    },
    get isFull() {
      return text.length > ANSWER_CHARACTERS;
    },
    push: (type, more) => void (type === 'text' && (text += more)),
    flush: () => Promise.resolve(),
  };
}

function tidy(text: string): string {
  const line = text.toWellFormed().trim().split('\n')[0] ?? '';
  const bare = line.replace(/^["'“„«#*\s]+|["'”»*\s.]+$/gu, '');
  return bare.slice(0, TITLE_CHARACTERS).toWellFormed();
}
