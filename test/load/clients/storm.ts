import { performance } from 'node:perf_hooks';
import type { ConversationId } from '../../../contracts/ids.ts';
import { NOWHERE, type Position } from '../../../contracts/position.ts';
import type { Account } from '../../support/tab.ts';
import { serveParent } from '../child.ts';
import { FAKE, newPeople, ProductTab } from '../product-tab.ts';
import { RawTab } from '../raw-tab.ts';
import { questionFor, textOf, type Script } from '../script.ts';

/** Many tabs at once: that connect, and that come back to a reply in flight. Each is held to the whole text. */
interface Growing {
  readonly person: Account;
  readonly conversation: ConversationId;
  /** Where a tab stands that has all but the reply. */
  readonly start: Position;
}
let growing: readonly Growing[] = [];
let people: Account[] = [];
let whole = '';

/** Lets a reply grow until all its tokens are shown, and keeps it in flight. */
async function grow(person: Account, script: Script): Promise<{ growing: Growing; entries: unknown[][] }> {
  const tab = await ProductTab.connect(person);
  const entries: unknown[][] = [];
  let start: Position = NOWHERE;
  const { promise, resolve } = Promise.withResolvers<void>();
  tab.onText = (piece) => {
    if (entries.length === 0) start = { epoch: tab.position.epoch, seq: tab.position.seq - 1 };
    entries.push([1, tab.position.seq, piece]);
    if (tab.text.length >= whole.length) resolve();
  };
  const answer = await tab.send(questionFor(script), FAKE);
  if (!answer.ok) throw new Error(answer.refusal.code);
  await tab.open(tab.conversation as ConversationId);
  await promise;
  if (tab.text !== whole || tab.gaps > 0) throw new Error('the reply is not what the provider said');
  return { growing: { person, conversation: tab.conversation as ConversationId, start }, entries };
}

/** What all of them took together; they begin in one moment. */
async function together(count: number, one: (number: number) => Promise<RawTab>): Promise<number> {
  const began = performance.now();
  const tabs = await Promise.all(Array.from({ length: count }, (_, number) => one(number)));
  const took = performance.now() - began;
  for (const tab of tabs) tab.close();
  return took;
}

async function resume(number: number, from: 'events' | 'view'): Promise<RawTab> {
  const { person, conversation, start } = growing[number % growing.length] as Growing;
  const tab = await ProductTab.connect(person);
  tab.position = from === 'events' ? start : NOWHERE;
  const opened = await tab.open(conversation);
  if (tab.text !== whole || tab.gaps > 0 || !(from in opened)) throw new Error('it did not get the reply as it is');
  return tab.raw;
}

async function resumePlain(url: string): Promise<RawTab> {
  let text = '';
  const { promise, resolve } = Promise.withResolvers<void>();
  const tab = await RawTab.connect(url, {}, (_name, args) => {
    text += args[2] as string;
    if (text.length >= whole.length) resolve();
  });
  tab.emit('replay');
  await promise;
  if (text !== whole) throw new Error('the comparator lost its order');
  return tab;
}

serveParent({
  signUp: async ({ url, count }: { url: string; count: number }) => {
    people = await newPeople(url, count);
  },
  /** One reply for each of the first people. Returns the entries that the first one came in. */
  prepare: async ({ script, replies }: { script: Script; replies: number }) => {
    whole = textOf(script);
    const all = await Promise.all(people.slice(0, replies).map((person) => grow(person, script)));
    growing = all.map((one) => one.growing);
    return all[0]?.entries;
  },
  /** Milliseconds until all are greeted. */
  connect: ({ count }: { count: number }) => together(count, async (number) => (await ProductTab.connect(people[number % people.length] as Account)).raw),
  /** Until all are in their room. */
  connectPlain: ({ url, count }: { url: string; count: number }) =>
    together(count, async (number) => {
      const tab = await RawTab.connect(url);
      await tab.ask('join', `room-${number % 10}`);
      return tab;
    }),
  resume: ({ count, from }: { count: number; from: 'events' | 'view' }) => together(count, (number) => resume(number, from)),
  resumePlain: ({ url, count }: { url: string; count: number }) => together(count, () => resumePlain(url)),
});
