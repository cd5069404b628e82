import type { ConversationId } from '../../../contracts/ids.ts';
import type { Account } from '../../support/tab.ts';
import { serveParent } from '../child.ts';
import { FAKE, newPeople, ProductTab } from '../product-tab.ts';
import { RawTab } from '../raw-tab.ts';
import { questionFor, textOf, type Script } from '../script.ts';

/** Tabs that stop reading beside one that asks and reads on. */
interface Crowd {
  /** Resolves when the tab that asks has heard all of the reply; throws when it was not what was said. */
  turn(script: Script): Promise<void>;
  /** One more tab on the same conversation. */
  join(): Promise<RawTab>;
  close(): void;
}

let person: Account | undefined;

async function crowdOfProduct(url: string): Promise<Crowd> {
  person ??= (await newPeople(url, 1))[0] as Account;
  const account = person;
  const asking = await ProductTab.connect(account);
  return {
    turn: async (script) => {
      const ended = new Promise<void>((resolve) => (asking.onEnd = resolve));
      const answer = await asking.send(questionFor(script), FAKE);
      if (!answer.ok) throw new Error(answer.refusal.code);
      if (asking.position.epoch === 0) await asking.open(asking.conversation as ConversationId);
      await ended;
      if (asking.text !== textOf(script) || asking.gaps > 0) throw new Error('the tab that reads lost something');
    },
    join: async () => {
      const tab = await ProductTab.connect(account);
      await tab.open(asking.conversation as ConversationId);
      return tab.raw;
    },
    close: () => asking.raw.close(),
  };
}

let rooms = 0;

async function crowdOfRooms(url: string): Promise<Crowd> {
  const room = `crowd-${rooms++}`;
  let [text, whole] = ['', ''];
  let ended: () => void = () => undefined;
  const asking = await RawTab.connect(url, {}, (name, args) => {
    if (name === 'token') text += args[0] as string;
    if (text.length >= whole.length) ended();
  });
  await asking.ask('join', room);
  return {
    turn: async (script) => {
      [text, whole] = ['', textOf(script)];
      const heard = new Promise<void>((resolve) => (ended = resolve));
      await asking.ask('say', { room, messages: [{ role: 'user', content: questionFor(script) }] });
      await heard;
      if (text !== whole) throw new Error('the tab that reads lost something');
    },
    join: async () => {
      const tab = await RawTab.connect(url);
      await tab.ask('join', room);
      return tab;
    },
    close: () => asking.close(),
  };
}

const KINDS = { product: crowdOfProduct, rooms: crowdOfRooms };

let crowd: Crowd;
const stalled: RawTab[] = [];
let talking: Promise<void> = Promise.resolve();

interface Prepare {
  readonly kind: keyof typeof KINDS;
  readonly url: string;
  readonly script: Script;
  readonly tabs: number;
}

serveParent({
  /** A new conversation with so many more tabs on it, which read nothing from now on. */
  prepare: async ({ kind, url, script, tabs }: Prepare) => {
    crowd = await KINDS[kind](url);
    await crowd.turn(script);
    for (let number = 0; number < tabs; number++) {
      const tab = await crowd.join();
      tab.stall();
      stalled.push(tab);
    }
  },
  turn: (script: Script) => crowd.turn(script),
  /** Begins a turn that goes on meanwhile. */
  talk: (script: Script) => {
    talking = crowd.turn(script);
    talking.catch(() => undefined); // `hush` throws it
  },
  /** Resolves when that turn is over, and the tab that reads has heard it as it was said. */
  hush: async () => {
    await talking;
  },
  leave: () => {
    crowd.close();
    for (const tab of stalled.splice(0)) tab.close();
  },
});
