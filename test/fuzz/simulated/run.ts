import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { check, MEANING, NOTHING, type Counts } from './check.ts';
import { runSimulated } from './history.ts';
import type { Without } from './store.ts';

interface Share {
  readonly seeds: readonly number[];
  readonly without: Without;
}

interface Judged {
  readonly seed: number;
  readonly counts: Counts;
  readonly found: readonly string[];
  readonly happened: readonly string[];
  readonly messages: number;
}

const SHOWN_FAILURES = 10;
const SAID_EVERY = 500;

/** Runs so many histories on all cores, says what was found, and resolves with the exit code. */
export async function simulate(count: number, from: number, without: Without): Promise<number> {
  const began = performance.now();
  const workers = Math.min(availableParallelism(), count);
  const judged: Judged[] = [];
  await Promise.all(Array.from({ length: workers }, (_, index) => {
    const seeds = Array.from({ length: count }, (_seed, at) => from + at).filter((seed) => seed % workers === index);
    return runShare({ seeds, without }, (one) => {
      judged.push(one);
      if (judged.length % SAID_EVERY === 0) process.stderr.write(`${judged.length} of ${count} …\n`);
    });
  }));
  const failed = judged.filter(({ found }) => found.length > 0).toSorted((a, b) => a.seed - b.seed);
  const flag = without === undefined ? '' : ` --without ${without}`;
  for (const { seed, found, happened } of failed.slice(0, SHOWN_FAILURES)) process.stdout.write(`seed ${seed} (${happened.join('; ')}):\n${found.slice(0, 5).map((one) => `    ${one}\n`).join('')}`);
  process.stdout.write(`\n${count} simulated histories, seeds ${from} to ${from + count - 1}${without === undefined ? '' : `, without the ${without}`}, in ${Math.round((performance.now() - began) / 1_000)} s: ${sum(judged, ({ messages }) => messages)} messages, ${sum(judged, ({ happened }) => happened.length)} faults\n`);
  for (const kind of Object.keys(NOTHING) as (keyof Counts)[]) process.stdout.write(`  ${String(sum(judged, ({ counts }) => counts[kind])).padStart(6)}  ${MEANING[kind]}\n`);
  process.stdout.write(`  ${String(failed.length).padStart(6)}  histories in which anything was found\n`);
  for (const { seed } of failed.slice(0, SHOWN_FAILURES)) process.stdout.write(`  again: npm run faults -- --simulated 1 --seed ${seed}${flag}\n`);
  return failed.length === 0 ? 0 : 1;
}

function sum(all: readonly Judged[], of: (one: Judged) => number): number {
  return all.reduce((total, one) => total + of(one), 0);
}

function runShare(share: Share, onJudged: (one: Judged) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: share });
    worker.on('message', onJudged);
    worker.once('error', reject);
    worker.once('exit', () => resolve());
  });
}

/** One history, judged. */
export async function judge(seed: number, without: Without): Promise<Judged> {
  const scene = await runSimulated(seed, without);
  return { seed, ...check(scene), happened: scene.happened.map(({ name }) => name), messages: scene.sent.length };
}

async function work({ seeds, without }: Share): Promise<void> {
  for (const seed of seeds) parentPort?.postMessage(await judge(seed, without));
  process.exit(0); // what a history has left behind may still wait for real time
}

if (!isMainThread && (workerData as Partial<Share> | null)?.seeds !== undefined) await work(workerData as Share);
