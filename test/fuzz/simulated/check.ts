import { textOf } from '../../../contracts/view.ts';
import { wordsFor } from './provider.ts';
import { DATABASE_IS_AWAY, OWNER_DIES, OWNER_GOES, REDIS_IS_EMPTIED } from './faults.ts';
import type { Happened, Scene } from './history.ts';

/** What is counted over all histories. All of it must be nothing. */
export interface Counts {
  gaps: number;
  /** Allowed, and counted all the same: Redis and the owner were lost together. */
  lastSecond: number;
  duplicates: number;
  staleWrites: number;
  callsRepeated: number;
  turnsLost: number;
  wrongAnswers: number;
  unsettled: number;
  mistakes: number;
}

export const NOTHING: Counts = { gaps: 0, lastSecond: 0, duplicates: 0, staleWrites: 0, callsRepeated: 0, turnsLost: 0, wrongAnswers: 0, unsettled: 0, mistakes: 0 };

export const MEANING: Record<keyof Counts, string> = {
  gaps: 'gaps: text or messages that a tab has not, or another than others have',
  lastSecond: '(allowed: the end of a reply that went with Redis and its owner together)',
  duplicates: 'duplicates: messages, replies or text that are there twice',
  staleWrites: 'stale writes accepted by the store or the log',
  callsRepeated: 'provider calls without a record of their own',
  turnsLost: 'turns lost: messages without a reply, turns without an outcome, turns that end though their owner is there',
  wrongAnswers: 'commands that were answered with what is not so',
  unsettled: 'histories that never settle',
  mistakes: 'mistakes that the operator would be told of',
};

/** What was shown is saved within so many milliseconds, while the database is there. */
const UNSAVED_MS = 1_500;
/** Until what was held up, or waited for a lease, has gone on. */
const GOES_ON_MS = 5_000;

/** What was found in one history, a sentence each. */
export function check(scene: Scene): { counts: Counts; found: string[] } {
  const counts = { ...NOTHING };
  const found: string[] = [];
  const add = (kind: keyof Counts, what: string): void => {
    counts[kind] += 1;
    if (kind !== 'lastSecond') found.push(`${kind}: ${what}`);
  };
  checkWrites(scene, add);
  if (!scene.isSettled) add('unsettled', scene.tabs.map(stateOf).join(' | '));
  checkThread(scene, add);
  return { counts, found };
}

type Add = (kind: keyof Counts, what: string) => void;

function checkWrites({ shared, notes, conversation }: Scene, add: Add): void {
  const { data, redis, calls, mistakes } = shared;
  for (let count = 0; count < data.staleWrites; count++) add('staleWrites', 'in the store');
  for (let count = 0; count < redis.staleAppends; count++) add('staleWrites', 'in the log');
  for (let count = 0; count < notes.outOfStep; count++) add('gaps', 'an event that does not fit what the tab has');
  for (const mistake of mistakes) add('mistakes', String(mistake));
  const records = data.all('record').filter(({ body }) => body.chain === conversation);
  const begun = records.filter(({ body }) => body.type === 'turn-begun').length;
  for (let count = begun; count < calls.replies + calls.titles; count++) add('callsRepeated', `${calls.replies + calls.titles} calls, ${begun} on record`);
  const open = data.all('turn').filter(({ body }) => body.state === 'open').length;
  for (let count = 0; count < open; count++) add('turnsLost', 'a turn without an outcome');
  const numbers = records.map(({ body }) => body.number).toSorted((a, b) => a - b);
  numbers.forEach((number, index) => number === index + 1 || add('gaps', `record ${index + 1} is ${number}`));
}

function checkThread(scene: Scene, add: Add): void {
  const { tabs, notes, sent } = scene;
  const messages = tabs[0]?.view?.messages ?? [];
  tabs.forEach((tab, index) => JSON.stringify(tab.view?.messages) === JSON.stringify(messages) || add('gaps', `tab ${index} has another thread: ${stateOf(tab)}`));
  const questions = messages.filter(({ author }) => author === 'person');
  const replies = messages.filter(({ author }) => author === 'model');
  for (const { command } of sent) {
    const there = questions.filter((message) => textOf(message) === command.text).length;
    const answer = notes.answers.get(command.commandId);
    if (there > 1) add('duplicates', `${command.text} is there ${there} times`);
    if (answer?.ok === true && there === 0) add('gaps', `${command.text} was acknowledged and is not there`);
    if (answer?.ok === false && there > 0) add('wrongAnswers', `${command.text} was refused as ${answer.refusal.code} and is there`);
  }
  const turns = [...scene.shared.data.turns.values()]; // one after another, each with one reply
  for (const question of questions) {
    const [reply, ...more] = replies.filter(({ parent }) => parent === question.id);
    if (reply === undefined) add('turnsLost', `${textOf(question)} has no reply`);
    if (more.length > 0) add('duplicates', `${textOf(question)} has ${more.length + 1} replies`);
    if (reply === undefined) continue;
    const turn = turns[replies.indexOf(reply)] ?? { begunAt: -Infinity, endedAt: Infinity };
    if (reply.outcome?.kind === 'interrupted' && !mayBeInterrupted(scene, turn)) add('turnsLost', `${textOf(question)} was interrupted though its owner was there all the time`);
    const shown = notes.shown.get(reply.id) ?? [];
    const text = textOf(reply);
    const lostSince = shown.find((one) => one.text.length > text.length)?.at;
    checkText(textOf(question), { text, isWhole: reply.outcome?.kind === 'completed', shown: shown.at(-1)?.text ?? '', isExcused: lostSince !== undefined && isExcused(scene, lostSince) }, add);
  }
}

function checkText(question: string, { text, isWhole, shown, isExcused: mayLack }: { text: string; isWhole: boolean; shown: string; isExcused: boolean }, add: Add): void {
  const whole = wordsFor(question).join('');
  if (!text.startsWith(shown)) add(shown.startsWith(text) && mayLack ? 'lastSecond' : shown.startsWith(text) ? 'gaps' : 'duplicates', `the reply to ${question} has not what was shown: ${JSON.stringify(text.slice(-60))} instead of ${JSON.stringify(shown.slice(-60))}`);
  if (isWhole ? text !== whole : !whole.startsWith(text)) add(text.length < whole.length ? 'gaps' : 'duplicates', `the reply to ${question} is not what the provider said: ${JSON.stringify(text.slice(-60))}`);
}

/** It was in Redis alone when that was emptied, and its owner was gone then, or went before it could save what it had shown, or was kept from that and replaced. */
function isExcused({ happened }: Scene, shownAt: number): boolean {
  const unsavedUntil = savedBy(happened, shownAt);
  return happened.some((emptied) => REDIS_IS_EMPTIED.has(emptied.name) && emptied.until + UNSAVED_MS >= shownAt
    && happened.some((one) => (takesOwner(one) || DATABASE_IS_AWAY.has(one.name)) && overlap(one, { at: shownAt, until: savedBy(happened, emptied.until + GOES_ON_MS) }) && Math.min(one.at, emptied.at) <= unsavedUntil));
}

/** When that was saved at the latest which was shown then, or waited to be: the database may have been away. */
function savedBy(happened: readonly Happened[], at: number): number {
  const away = happened.filter(({ name }) => DATABASE_IS_AWAY.has(name)).toSorted((one, other) => one.at - other.at);
  return away.reduce((saved, one) => (one.until >= at && one.at <= saved ? Math.max(saved, one.until + UNSAVED_MS) : saved), at + UNSAVED_MS);
}

/** Its owner went while it ran; or Redis was emptied then, and the database kept the owner from claiming again in time. */
function mayBeInterrupted({ happened }: Scene, { begunAt, endedAt }: { readonly begunAt: number; readonly endedAt: number }): boolean {
  const begins = { at: begunAt, until: begunAt }; // when it is there; it may have been asked for as long ago as the database is away
  const asked = Math.min(begunAt, ...happened.filter((one) => DATABASE_IS_AWAY.has(one.name) && overlap(one, begins)).map(({ at }) => at));
  const turn = { at: asked - GOES_ON_MS, until: endedAt };
  return happened.some((one) => (takesOwner(one) && overlap(one, turn))
    || (REDIS_IS_EMPTIED.has(one.name) && overlap(one, turn) && happened.some((away) => DATABASE_IS_AWAY.has(away.name) && overlap(away, { at: one.at, until: endedAt }))));
}

/** Also one that has become the owner since. */
function takesOwner({ name, hitsOwner }: Happened): boolean {
  return hitsOwner && OWNER_GOES.has(name);
}

function overlap(one: Span & { readonly name?: string }, other: Span): boolean {
  return one.at <= other.until && (one.name === OWNER_DIES ? one.at : one.until) >= other.at;
}

interface Span {
  readonly at: number;
  readonly until: number;
}

function stateOf({ view, follow, outbox, isConnected }: Scene['tabs'][number]): string {
  const outgoing = outbox.entries.filter(({ state }) => state === 'pending').length;
  const at = `${isConnected ? 'connected' : 'away'}, ${follow.state} ${follow.refusal?.code ?? ''}, ${outgoing} to send`;
  if (view === undefined) return `nothing to show, ${at}`;
  return `${view.position.epoch}-${view.position.seq}, ${view.messages.length} messages, ${view.turn?.phase ?? 'no turn'}, ${view.conversation.queue.length} queued, ${at}`;
}
