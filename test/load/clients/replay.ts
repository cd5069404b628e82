import { performance } from 'node:perf_hooks';
import type { ConversationId } from '../../../contracts/ids.ts';
import { NOWHERE, type Position } from '../../../contracts/position.ts';
import type { Account } from '../../support/tab.ts';
import { serveParent } from '../child.ts';
import { FAKE, newPeople, ProductTab } from '../product-tab.ts';
import { RawTab } from '../raw-tab.ts';
import { questionFor, textOf, type Script } from '../script.ts';

/** A tab that comes back to a reply in flight, over and over: the time from nothing to all of the text. */
let person: Account;
let watching: ProductTab;
let whole = '';
let start: Position = NOWHERE;

serveParent({
  /** Lets a reply grow until all its tokens are shown, and keeps it in flight. Returns the entries it came in. */
  prepare: async ({ url, script }: { url: string; script: Script }) => {
    [person] = (await newPeople(url, 1)) as [Account];
    watching = await ProductTab.connect(person);
    whole = textOf(script);
    const entries: [alias: number, seq: number, text: string][] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    watching.onText = (piece) => {
      if (entries.length === 0) start = { epoch: watching.position.epoch, seq: watching.position.seq - 1 };
      entries.push([1, watching.position.seq, piece]);
      if (watching.text.length >= whole.length) resolve();
    };
    const answer = await watching.send(questionFor(script), FAKE);
    if (!answer.ok) throw new Error(answer.refusal.code);
    await watching.open(watching.conversation as ConversationId);
    await promise;
    if (watching.text !== whole) throw new Error('the reply is not what the provider said');
    return entries;
  },
  /** `events`: the tab has what came before the reply. `view`: it has nothing. */
  product: async ({ times, from }: { times: number; from: 'events' | 'view' }) => {
    const took: number[] = [];
    for (let time = 0; time < times; time++) {
      const began = performance.now();
      const tab = await ProductTab.connect(person);
      tab.position = from === 'events' ? start : NOWHERE;
      const opened = await tab.open(watching.conversation as ConversationId);
      took.push(performance.now() - began);
      if (tab.text !== whole || tab.gaps > 0 || !(from in opened)) throw new Error('it did not get the reply as it is');
      tab.raw.close();
    }
    return took;
  },
  plain: async ({ times, url }: { times: number; url: string }) => {
    const took: number[] = [];
    for (let time = 0; time < times; time++) {
      const began = performance.now();
      let text = '';
      const { promise, resolve } = Promise.withResolvers<void>();
      const tab = await RawTab.connect(url, {}, (_name, args) => {
        text += args[2] as string;
        if (text.length >= whole.length) resolve();
      });
      tab.emit('replay');
      await promise;
      took.push(performance.now() - began);
      if (text !== whole) throw new Error('the comparator lost its order');
      tab.close();
    }
    return took;
  },
});
