import { expect, it } from 'vitest';
import type { SecurityNotice } from '../../contracts/security.ts';
import type { call } from '../link/app-api.ts';
import { SecurityNotices } from './security.ts';

const notice = (number: number, more: Partial<SecurityNotice> = {}): SecurityNotice => ({ number, at: number, what: { type: 'password-changed' }, from: null, isThis: false, isSeen: false, ...more });

/** Notices whose answers come when the test gives them. */
function opened() {
  const asked: ((notices: readonly SecurityNotice[]) => void)[] = [];
  const told: number[] = [];
  const ask = ((name: string) => (name === 'securityNotices' ? new Promise((resolve) => asked.push((notices) => resolve({ notices }))) : Promise.resolve({}))) as unknown as typeof call;
  const host = { addController: () => undefined, removeController: () => undefined, requestUpdate: () => undefined, updateComplete: Promise.resolve(true) };
  const security = new SecurityNotices(host, { call: ask, tell: ({ number }) => told.push(number) });
  return { security, asked, told };
}

it('[PE11] tells of what happened while the page is open once and in order, and of nothing that this sign-in did or that was seen', async () => {
  const { security, asked, told } = opened();
  const first = security.read();
  asked[0]!([notice(2), notice(1)]);
  await first;
  expect([security.unseen, told]).toEqual([2, []]); // from before: to be read, and no word in passing
  security.listener.notice?.(8, { type: 'security' });
  security.listener.notice?.(9, { type: 'security' });
  expect(asked).toHaveLength(2);
  asked[1]!([notice(5), notice(4, { isThis: true }), notice(3), notice(2), notice(1)]);
  await expect.poll(() => asked.length).toBe(3); // what was told of while it was asked is asked for again
  asked[2]!([notice(7), notice(6, { isSeen: true }), notice(5), notice(4, { isThis: true }), notice(3), notice(2), notice(1)]);
  await expect.poll(() => told).toEqual([3, 5, 7]);
  expect(security.unseen).toBe(5);
});

it('[PE11] a page that was away and meets another number reads again, and one that missed nothing does not', async () => {
  const { security, asked } = opened();
  const hello = (notices: number) => ({ notices }) as Parameters<NonNullable<typeof security.listener.greeted>>[0];
  security.listener.greeted?.(hello(5));
  security.listener.greeted?.(hello(5));
  expect(asked).toHaveLength(0);
  security.listener.greeted?.(hello(6));
  expect(asked).toHaveLength(1);
});
