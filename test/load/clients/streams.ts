import { setTimeout as sleep } from 'node:timers/promises';
import { serveParent } from '../child.ts';
import { lateOf, type Reader } from '../reader.ts';
import type { Script } from '../script.ts';
import { openEvents, openProduct, openRooms, type Open, type Stream } from '../stream-tabs.ts';

/** Tabs on several servers of one kind, in this process: opens conversations, asks for replies on some of them, and holds every tab to the text. */
const KINDS: Record<string, Open> = { product: openProduct, rooms: openRooms, events: openEvents };

const streams: Stream[] = [];
/** Those that a round is about. */
let chosen: readonly Stream[] = [];
let waiting: (() => void)[] = [];

function moved(): void {
  const woken = waiting;
  waiting = [];
  for (const wake of woken) wake();
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise<void>((resolve) => waiting.push(resolve));
}

const readers = (): Reader[] => chosen.flatMap((stream) => stream.readers);

interface Begin {
  readonly round: string;
  readonly count: number;
  readonly script: Script;
  /** The questions are spread over so many milliseconds. */
  readonly overMs: number;
}

/** Resolves when every tab has heard something of its reply. */
async function begin({ round, count, script, overMs }: Begin): Promise<void> {
  await until(() => streams.every((stream) => stream.isIdle()));
  chosen = streams.slice(0, count);
  for (const reader of readers()) reader.begin(script);
  await Promise.all(
    chosen.map(async (stream, number) => {
      await sleep((overMs * number) / count);
      await stream.ask({ ...script, name: `${round}/${number}` });
    }),
  );
  await until(() => readers().every(({ characters }) => characters > 0));
}

serveParent(
  {
    /** Until there are so many; half of them are asked on each server. */
    open: async ({ kind, urls, count }: { kind: string; urls: readonly string[]; count: number }) => {
      while (streams.length < count) {
        const number = streams.length;
        streams.push(await (KINDS[kind] as Open)(number, number % 2 === 0 ? urls : urls.toReversed(), moved));
      }
    },
    begin,
    time: (isTiming: boolean) => {
      for (const reader of readers()) reader.time(isTiming);
    },
    heard: () => ({ tokens: readers().reduce((sum, { tokens }) => sum + tokens, 0), frames: readers().reduce((sum, { frames }) => sum + frames, 0) }),
    late: (begins: Record<string, number>) => lateOf(readers(), new Map(Object.entries(begins).map(([name, at]) => [Number(name.split('/')[1]), at]))),
    /** Resolves when every tab has all of it and no turn is under way; throws when a tab heard something wrong, twice or not at all. */
    ended: async () => {
      await until(() => readers().every(({ isDone }) => isDone) && streams.every((stream) => stream.isIdle()));
      const wrong = readers().reduce((sum, reader) => sum + reader.wrong, 0);
      const gaps = chosen.reduce((sum, stream) => sum + stream.gaps(), 0);
      if (wrong > 0 || gaps > 0) throw new Error(`${wrong} pieces did not fit the text, ${gaps} gaps`);
    },
  },
  () => streams.forEach((stream) => stream.close()),
);
