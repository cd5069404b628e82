import type { Message, Part, TurnOutcome } from '../../../contracts/conversation.ts';
import type { ConversationId, MessageId, ModelId, TurnId } from '../../../contracts/ids.ts';
import type { Model } from '../../../contracts/models.ts';
import type { ConversationView, OpenTurn } from '../../../contracts/view.ts';

/* Conversations for tests: short ids, readable words. */

export const MODEL = 'anthropic/claude' as ModelId;

export const MODELS: readonly Model[] = [
  { id: MODEL, name: 'Claude Sonnet 4.5', provider: 'anthropic', providerName: 'Anthropic', vision: true, fields: ['instructions', 'temperature', 'effort'], needsKey: false, isDemo: false },
  { id: 'anthropic/haiku' as ModelId, name: 'Claude Haiku 4.5', provider: 'anthropic', providerName: 'Anthropic', vision: true, fields: [], needsKey: false, isDemo: false, description: 'Fast' },
  { id: 'openai/gpt-5' as ModelId, name: 'GPT-5', provider: 'openai', providerName: 'OpenAI', vision: false, fields: ['maxOutputTokens', 'topP'], needsKey: true, isDemo: false },
  { id: 'demo/demo' as ModelId, name: 'Demo', provider: 'demo', providerName: 'Demo', vision: false, fields: [], needsKey: false, isDemo: true },
];

/** A message of a person. */
export function said(id: string, parent: string | null, text: string): Message {
  return { id: id as MessageId, parent: parent as MessageId | null, author: 'person', parts: [{ type: 'text', text }], at: 1_000 };
}

/** A reply that has ended. */
export function replied(id: string, parent: string, text: string | Part[], outcome: TurnOutcome = { kind: 'completed' }): Message {
  const parts = typeof text === 'string' ? [{ type: 'text', text } as const] : text;
  return { id: id as MessageId, parent: parent as MessageId, author: 'model', parts: text === '' ? [] : parts, at: 2_000, model: MODEL, turn: `turn-${id}` as TurnId, outcome, tookMs: 8_000 };
}

/** A reply that still grows. */
export function growing(id: string, parent: string, text: string, phase: OpenTurn['phase'] = 'streaming'): OpenTurn {
  const { outcome: _, tookMs: __, ...reply } = replied(id, parent, text);
  return { id: `turn-${id}` as TurnId, reply, phase };
}

/** A conversation with these messages, the last path chosen. */
export function viewOf(messages: readonly Message[], turn: OpenTurn | null = null, id = 'conversation'): ConversationView {
  const conversation = {
    id: id as ConversationId, title: 'Reorder points', titledBy: 'nobody' as const, model: MODEL, parameters: {}, createdAt: 0, updatedAt: 0,
    pinned: false, archived: false, deletedAt: null, choices: {}, queue: [],
  };
  return { conversation, messages, turn, isErased: false, position: { epoch: 1, seq: 1 }, lastMessage: { epoch: 1, seq: 1 } };
}
