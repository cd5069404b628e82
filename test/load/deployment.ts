import { startChild, type Child } from './child.ts';
import { compare, medianOf, quantileOf, state, type Found } from './figures.ts';
import type { Run } from './run.ts';

/** A deployment that runs already, and how much is asked of it. */
export interface Deployment {
  /** Its instances, or the one address before them; tabs of a conversation are spread over these. */
  readonly urls: readonly string[];
  readonly email: string;
  readonly password: string;
  readonly model: string;
  readonly streams: number;
  readonly tabs: number;
  /** Tabs that come in one moment, or are on one reply. */
  readonly crowd: number;
}

/** One turn with all tabs of its conversation; times in milliseconds. */
export interface Turn {
  /** From the message to its being acknowledged. */
  readonly acknowledged: number;
  /** From the message to the first text on the tab that sent it, and on the last tab that has any. */
  readonly first: number;
  readonly lastFirst: number;
  /** Between the first and the last tab to have the whole reply. */
  readonly apart: number;
  readonly characters: number;
}

/** A turn in a conversation with a few tabs, and in one with many. */
export interface CrowdRound {
  readonly few: Turn;
  readonly many: Turn;
}

/** What one round of one turn in each conversation was like; times in milliseconds. */
export interface Round {
  /** A bare request over a kept connection, so many times: what the way there takes. */
  readonly bare: readonly number[];
  /** From a message to its being acknowledged, in each conversation. */
  readonly acknowledged: readonly number[];
  /** From a message to the first text on the tab that sent it. */
  readonly first: readonly number[];
  /** Between the first and the last of a conversation's tabs to have the whole reply. */
  readonly apart: readonly number[];
  readonly characters: number;
  readonly seconds: number;
}

/** A running deployment as its people have it: how long a message, its first text and the same text in every tab take, beside a bare request on the same way. Every tab is held to the order and all tabs to the same text. */
export async function deployment(given: Deployment, { repeats, say }: Run): Promise<Found> {
  const { connected, rounds } = await visiting(say, async (clients) => {
    const times = await clients.ask<number[]>('open', given);
    say(`${given.streams} conversations with ${given.tabs} tabs each are open`);
    const all: Round[] = [];
    for (let repeat = 0; repeat < repeats; repeat++) {
      const round = await clients.ask<Round>('round');
      all.push(round);
      say(`round ${repeat + 1}/${repeats}: acknowledged after ${medianOf(round.acknowledged).toFixed(1)} ms, first text after ${medianOf(round.first).toFixed(0)} ms, tabs ${medianOf(round.apart).toFixed(1)} ms apart`);
    }
    return { connected: times, rounds: all };
  });
  const medians = (figure: (round: Round) => readonly number[]): number[] => rounds.map((round) => medianOf(figure(round)));
  const bare = medians((round) => round.bare);
  return {
    name: 'deployment',
    setting: `${given.urls.join(', ')}: ${given.streams} conversations with ${given.tabs} tabs each, model ${given.model}; the comparator is a bare request (GET /livez) over a kept connection`,
    rows: [
      state('a tab connects and is greeted, median', 'ms', [medianOf(connected)]),
      compare('a message is acknowledged, median', 'ms', medians((round) => round.acknowledged), bare),
      state('a message is acknowledged, 95 of 100', 'ms', rounds.map((round) => quantileOf(round.acknowledged, 0.95))),
      compare('first text, median', 'ms', medians((round) => round.first), bare),
      state('first text, 95 of 100', 'ms', rounds.map((round) => quantileOf(round.first, 0.95))),
      state('tabs of a conversation have the reply apart, 95 of 100', 'ms', rounds.map((round) => quantileOf(round.apart, 0.95))),
      state('characters delivered', '1/s', rounds.map((round) => round.characters / round.seconds)),
    ],
    samples: { connected, rounds },
  };
}

/** Lends the process that has the tabs, and has it delete what was made, however it went. */
export async function visiting<T>(say: Run['say'], work: (clients: Child) => Promise<T>): Promise<T> {
  await using clients = await startChild('./clients/deployment.ts');
  try {
    return await work(clients);
  } finally {
    // What ended the run must be heard, and not that this came after it.
    const left = await clients.ask<number | null>('remove').catch(() => null);
    if (left !== 0) say(`${left ?? 'some'} conversations could not be deleted: they are the latest of that account`);
  }
}
