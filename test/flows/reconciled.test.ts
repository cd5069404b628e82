import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { CommandId, ConversationId, MessageId, ModelId } from '../../contracts/ids.ts';
import type { ChatRecord } from '../../contracts/records.ts';
import { newId } from '../../server/ids.ts';
import { contentOf } from '../../server/journal/journal.ts';
import { masterKey, openKeys } from '../../server/journal/keys.ts';
import type { Store } from '../../server/store/store.ts';
import { all } from '../../server/store/walk.ts';
import { newFakeProvider, type Asked } from '../support/fake-provider.ts';
import { random, type Dice } from '../support/random.ts';
import { newServer } from '../support/server.ts';
import { newAccount, Tab } from '../support/tab.ts';

const MODEL = 'local/tiny' as ModelId;
const TITLE = 'at most six words';
const CONTINUE = 'Continue exactly';
const CONVERSATIONS = 10;
const DOINGS = 8;
type Said<T extends ChatRecord['type']> = Extract<ChatRecord, { type: T }>;

/** One thing that somebody does with a conversation, whatever they see at that moment. */
async function act(tab: Tab, dice: Dice): Promise<unknown> {
  const reply = tab.view?.messages.findLast(({ author }) => author === 'model')?.id as MessageId;
  const common = { commandId: newId<CommandId>(), conversation: tab.view?.conversation.id as ConversationId };
  const text = `ask-${newId()}`;
  switch (dice.below(8)) {
    case 0: return tab.send(text, { model: MODEL });
    case 1: return tab.send(text, { model: MODEL, mode: 'stop-and-send' });
    case 2: return tab.ask({ type: 'turn.regenerate', ...common, message: reply });
    case 3: return tab.ask({ type: 'turn.continue', ...common, message: reply });
    case 4: return tab.ask({ type: 'turn.stop', ...common, turn: tab.turn });
    case 5: return tab.ask({ type: 'conversation.change', ...common, title: text });
    default: return tab.until(() => tab.view?.turn === null);
  }
}

/** What the journal of a conversation says of calls, each with what became of it and what was asked. */
async function callsOnRecord(store: Store, server: { readonly folder: string }, id: string) {
  const key = await openKeys(store, masterKey(join(server.folder, 'master.key'), undefined)).of(id);
  const said = (await all(store, { kind: 'record', index: 'byChain', where: [id], limit: 1_000 })).map(({ body }) => contentOf(body, key!).said as ChatRecord);
  const of = <T extends ChatRecord['type']>(type: T) => said.filter((one): one is Said<T> => one.type === type);
  const messages = new Map(of('message-added').map(({ message }) => [message.id, message]));
  for (const { message } of of('turn-ended')) if (message !== undefined) messages.set(message.id, message);
  const questionBefore = (id: MessageId | null): string => {
    const message = id === null ? undefined : messages.get(id);
    if (message === undefined) return '';
    return message.author === 'person' ? message.parts.map((part) => ('text' in part ? part.text : '')).join('') : questionBefore(message.parent);
  };
  const texts = of('message-added').map(({ message }) => questionBefore(message.id));
  const calls = of('turn-begun').map(({ turn, purpose, parent, attempt }) => ({ purpose, attempt, question: questionBefore(parent), ended: of('turn-ended').find((one) => one.turn === turn) }));
  return { texts, calls };
}

function fits({ body, question }: Asked, call: { purpose: 'reply' | 'title'; question: string }): boolean {
  const whole = JSON.stringify(body);
  if (whole.includes(TITLE)) return call.purpose === 'title' && whole.includes(call.question);
  return call.purpose === 'reply' && (question === call.question || (question.startsWith(CONTINUE) && whole.includes(call.question)));
}

it('[RE2] an hour of mixed use: every call that a provider was sent stands in the journal, once, and every one in the journal was sent or says that it was not', async () => {
  const dice = random(20_261_130);
  await using provider = await newFakeProvider(({ body }) => {
    if (JSON.stringify(body).includes(TITLE)) return { text: 'A title' };
    const kind = dice.below(12);
    if (kind === 0) return { status: 503, message: 'busy' };
    return kind === 1 ? { status: 400, message: 'no', code: 'invalid_prompt' } : { text: 'word '.repeat(1 + dice.below(30)) };
  }, { latencyMs: 5 });
  const kept: { store?: Store } = {};
  const local = { id: 'local', kind: 'openai-compatible' as const, name: 'Local', baseUrl: `${provider.url}/v1`, key: 'sk-0123456789', ownKeys: false, headers: {}, models: [{ name: 'tiny' }], fetch: false, titleModel: undefined };
  await using server = await newServer({ config: { providers: [local] }, wrap: (store) => (kept.store = store) });
  const conversations: ConversationId[] = [];
  const people = await Promise.all(['mara', 'jens', 'elin'].map((name) => newAccount(server.url, `${name}@example.org`)));
  await Promise.all(people.map(async (account) => {
    for (let begun = 0; begun < CONVERSATIONS; begun++) {
      await using tab = await new Tab(account).ready();
      conversations.push(await tab.begin(`ask-${newId()}`, { model: MODEL }));
      for (let done = 0; done < DOINGS; done++) await act(tab, dice);
      await tab.until(() => tab.view?.turn === null && tab.view.conversation.queue.length === 0);
      await tab.until(() => tab.view?.conversation.titledBy !== 'nobody' || !tab.view.messages.some(({ outcome }) => outcome?.kind === 'completed'), 'there is a title');
    }
  }));
  await server.restart(); // so that nothing goes on while it is looked at
  const left = new Set<Asked>(provider.asked);
  for (const conversation of conversations) {
    const { texts, calls } = await callsOnRecord(kept.store!, server, conversation);
    const sent = [...left].filter(({ body }) => texts.some((text) => JSON.stringify(body).includes(text)));
    const isStopped = ({ ended }: (typeof calls)[number]): boolean => ended?.outcome.kind === 'stopped';
    const unsent = [...calls.filter((one) => !isStopped(one)), ...calls.filter(isStopped)].filter((call) => {
      const found = sent.findIndex((asked) => fits(asked, call));
      if (found >= 0) sent.splice(found, 1).forEach((asked) => left.delete(asked));
      return found < 0;
    });
    expect(unsent.filter((call) => !isStopped(call))).toEqual([]); // those were stopped before they were sent
    expect(sent).toEqual([]);
  }
  expect([...left]).toEqual([]);
  expect(provider.asked.length).toBeGreaterThan(100);
});
