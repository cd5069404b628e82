import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import type { ModelId } from '../../contracts/ids.ts';
import { newPlace } from '../support/deployment.ts';
import { keptJournal, type Begun } from '../support/kept-journal.ts';
import { Somebody, type Life } from '../support/mixed-use.ts';
import { newMoodyProvider, type Call } from '../support/moody-provider.ts';
import { newServerProcess, type ServerProcess } from '../support/process.ts';
import { random } from '../support/random.ts';
import { newRedis, type TestRedis } from '../support/redis.ts';
import { newSettingsFile } from '../support/settings-file.ts';
import { isOnCluster } from '../support/shared.ts';
import { newSite, newVisitorTab, visit } from '../support/site.ts';
import { newAccount, Tab } from '../support/tab.ts';

const SEED = Number(process.env['HOUR_SEED'] ?? 20_261_130);
const MODEL = 'local/tiny' as ModelId;
const MINUTE_MS = 60_000;
/** Of an hour: six lives of the product, in each of which the clock goes on twice, and once more before the next. */
const LIVES = 6;
const STEP_MS = 3 * MINUTE_MS;
const BETWEEN_MS = 4 * MINUTE_MS;
const CALLS = 24;

/** What a Redis forgets in so much time. */
async function pass({ look }: TestRedis, ms: number): Promise<void> {
  for (const key of await look.keys('*')) {
    const left = await look.pttl(key);
    if (left >= 0) await (left <= ms ? look.del(key) : look.pexpire(key, left - ms));
  }
}

const keyOf = ({ purpose, question }: Pick<Call, 'purpose' | 'question'>): string => `${purpose} ${question}`;

function countOf<T>(all: readonly T[], of: (one: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const one of all) counts.set(of(one), (counts.get(of(one)) ?? 0) + 1);
  return counts;
}

/** It was stopped, or the product ended, and that may have been between its record and itself. */
const mayBeUnsent = (one: Begun): boolean => one.outcome === 'stopped' || one.outcome === 'interrupted';

/** Everything in which the two do not fit. */
function misfits(calls: readonly Call[], journal: readonly Begun[]): string[] {
  const found: string[] = [];
  const [sent, kept] = [countOf(calls, keyOf), countOf(journal, keyOf)];
  for (const [key, count] of sent) if (count > (kept.get(key) ?? 0)) found.push(`${key}: sent ${count} times, on record ${kept.get(key) ?? 0} times`);
  for (const [key, count] of kept) {
    const unsent = new Set(journal.filter((one) => keyOf(one) === key && mayBeUnsent(one)).map(({ turn }) => turn)).size;
    if (count - unsent > (sent.get(key) ?? 0)) found.push(`${key}: on record ${count} times, sent ${sent.get(key) ?? 0} times, and ${unsent} may have ended before`);
  }
  for (const [attempt, count] of countOf(journal, ({ turn, attempt: number }) => `${turn} ${number}`)) if (count > 1) found.push(`turn and attempt ${attempt} stand there ${count} times`);
  for (const one of journal) if (one.outcome === undefined) found.push(`what became of ${one.id} is not on record: ${one.then.join()} came after it`);
  const keys = new Map(journal.map((one) => [one.id, keyOf(one)]));
  for (const [at, call] of calls.entries()) {
    const before = calls.slice(0, at + 1).filter((one) => keyOf(one) === keyOf(call)).length;
    if (call.onRecord.filter((id) => keys.get(id) === keyOf(call)).length < before) found.push(`${keyOf(call)}: was sent before it was on record`);
  }
  return found;
}

/** Resolves when it has ended so; by itself, where it dies at a certain record. */
async function endsWith(server: ServerProcess, how: string): Promise<void> {
  if (how === 'SIGKILL') return server.kill();
  if (how !== 'SIGTERM') return server.died;
  const code = await server.signal('SIGTERM');
  if (code !== 0) throw new Error(`the product did not end in order: ${code}`);
}

it(`[RE2] an hour of mixed use with seed ${SEED}: every call that a provider got stands in the journal, once and before it was sent, and every one in the journal was sent or says why not (again: HOUR_SEED=${SEED} npm run test:unit -- reconciled)`, async () => {
  const dice = random(SEED);
  const master = randomBytes(32).toString('hex');
  await using place = await newPlace();
  await using redis = isOnCluster ? await newRedis() : undefined;
  using journal = keptJournal(place, master);
  await using provider = await newMoodyProvider(SEED, () => journal.begun());
  using settings = newSettingsFile(`restoreSeconds: ${(2 * STEP_MS + MINUTE_MS) / 1_000}\nproviders:\n  local:\n    kind: openai-compatible\n    baseUrl: ${provider.url}/v1\n    models: [tiny]\n`);
  const environment: Record<string, string> = { ...settings.environment, ...place.environment, GORUNCHAT_MASTER_KEY: master, HAND_OVER_SECONDS: '0', CLOCK_STEP_MS: String(STEP_MS), ...(redis && { REDIS_URL: redis.url }) };
  const some = (): number => CALLS / 2 + dice.below(CALLS / 2);
  const ends = [`after:turn-begun:${some()}`, `before:turn-begun:${some()}`, `before:turn-ended:${some()}`, 'SIGKILL', 'SIGTERM', 'SIGTERM'];
  const dieAt = (life: number): string => (ends[life]!.includes(':') ? ends[life]! : 'never');
  await using server = await newServerProcess(dieAt(0), environment);
  const { url } = server;

  const admin = await newAccount(url, 'admin@example.org');
  const site = await newSite(admin, { model: MODEL, handoff: false });
  const people = await Promise.all(['mara', 'jens', 'elin'].map((name) => newAccount(url, `${name}@example.org`)));
  const visitors = [1, 2].map(() => {
    const kept: { keep?: string } = {};
    return async (): Promise<Tab> => {
      const given = await visit(url, site.id, kept);
      Object.assign(kept, { keep: given.keep });
      return newVisitorTab(url, site.id, given, url);
    };
  });
  const everybody = [
    ...people.map((account, index) => new Somebody(random(SEED + index + 1), () => Promise.resolve(new Tab(account)), MODEL)),
    ...visitors.map((newTab, index) => new Somebody(random(SEED + index + 101), newTab, `site/${site.id}` as ModelId)),
  ];

  let up = Promise.withResolvers<Life>();
  const scene = { isClosing: false, up: () => up.promise };
  up.resolve({ over: server.died });
  const doings = Promise.all(everybody.map((one) => one.live(scene)));
  for (let life = 0; life < LIVES; life++) {
    const before = provider.calls.length;
    for (const calls of [CALLS / 4, CALLS / 2]) {
      await Promise.race([provider.called(before + calls), server.died, doings]);
      server.tell('SIGUSR2');
    }
    if (dieAt(life) === 'never') await Promise.race([provider.called(before + CALLS), doings]);
    if (life === LIVES - 1) break;
    up = Promise.withResolvers();
    await endsWith(server, ends[life]!);
    await journal.takeKeys(everybody.flatMap(({ conversations }) => [...conversations]));
    environment['CLOCK_AHEAD_MS'] = String((life + 1) * (2 * STEP_MS + BETWEEN_MS));
    if (redis !== undefined) await pass(redis, BETWEEN_MS);
    await server.start(dieAt(life + 1));
    up.resolve({ over: server.died });
  }
  scene.isClosing = true;
  await doings;
  // What was going on when it ended is concluded by the one that starts next.
  await endsWith(server, 'SIGTERM');
  await server.start('never');
  await expect.poll(() => journal.goingOn(), { timeout: 60_000, interval: 50 }).toBe(0);
  await endsWith(server, 'SIGTERM');

  const { calls, unreadable } = await journal.calls();
  expect({ unreadable, misfits: misfits(provider.calls, calls) }).toEqual({ unreadable: [], misfits: [] });
  expect(provider.calls.length).toBeGreaterThan(3 * CALLS); // of the lives that nothing cut short
  expect(Object.keys(provider.moods).toSorted()).toEqual(['400', '429', '500', 'cut', 'cut-at-once', 'long', 'short']);
});
