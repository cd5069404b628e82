import { expect, it } from 'vitest';
import type { CaseAccess } from '../../contracts/access.ts';
import type { AccessId, CaseId, UserId } from '../../contracts/ids.ts';
import type { RouteReply } from '../../contracts/routes.ts';
import type { call } from '../link/app-api.ts';
import { AccessesController, grantIn } from './accesses.ts';

const CASE = 'case' as CaseId;
const [MARA, JENS] = ['mara', 'jens'] as [UserId, UserId];
const access = (more: Partial<CaseAccess>): CaseAccess => ({ id: 'access' as AccessId, case: CASE, by: MARA, at: 1, reason: 'x', hours: 1, state: 'granted', decided: null, until: Date.now() + 3_600_000, withdrawn: null, ...more });

/** A server that answers with what the test last gave it; `undefined`: it does not answer. */
function opened() {
  const answer: { current: RouteReply<'accesses'> | undefined } = { current: { accesses: [access({})], isNeeded: true } };
  const ended: CaseId[] = [];
  const timers: { ms: number; run: () => void }[] = [];
  const ask = (() => (answer.current === undefined ? Promise.reject(new Error('no answer')) : Promise.resolve(answer.current))) as unknown as typeof call;
  const later = (ms: number, run: () => void) => {
    timers.push({ ms, run });
    return () => undefined;
  };
  const host = { addController: () => undefined, removeController: () => undefined, requestUpdate: () => undefined, updateComplete: Promise.resolve(true) };
  const accesses = new AccessesController(host, { call: ask, later, ended: (id) => ended.push(id) });
  accesses.begin(MARA);
  return { accesses, answer, ended, timers };
}

it('[RE31] what was shown goes as soon as it is withdrawn, when its hours are over, and when nobody can say whether it may be read still', async () => {
  for (const next of [{ accesses: [access({ state: 'withdrawn' })], isNeeded: true }, { accesses: [access({ until: Date.now() - 1 })], isNeeded: true }, undefined]) {
    const { accesses, answer, ended, timers } = opened();
    await accesses.run(CASE, { do: 'read' });
    expect([ended, grantIn(accesses.of(CASE), MARA)?.id]).toEqual([[], 'access']);
    expect(timers[0]?.ms).toBeGreaterThan(3_500_000);
    answer.current = next;
    if (next?.accesses[0]?.state === 'granted') timers[0]?.run();
    else accesses.heard(CASE);
    await expect.poll(() => ended).toEqual([CASE]);
  }
});

it('[RE31] what is granted to another reviewer opens nothing here', async () => {
  const { accesses, answer, ended } = opened();
  answer.current = { accesses: [access({ by: JENS })], isNeeded: true };
  await accesses.run(CASE, { do: 'read' });
  expect([grantIn(accesses.of(CASE), MARA), ended]).toEqual([undefined, [CASE]]);
});
