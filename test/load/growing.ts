import type { ConversationId } from '../../contracts/ids.ts';
import { NOWHERE, type Position } from '../../contracts/position.ts';
import type { Account } from '../support/tab.ts';
import { FAKE, ProductTab } from './product-tab.ts';
import { RawTab } from './raw-tab.ts';
import { questionFor, textOf, type Script } from './script.ts';

/** A reply in flight that tabs come back to. */
export interface Growing {
  readonly person: Account;
  readonly conversation: ConversationId;
  /** Where a tab stands that has all but the reply. */
  readonly start: Position;
  readonly whole: string;
  /** What the reply came in, for a comparator that sends it one by one. */
  readonly entries: readonly unknown[][];
}

/** Lets a reply grow until all its tokens are shown, and keeps it in flight. */
export async function grow(person: Account, script: Script): Promise<Growing> {
  const whole = textOf(script);
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
  const conversation = tab.conversation as ConversationId;
  await tab.open(conversation);
  await promise;
  if (tab.text !== whole || tab.gaps > 0) throw new Error('the reply is not what the provider said');
  return { person, conversation, start, whole, entries };
}

/** `events`: a tab that has what came before the reply, and is given the missing events. `view`: one that has nothing. `position`: the same as the first, and given whichever the log still allows. */
export type From = 'events' | 'view' | 'position';

/** A new tab that comes back, to any instance. Resolves when it has all of the reply. */
export async function comeBack({ person, conversation, start, whole }: Growing, from: From, url = person.url): Promise<RawTab> {
  const tab = await ProductTab.connect({ ...person, url });
  tab.position = from === 'view' ? NOWHERE : start;
  const opened = await tab.open(conversation);
  if (tab.text !== whole || tab.gaps > 0 || (from !== 'position' && !(from in opened))) throw new Error(`it did not get the reply as it is: ${tab.text.length} of ${whole.length} characters, ${tab.gaps} gaps, ${Object.keys(opened).at(-1)} instead of ${from}`);
  return tab.raw;
}

/** The same of a bare socket, which is sent the entries one by one. */
export async function comeBackPlain(url: string, whole: string): Promise<RawTab> {
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
