import type { Message } from '../../../contracts/conversation.ts';
import type { ModelId } from '../../../contracts/ids.ts';
import type { Model } from '../../../contracts/models.ts';
import type { PathEntry } from '../../../contracts/view.ts';
import type { Who } from '../../text/failure-words.ts';
import type { PendingMessage } from '../message/message.ts';

/** A message of the thread: of the record, or on its way there. */
export interface Entry {
  readonly id: string;
  readonly path?: PathEntry;
  readonly pending?: PendingMessage;
}

/** What a person said and all that was answered to it. */
export interface Turn {
  readonly id: string;
  readonly entries: readonly Entry[];
}

/** The thread in turns. A pending message that is on record already is drawn once, from the record. */
export function turnsOf(path: readonly PathEntry[], pending: readonly PendingMessage[]): readonly Turn[] {
  const recorded = new Set<string>(path.map(({ message }) => message.id));
  const entries: Entry[] = path.map((entry) => ({ id: entry.message.id, path: entry }));
  entries.push(...pending.filter(({ id }) => !recorded.has(id)).map((one) => ({ id: one.id, pending: one })));
  const turns: { id: string; entries: Entry[] }[] = [];
  for (const entry of entries) {
    const last = turns.at(-1);
    if (last === undefined || isOwn(entry)) turns.push({ id: entry.id, entries: [entry] });
    else last.entries.push(entry);
  }
  return turns;
}

/** Whether a person said it, or is about to: a turn begins with it. */
export function isOwn({ path, pending }: Entry): boolean {
  return pending !== undefined || path?.message.author === 'person';
}

/** The reply that a turn ended with, when it ended before it was complete and nobody had stopped it. */
export function brokenIn(turn: Turn | undefined): string | undefined {
  const last = turn?.entries.at(-1);
  const kind = last?.path?.message.outcome?.kind;
  return kind === 'interrupted' || kind === 'failed' ? last?.id : undefined;
}

/** Names of a model, also of one that is no longer offered. */
export function whoIs(model: ModelId | undefined, models: readonly Model[]): Who {
  const known = models.find(({ id }) => id === model);
  if (known) return { model: known.name, provider: known.providerName, ...(known.provider === 'site' && { isFixed: true }) };
  const [provider = '', ...rest] = (model ?? '').split('/');
  return { model: rest.join('/'), provider };
}

/** The first reply that came after somebody left. */
export function firstSince(path: readonly PathEntry[], leftAt: number | undefined): Message | undefined {
  if (leftAt === undefined) return undefined;
  return path.find(({ message }) => message.author === 'model' && message.at + (message.tookMs ?? 0) > leftAt)?.message;
}
