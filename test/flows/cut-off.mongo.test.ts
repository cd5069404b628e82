import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CommandId, MessageId } from '../../contracts/ids.ts';
import { textOf } from '../../contracts/view.ts';
import { newId } from '../../server/ids.ts';
import { wholeReply } from '../fuzz/history.ts';
import type { Instance, Ways } from '../support/cluster.ts';
import { LONG, newPair, type Pair } from '../support/pair.ts';
import type { Tab } from '../support/tab.ts';

const HEALED_WITHIN_MS = 45_000;
/** As long as a replica set takes to choose another primary. */
const ELECTION_MS = 10_000;
/** A long reply takes some seconds then. */
const WORDS_PER_SECOND = 300;
/** Promised is a second; what was shown that long before, and half as long again for a busy machine, is in the store. */
const SAVED_WITHIN_MS = 1_500;

let pair: Pair;
beforeEach(async () => {
  pair = await newPair({ DEMO_PACE: String(WORDS_PER_SECOND) }, 'linked');
});
afterEach(() => pair[Symbol.asyncDispose]());

const ways = (): Ways[] => pair.cluster.instances.map((instance) => instance.ways as Ways);
const readyOf = async ({ url }: Instance): Promise<number> => (await fetch(`${url}/readyz`)).status;
const isReady = async (instance: Instance, status: number): Promise<void> => {
  await expect.poll(() => readyOf(instance), { timeout: HEALED_WITHIN_MS }).toBe(status);
};

async function endAlike({ here, there }: { here: Tab; there: Tab }, messages = 2): Promise<void> {
  for (const tab of [here, there]) await tab.until(() => tab.view?.messages.length === messages && tab.view.turn === null, 'the reply ends', HEALED_WITHIN_MS);
  await here.until(() => JSON.stringify(here.view?.messages) === JSON.stringify(there.view?.messages), 'both show the same', HEALED_WITHIN_MS);
}

async function endWhole(at: { here: Tab; there: Tab }): Promise<void> {
  await endAlike(at);
  expect(at.here.view?.messages[1]?.outcome).toEqual({ kind: 'completed' });
  expect(textOf(at.here.view!.messages[1]!)).toBe(wholeReply(LONG));
}

describe('while a reply grows on one of two instances', () => {
  it('[RP4] the database says nothing for as long as an election takes: no turn ends, what is shown stops in time, and then all goes on', async () => {
    const at = await pair.growing();
    for (const { mongo } of ways()) mongo.hold();
    const silent = performance.now();
    await isReady(pair.owner, 503);
    await expect.poll(() => performance.now() - silent > ELECTION_MS, { timeout: ELECTION_MS * 2, interval: 500 }).toBe(true);
    expect([at.here.view?.turn, at.there.view?.turn]).not.toContain(null);
    expect(at.here.shown.length).toBeLessThan(wholeReply(LONG).length);
    for (const { mongo } of ways()) mongo.pass();
    await endWhole(at);
  });

  it('[RE3] the database refuses connections for a while: a message that is sent meanwhile is answered with what is so, and the reply goes on', async () => {
    const at = await pair.growing();
    for (const { mongo } of ways()) mongo.cut();
    const answering = at.here.send('Meanwhile');
    await isReady(pair.owner, 503);
    for (const { mongo } of ways()) mongo.mend();
    const answer = await answering;
    await endAlike(at, answer.ok ? 4 : 2);
    expect(textOf(at.here.view!.messages[1]!)).toBe(wholeReply(LONG));
    expect(at.here.thread.filter((line) => line === 'person: Meanwhile')).toHaveLength(answer.ok ? 1 : 0);
    expect(['done', 'record-unavailable', 'outcome-unknown']).toContain(answer.ok ? 'done' : answer.refusal.code);
  });

  it('[OR3] its owner is cut off from Redis: it takes nothing more, another one goes on, and the tabs of both end with the same', async () => {
    const at = await pair.growing();
    (pair.owner.ways as Ways).redis.cut();
    await isReady(pair.owner, 503);
    expect(await at.here.send('Not here')).toMatchObject({ ok: false, refusal: { code: 'bus-unavailable' } });
    const shown = at.here.shown;
    await at.there.until(() => at.there.view?.turn === null, 'another instance concludes it', HEALED_WITHIN_MS);
    expect(await at.there.send('But here')).toMatchObject({ ok: true });
    (pair.owner.ways as Ways).redis.mend();
    await endAlike(at, 4);
    expect(at.here.view?.messages[1]?.outcome?.kind).toBe('interrupted');
    expect(textOf(at.here.view!.messages[1]!).startsWith(shown)).toBe(true);
    expect(at.here.thread.some((line) => line.includes('Not here'))).toBe(false);
  });

  it('[RP1] the database and Redis are lost at once, and the owner with them: at most the last second of the reply is missing, and the tab is told that it was interrupted', async () => {
    const at = await pair.growing();
    const grown: { at: number; length: number }[] = [];
    at.there.onChange(() => grown.push({ at: performance.now(), length: at.there.shown.length }));
    const began = performance.now();
    await at.there.until(() => performance.now() - began > 2 * SAVED_WITHIN_MS, 'there is text that must have been saved');
    const lostAt = performance.now();
    for (const { mongo } of ways()) mongo.hold();
    pair.owner.signal('SIGKILL');
    await Promise.all([pair.owner.ended, pair.cluster.redis.kill()]);
    await pair.cluster.redis.start();
    for (const { mongo } of ways()) mongo.pass();
    await at.there.until(() => at.there.view?.turn === null, 'the other one concludes it', HEALED_WITHIN_MS);
    const reply = at.there.view!.messages[1]!;
    expect(reply.outcome).toEqual({ kind: 'interrupted', code: 'server-restarted' });
    expect(wholeReply(LONG).startsWith(textOf(reply))).toBe(true);
    const saved = grown.findLast((one) => one.at < lostAt - SAVED_WITHIN_MS);
    expect(saved?.length).toBeGreaterThan(0);
    expect(textOf(reply).length).toBeGreaterThanOrEqual(saved?.length ?? 0);
  });

  it('[OR1] an announcement is lost on its way to another instance: its tab misses nothing', async () => {
    const at = await pair.growing();
    const { redis } = ways()[1] as Ways;
    redis.lose(/bus:[^\r]+\r\n\$\d+\r\nlog\n/u);
    const stood = at.there.shown.length;
    await at.here.until(() => at.here.shown.length > stood + 100);
    redis.lose(undefined);
    await endWhole(at);
    expect(at.there.thread).toEqual(at.here.thread);
  });

  it('[OR1] the end itself is lost on its way to another instance, and nothing follows it: its tab gets it all the same', async () => {
    const at = await pair.growing();
    const { redis } = ways()[1] as Ways;
    await at.there.until(() => at.there.shown.length > 100);
    redis.lose(/bus:[^\r]+\r\n\$\d+\r\nlog\n/u);
    await at.here.until(() => at.here.view?.turn === null, 'the reply ends here', HEALED_WITHIN_MS);
    await endWhole(at);
    expect(at.there.thread).toEqual(at.here.thread);
  });

  it('[OR1] the clock of its owner is set back and forth by hours: nothing is lost or doubled, and nobody is kept out', async () => {
    const at = await pair.growing();
    const commandId = newId<CommandId>();
    const message = newId<MessageId>();
    pair.owner.signal('SIGUSR2');
    const answer = await at.here.send('An hour ago', { commandId, message });
    expect(answer).toMatchObject({ ok: true });
    pair.owner.signal('SIGUSR2');
    expect(await at.there.send('An hour ago', { commandId, message })).toEqual(answer);
    await endAlike(at, 4);
    expect(textOf(at.here.view!.messages[1]!)).toBe(wholeReply(LONG));
    expect(at.here.thread.filter((line) => line === 'person: An hour ago')).toHaveLength(1);
  });
});
