import { setTimeout as sleep } from 'node:timers/promises';
import { visiting, type CrowdRound, type Deployment, type Turn } from './deployment.ts';
import { compare, medianOf, quantileOf, state, type Found, type Row } from './figures.ts';
import type { Run } from './run.ts';

/** What the crowd is compared with. */
const FEW = 2;
/** Tabs that come back one after another. */
const ONE_BY_ONE = 10;
/** What one person may open in a second without ever being refused. */
const OPENS_PER_SECOND = 5;

/** Many tabs on one reply of a running deployment, beside two tabs on another one: how long until the first and the last of them has text, and how far apart they have the whole reply. */
export async function crowdOnOneReply(given: Deployment, { repeats, say }: Run): Promise<Found> {
  const rounds = await visiting(say, async (clients) => {
    await clients.ask('enter', given);
    await clients.ask('gather', FEW);
    await clients.ask('gather', given.crowd);
    say(`${given.crowd} tabs are on one conversation`);
    const all: CrowdRound[] = [];
    for (let repeat = 0; repeat < repeats; repeat++) {
      const round = await clients.ask<CrowdRound>('crowdRound', repeat);
      all.push(round);
      say(`round ${repeat + 1}/${repeats}: the last of ${given.crowd} tabs has text after ${round.many.lastFirst.toFixed(0)} ms, of ${FEW} after ${round.few.lastFirst.toFixed(0)} ms`);
    }
    return all;
  });
  const beside = (what: string, figure: (turn: Turn) => number): Row => compare(what, 'ms', rounds.map(({ many }) => figure(many)), rounds.map(({ few }) => figure(few)));
  return {
    name: 'deployment, many tabs',
    setting: `${given.urls.join(', ')}: ${given.crowd} tabs on one reply, model ${given.model}; the comparator is a reply with ${FEW} tabs`,
    rows: [
      beside('first text on the tab that asked', ({ first }) => first),
      beside('first text on the last tab', ({ lastFirst }) => lastFirst),
      beside('the last tab has the reply, after the first that has', ({ apart }) => apart),
      state('characters delivered', '1', rounds.map(({ many }) => many.characters)),
    ],
    samples: rounds,
  };
}

/** Tabs that come back to a conversation of a running deployment one after another, beside a bare request that connects as well. */
export async function comingBack(given: Deployment, { repeats, say }: Run): Promise<Found> {
  const samples = await visiting(say, async (clients) => {
    await clients.ask('enter', given);
    await clients.ask('gather', 1);
    const all: { back: number[]; bare: number[] }[] = [];
    for (let repeat = 0; repeat < repeats; repeat++) {
      const times = { count: ONE_BY_ONE, isTogether: false };
      const sample = { back: await clients.ask<number[]>('comeBack', times), bare: await clients.ask<number[]>('bare', times) };
      all.push(sample);
      say(`round ${repeat + 1}/${repeats}: back after ${medianOf(sample.back).toFixed(1)} ms, a bare request took ${medianOf(sample.bare).toFixed(1)} ms`);
    }
    return all;
  });
  const of = (figure: (sample: (typeof samples)[number]) => readonly number[], measure: (times: readonly number[]) => number): number[] => samples.map((sample) => measure(figure(sample)));
  const most = (times: readonly number[]): number => quantileOf(times, 0.95);
  return {
    name: 'deployment, replay',
    setting: `${given.urls.join(', ')}: ${ONE_BY_ONE} tabs one after another, each connects and has the whole conversation; the comparator is a bare request (GET /livez) over a connection of its own`,
    rows: [compare('a tab is back, median', 'ms', of(({ back }) => back, medianOf), of(({ bare }) => bare, medianOf)), compare('a tab is back, 95 of 100', 'ms', of(({ back }) => back, most), of(({ bare }) => bare, most))],
    samples,
  };
}

const WAYS = ['connect', 'comeBack', 'bare'] as const;
type Storm = Record<(typeof WAYS)[number], number[]>;

/** Many tabs that connect to a running deployment in one moment, and many that come back to a conversation, beside as many bare requests. */
export async function stormThere(given: Deployment, { repeats, say }: Run): Promise<Found> {
  const samples = await visiting(say, async (clients) => {
    await clients.ask('enter', given);
    await clients.ask('gather', 1);
    const all: Storm[] = [];
    for (let repeat = 0; repeat < repeats; repeat++) {
      await sleep((given.crowd / OPENS_PER_SECOND) * 1_000); // else a person's limit is measured
      const sample: Partial<Storm> = {};
      for (const way of repeat % 2 === 0 ? WAYS : WAYS.toReversed()) sample[way] = await clients.ask<number[]>(way, { count: given.crowd, isTogether: true });
      all.push(sample as Storm);
      say(`round ${repeat + 1}/${repeats}: ${WAYS.map((way) => `${way} ${Math.max(...(sample[way] ?? [])).toFixed(0)} ms`).join(', ')}`);
    }
    return all;
  });
  const until = (way: keyof Storm): number[] => samples.map((sample) => Math.max(...sample[way]));
  const median = (way: keyof Storm): number[] => samples.map((sample) => medianOf(sample[way]));
  return {
    name: 'deployment, storms',
    setting: `${given.urls.join(', ')}: ${given.crowd} tabs in one moment; the comparator is as many bare requests (GET /livez) in one moment, each over a connection of its own`,
    rows: [
      compare('until all are connected', 'ms', until('connect'), until('bare')),
      compare('a tab is connected, median', 'ms', median('connect'), median('bare')),
      compare('until all are back with the whole conversation', 'ms', until('comeBack'), until('bare')),
      compare('a tab is back, median', 'ms', median('comeBack'), median('bare')),
    ],
    samples,
  };
}
