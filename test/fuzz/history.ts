import { leavesOpen } from '../../client/link/outbox.ts';
import type { Answer, Command } from '../../contracts/commands.ts';
import type { Message } from '../../contracts/conversation.ts';
import type { CommandId, ConversationId, MessageId, ModelId } from '../../contracts/ids.ts';
import { pathOf, textOf } from '../../contracts/view.ts';
import { scriptFor } from '../../server/providers/demo-script.ts';
import { newId } from '../../server/ids.ts';
import { DEMO, Tab, type Account } from '../support/tab.ts';
import { random, type Dice } from '../support/random.ts';

const QUESTIONS = ['Hello', 'Show me code', 'Show me a table', 'Think about math', 'Write something long', 'code, a table and math'];

const ASK_AGAIN_MS = 100;
/** Whatever went wrong before: an owner is replaced, or the turn is ended, within this. */
const GROWS_WITHIN_MS = 30_000;

/** What one history does to the world it is run in. */
export interface World {
  readonly account: Account;
  /** Ends the server, gracefully or not, and starts it again, or whatever else may go wrong. `meanwhile` lets somebody send a message, which is not waited for. */
  crash(dice: Dice, meanwhile: () => void): Promise<void>;
  /** What answers; the demo without it. */
  readonly model?: ModelId;
  /** Where the next tab is opened. */
  url?(dice: Dice): string;
}

export interface Outcome {
  readonly conversation: ConversationId;
  /** Texts of messages whose sending was acknowledged, as often as that happened. */
  readonly acknowledged: string[];
  /** For each reply, the longest text that any tab showed. */
  readonly shown: ReadonlyMap<MessageId, string>;
  readonly tabs: readonly Tab[];
}

/** A seeded history of sends, stops, drops, reloads, new tabs and crashes over one conversation in two to four tabs, with at least one crash. The same seed asks for the same steps. */
export async function runHistory(seed: number, steps: number, world: World): Promise<Outcome> {
  const dice = random(seed);
  const tabs: Tab[] = [];
  const shown = new Map<MessageId, string>();
  const acknowledged: string[] = [];
  const conversation = newId<ConversationId>();
  const waiting: Promise<void>[] = [];
  const note = (tab: Tab): void => {
    const reply = tab.view?.turn?.reply;
    const text = reply === undefined ? '' : textOf(reply);
    if (reply !== undefined && text.length > (shown.get(reply.id) ?? '').length) shown.set(reply.id, text);
  };
  const addTab = async (): Promise<Tab> => {
    const tab = await new Tab(world.account, world.url?.(dice)).ready();
    tab.onChange(() => note(tab));
    tabs.push(tab);
    if (acknowledged.length > 0) await tab.open(conversation).catch(() => undefined); // a crash in between: it opens when it is back
    return tab;
  };
  let number = 0;
  const send = (tab: Tab, nth: number): void => {
    const text = `${dice.pick(QUESTIONS)} ${markOf(seed, nth)}`;
    const parent = tab.view === undefined ? null : (pathOf(tab.view).at(-1)?.message.id ?? null);
    const command: Command = {
      type: 'turn.send', commandId: newId<CommandId>(), conversation, message: newId<MessageId>(), parent, text, files: [], model: world.model ?? DEMO, mode: dice.below(5) === 0 ? 'stop-and-send' : 'queue',
    };
    waiting.push(surely(tab, tabs, command).then((answer) => void (answer.ok && acknowledged.push(text))));
  };
  const first = await addTab();
  send(first, 0);
  await waiting[0];
  await first.open(conversation);
  await addTab();
  let crashes = 0;
  const crash = (): Promise<void> => {
    crashes += 1;
    return world.crash(dice, () => send(dice.pick(tabs), (number += 1)));
  };
  for (let step = 1; step <= steps; step++) {
    const tab = dice.pick(tabs);
    const chance = dice.below(100);
    if (chance < 35) send(tab, (number += 1));
    else if (chance < 45 && tab.view?.turn != null) waiting.push(surely(tab, tabs, { type: 'turn.stop', commandId: newId<CommandId>(), conversation, turn: tab.turn }).then(() => undefined));
    else if (chance < 55) tab.socket.io.engine?.close();
    else if (chance < 65 && tabs.length < 4) await addTab();
    else if (chance < 72) await reload(tabs, tab, addTab);
    else if (chance < 80) await crash();
    else await progress(tab, dice.below(60));
  }
  if (crashes === 0) await crash();
  await Promise.all(waiting);
  return { conversation, acknowledged, shown, tabs };
}

/** Tells the messages of all histories of a run apart. The first one of its history is in whatever a model is asked there. */
export function markOf(seed: number, nth: number): string {
  return `(${seed}.${nth})`;
}

async function reload(tabs: Tab[], tab: Tab, addTab: () => Promise<Tab>): Promise<void> {
  await tab[Symbol.asyncDispose]();
  tabs.splice(tabs.indexOf(tab), 1);
  await addTab();
}

/** Lets the running reply grow by some characters, if one runs. */
async function progress(tab: Tab, characters: number): Promise<void> {
  const turn = tab.view?.turn;
  if (turn == null) return;
  const goal = tab.shown.length + characters;
  await tab.until(() => tab.view?.turn?.id !== turn.id || tab.shown.length >= goal, 'the reply grows', GROWS_WITHIN_MS);
}

/** Gives a command until it is answered for good, over lost connections, with the same id; from another tab when its own was closed, as a shared outbox does. */
async function surely(own: Tab, tabs: readonly Tab[], command: Command): Promise<Answer> {
  for (let wasSent = false; ; wasSent = true) {
    const tab = own.socket.active ? own : (tabs.find((one) => one.socket.active) as Tab);
    if (!tab.socket.connected) await Promise.race([tab.gone, new Promise<void>((resolve) => tab.socket.once('connect', () => resolve()))]);
    if (!tab.socket.connected) continue;
    const answer = await new Promise<Answer | undefined>((resolve) => {
      tab.socket.once('disconnect', () => resolve(undefined));
      tab.socket.emit('command', command, resolve);
    });
    if (answer === undefined) continue;
    if (answer.ok || !(answer.refusal.code === 'server-busy' || leavesOpen(answer.refusal.code, wasSent))) return answer;
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
  }
}

/** Everything that must not be, in a sentence each; nothing when the history kept its promises. `mayInterrupt`: something happened to the owner of some reply. */
export async function faultsIn({ acknowledged, shown, tabs }: Outcome, withinMs: number, mayInterrupt: boolean): Promise<string[]> {
  const isSettled = ({ view }: Tab): boolean => view !== undefined && view.turn === null && view.conversation.queue.length === 0 && view.messages.length >= acknowledged.length * 2;
  const threadOf = ({ view }: Tab): string => JSON.stringify(view?.messages);
  const areAlike = (): boolean => tabs.every((tab) => isSettled(tab) && threadOf(tab) === threadOf(tabs[0] as Tab));
  const inTime = await settles(tabs, areAlike, withinMs);
  const misfits = tabs.flatMap(({ outOfStep }, index) => (outOfStep === 0 ? [] : [`tab ${index} was told ${outOfStep} things that do not fit what it has`]));
  if (misfits.length > 0) return misfits;
  const unsettled = tabs.flatMap((tab, index) => (isSettled(tab) ? [] : [`tab ${index} never settles: ${stateOf(tab)}`]));
  if (unsettled.length > 0) return unsettled;
  const messages = tabs[0]?.view?.messages ?? [];
  const faults = inTime ? [] : tabs.flatMap((tab, index) => (threadOf(tab) === threadOf(tabs[0] as Tab) ? [] : [`tab ${index} shows another thread: ${stateOf(tab)} instead of ${stateOf(tabs[0] as Tab)}`]));
  const questions = messages.filter((message) => message.author === 'person');
  const said = questions.map((message) => textOf(message));
  for (const text of acknowledged) if (!said.includes(text)) faults.push(`lost: ${text}`);
  for (const text of new Set(said)) if (said.filter((one) => one === text).length > 1) faults.push(`doubled: ${text}`);
  for (const text of said) if (!acknowledged.includes(text)) faults.push(`not acknowledged, but there: ${text}`);
  for (const reply of messages.filter((message) => message.author === 'model')) {
    const question = questions.find((message) => message.id === reply.parent);
    const fault = question === undefined ? 'a reply to nothing' : faultOf(reply, textOf(question), shown.get(reply.id) ?? '');
    if (fault !== undefined) faults.push(fault);
    if (reply.outcome?.kind === 'interrupted' && !mayInterrupt) faults.push(`interrupted though its owner was there all the time: ${textOf(reply).slice(0, 80)}`);
  }
  return faults;
}

/** Whether it comes true for all tabs at once: one may be a moment behind the others. */
async function settles(tabs: readonly Tab[], holds: () => boolean, withinMs: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(holds()), withinMs);
  const look = (): void => void (holds() && resolve(true));
  for (const tab of tabs) tab.onChange(look);
  look();
  const came = await promise;
  clearTimeout(timer);
  return came;
}

function stateOf({ view, socket, resumes }: Tab): string {
  if (view === undefined) return `nothing to show, ${socket.connected ? 'connected' : 'away'}`;
  const { position, turn, messages, conversation } = view;
  return `${position.epoch}-${position.seq}, ${messages.length} messages, ${turn === null ? 'no turn' : turn.phase}, ${conversation.queue.length} queued, ${socket.connected ? 'connected' : 'away'}, resumed ${resumes} times`;
}

/** The whole text of the reply to a question, as an uninterrupted run gives it. */
export function wholeReply(question: string): string {
  return scriptFor({ purpose: 'reply', model: 'demo', parameters: {}, messages: [{ author: 'person', parts: [{ type: 'text', text: question }] }] })
    .flatMap(({ type, text }) => (type === 'text' ? [text] : []))
    .join('');
}

/** What is wrong with a reply, compared with an uninterrupted run; nothing when all is well. */
function faultOf(reply: Message, question: string, shown: string): string | undefined {
  const text = textOf(reply);
  const whole = wholeReply(question);
  if (!text.startsWith(shown)) return `lost text that was shown: ${JSON.stringify(shown.slice(0, 80))}`;
  if (reply.outcome?.kind === 'completed') return text === whole ? undefined : 'complete, but not the whole text';
  return whole.startsWith(text) ? undefined : 'not the beginning of the whole text';
}
