import type { ConversationId } from '../../../contracts/ids.ts';
import { scriptFor } from '../../../server/providers/demo-script.ts';
import { serveParent } from '../child.ts';
import { medianOf, quantileOf } from '../figures.ts';
import { DEMO, newPeople, ProductTab } from '../product-tab.ts';
import { RawTab } from '../raw-tab.ts';

/** Two readers of the same streams. Each holds the text it hears to the script, character for character, and knows how many tokens that was. */
const QUESTION = 'long';
const SCRIPT = scriptFor({ purpose: 'reply', model: 'demo', parameters: {}, messages: [{ author: 'person', parts: [{ type: 'text', text: QUESTION }] }] }).map(({ text }) => text).join('');
/** Characters after each token of the script. */
const ENDS = SCRIPT.match(/\s*\S+\s*?(?=\s|$)|\s+/gu)?.reduce<number[]>((ends, token) => [...ends, (ends.at(-1) ?? 0) + token.length], []) ?? [];

interface Reader {
  /** Characters heard of the reply that runs. */
  characters: number;
  frames: number;
  wrong: number;
  /** While `isTiming`: when each frame came, less when the pace would have had its oldest token said, from an unknown start. Milliseconds. */
  readonly late: number[];
}

let isTiming = false;
const PACE_MS = 20;

function hear(reader: Reader, text: string): void {
  if (isTiming) reader.late.push(performance.now() - tokensIn(reader.characters) * PACE_MS);
  if (!SCRIPT.startsWith(text, reader.characters)) reader.wrong += 1;
  const isFirst = reader.characters === 0;
  reader.characters += text.length;
  reader.frames += 1;
  if (isFirst || reader.characters >= SCRIPT.length) settle();
}

/** Tokens that lie completely within the first `characters` of the script. */
function tokensIn(characters: number): number {
  let [low, high] = [0, ENDS.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ENDS[middle] as number) <= characters) low = middle + 1;
    else high = middle;
  }
  return low;
}

let readers: Reader[] = [];
let waiting: (() => void)[] = [];

function settle(): void {
  const woken = waiting;
  waiting = [];
  for (const wake of woken) wake();
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise<void>((resolve) => waiting.push(resolve));
}

interface Wanted {
  readonly url: string;
  readonly streams: number;
  readonly tabs: number;
}

const plain: Reader[] = [];
const product: { reader: Reader; tab: ProductTab }[] = [];
let firstTabs: ProductTab[] = [];

async function openPlain({ url, streams, tabs }: Wanted): Promise<void> {
  for (let stream = 0; stream < streams; stream++) {
    for (let number = 0; number < tabs; number++) {
      const reader: Reader = { characters: 0, frames: 0, wrong: 0, late: [] };
      const tab = await RawTab.connect(url, {}, (name, args) => name === 'token' && hear(reader, args[0] as string));
      await tab.ask('join', `room-${stream}`);
      plain.push(reader);
    }
  }
}

const CONVERSATIONS_EACH = 25;

async function openProduct({ url, streams, tabs }: Wanted): Promise<void> {
  const people = await newPeople(url, Math.ceil(streams / CONVERSATIONS_EACH));
  for (let stream = 0; stream < streams; stream++) {
    const person = people[Math.floor(stream / CONVERSATIONS_EACH)];
    if (person === undefined) throw new Error('too few people');
    const all = await Promise.all(Array.from({ length: tabs }, () => ProductTab.connect(person)));
    const [first] = all as [ProductTab];
    const answer = await first.send('code', DEMO);
    if (!answer.ok) throw new Error(answer.refusal.code);
    for (const tab of all) {
      await tab.open(first.conversation as ConversationId);
      const reader: Reader = { characters: 0, frames: 0, wrong: 0, late: [] };
      product.push({ reader, tab });
      tab.onEnd = settle;
    }
    firstTabs.push(first);
  }
  await until(isIdle);
  for (const { reader, tab } of product) {
    let views = tab.views;
    tab.onText = (piece) => {
      if (tab.views !== views) reader.characters = 0; // a view has everything so far
      views = tab.views;
      hear(reader, piece);
    };
  }
}

/** No turn is under way, in the eyes of any tab. */
const isIdle = (): boolean => product.every(({ tab }) => !tab.isRunning);

async function beginProduct(): Promise<void> {
  if (!isIdle()) throw new Error('a turn of the repeat before is still going');
  for (const { tab } of product) tab.raw.bytes = 0;
  const answers = await Promise.all(firstTabs.map((tab) => tab.send(QUESTION, DEMO)));
  for (const answer of answers) if (!answer.ok || answer.did !== 'started') throw new Error(answer.ok ? `a turn was ${answer.did} behind another one` : answer.refusal.code);
}

serveParent({
  openPlain,
  openProduct,
  /** The comparator's streams are begun by whoever asks. */
  begin: async (who: 'plain' | 'product') => {
    readers = who === 'plain' ? plain : product.map(({ reader }) => reader);
    for (const reader of readers) Object.assign(reader, { characters: 0, frames: 0, wrong: 0 });
    if (who === 'product') await beginProduct();
  },
  /** Resolves when every tab has heard the first of it. */
  begun: () => until(() => readers.every(({ characters }) => characters > 0)),
  time: (on: boolean) => {
    isTiming = on;
    if (on) for (const { late } of readers) late.length = 0;
  },
  /** How much later than the quickest of its stream the oldest token of a frame came. Milliseconds. */
  late: () => {
    const all = readers.flatMap(({ late }) => {
      const quickest = late.reduce((least, one) => Math.min(least, one), Number.POSITIVE_INFINITY);
      return late.map((one) => one - quickest);
    });
    return { median: medianOf(all), p99: quantileOf(all, 0.99) };
  },
  /** Tokens and frames heard by all tabs so far. */
  heard: () => ({ tokens: readers.reduce((sum, { characters }) => sum + tokensIn(characters), 0), frames: readers.reduce((sum, { frames }) => sum + frames, 0), least: Math.min(...readers.map(({ characters }) => tokensIn(characters))) }),
  /** Resolves when every tab has all of it and no turn is under way any more; says what did not fit. */
  ended: async () => {
    await until(() => readers.every(({ characters }) => characters >= SCRIPT.length) && isIdle());
    const gaps = readers === plain ? 0 : product.reduce((sum, { tab }) => sum + tab.gaps, 0);
    return { wrong: readers.reduce((sum, { wrong }) => sum + wrong, 0), gaps, views: product.reduce((sum, { tab }) => sum + tab.views, 0) };
  },
});
