import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { textOf } from '../../contracts/view.ts';
import { wholeReply } from '../fuzz/history.ts';
import { LONG, newPair, type Pair } from '../support/pair.ts';
import type { Tab } from '../support/tab.ts';

const HEALED_WITHIN_MS = 45_000;

let pair: Pair;
beforeEach(async () => {
  pair = await newPair({ DEMO_PACE: '110' });
});
afterEach(() => pair[Symbol.asyncDispose]());

async function endsWhole({ here, there }: { here: Tab; there: Tab }): Promise<void> {
  for (const tab of [here, there]) await tab.until(() => tab.view?.messages.length === 2 && tab.view.turn === null, 'the reply ends', HEALED_WITHIN_MS);
  const reply = here.view?.messages[1];
  expect(reply?.outcome).toEqual({ kind: 'completed' });
  expect(textOf(reply!)).toBe(wholeReply(LONG));
  expect(there.view?.messages).toEqual(here.view?.messages);
}

describe('while a reply grows on one of two instances', () => {
  it('[OR3] Redis forgets everything: the log begins anew, and no tab misses or doubles a character', async () => {
    const at = await pair.growing();
    const { epoch } = at.here.view!.position;
    await pair.cluster.redis.look.flushall();
    await endsWhole(at);
    expect(at.here.view!.position.epoch).toBeGreaterThan(epoch);
  });

  it('[RP4] Redis is killed and comes back empty: nothing new is shown meanwhile, no new command is taken, and then the reply goes on', async () => {
    const at = await pair.growing();
    await pair.cluster.redis.kill();
    await expect.poll(async () => (await fetch(`${pair.owner.url}/readyz`)).status, { timeout: HEALED_WITHIN_MS }).toBe(503);
    const refused = await at.here.send('Not now', { mode: 'queue' });
    expect(refused).toMatchObject({ ok: false, refusal: { code: 'bus-unavailable' } });
    await pair.cluster.redis.start();
    await endsWhole(at);
  });

  it('[RP4] Redis hangs for a while: the reply waits and goes on', async () => {
    const at = await pair.growing();
    pair.cluster.redis.pause();
    await expect.poll(async () => (await fetch(`${pair.owner.url}/readyz`)).status, { timeout: HEALED_WITHIN_MS }).toBe(503);
    pair.cluster.redis.resume();
    await endsWhole(at);
  });

  it('[OR3] its owner is paused for longer than its lease: another one concludes the turn, and the old one changes nothing when it wakes', async () => {
    const { here, there } = await pair.growing();
    pair.owner.signal('SIGSTOP');
    await there.until(() => there.view?.turn === null, 'another instance concludes it', HEALED_WITHIN_MS);
    const concluded = there.view!.messages;
    expect(concluded[1]?.outcome?.kind).toBe('interrupted');
    expect(textOf(concluded[1]!)).toContain(there.shown);
    pair.owner.signal('SIGCONT');
    await here.until(() => here.view?.turn === null && here.view.position.epoch === there.view?.position.epoch, 'the woken instance follows the new owner', HEALED_WITHIN_MS);
    expect(here.view?.messages).toEqual(concluded);
    expect(await here.send('And now?')).toMatchObject({ ok: true });
    for (const tab of [here, there]) await tab.until(() => tab.view?.messages.length === 4 && tab.view.turn === null, 'the next turn ends', HEALED_WITHIN_MS);
    expect(there.view?.messages).toEqual(here.view?.messages);
  });
});
