import { expect, it } from 'vitest';
import type { TabId, UserId } from '../../contracts/ids.ts';
import { newId } from './ids.ts';
import { Link, PROTOCOL_VERSION, retryAfterMs } from './socket.ts';
import type { TabSocket } from './socket.ts';

const user = newId<UserId>();
const tab = newId<TabId>();

/** The tab's end of a connection whose other end is the test. */
function newPair() {
  const heard = new Map<string, (...said: never[]) => void>();
  const emitted: unknown[][] = [];
  const later: (() => void)[] = [];
  const waits: number[] = [];
  const moved: string[] = [];
  let connects = 0;
  let disconnects = 0;
  const emit = (...said: unknown[]) => emitted.push(said);
  const socket = { on: (name: string, run: (...said: never[]) => void) => heard.set(name, run), emit, timeout: () => ({ emit }), connect: () => connects++, disconnect: () => disconnects++ };
  const link = new Link({ version: PROTOCOL_VERSION, tab, user }, {
    socket: socket as unknown as TabSocket,
    random: () => 0.5,
    later: (ms, run) => {
      waits.push(ms);
      later.push(run);
      return () => later.splice(later.indexOf(run), 1);
    },
  });
  link.listen({ moved: (state) => moved.push(state) });
  const say = (name: string, ...said: unknown[]) => heard.get(name)?.(...(said as never[]));
  const greet = (change = {}) => say('hello', { version: PROTOCOL_VERSION, user, tab, notices: 1, ...change });
  return { link, say, greet, emitted, later, waits, moved, connects: () => connects, disconnects: () => disconnects };
}

it('asks nothing before it is greeted as its own account', async () => {
  const { link, greet, emitted } = newPair();
  link.connect();
  await expect(link.open('c' as never, { epoch: 0, seq: 0 })).rejects.toThrow('not connected');
  expect(emitted).toEqual([]);
  greet();
  void link.open('c' as never, { epoch: 0, seq: 0 });
  expect(emitted[0]?.[0]).toBe('open');
});

it('is not live for another account, nor for a server of another version', () => {
  const stranger = newPair();
  stranger.greet({ user: newId<UserId>() });
  expect(stranger.moved).toEqual(['ended']);
  const newer = newPair();
  newer.greet({ version: PROTOCOL_VERSION + 1 });
  expect(newer.moved).toEqual(['outdated']);
});

it('keeps trying after a lost connection, and at once when the network is back', () => {
  const { link, say, greet, later, moved, connects } = newPair();
  link.connect();
  greet();
  say('disconnect', 'transport close');
  expect([moved, later.length, connects()]).toEqual([['live', 'lost'], 1, 1]);
  later[0]?.();
  later.length = 0;
  expect(connects()).toBe(2);
  say('connect_error', new Error('refused'));
  link.retryNow();
  expect([connects(), later.length]).toEqual([3, 0]);
  greet();
  expect(moved).toEqual(['live', 'lost', 'live']);
});

it('waits as long as it is told where there are too many connections, not all tabs equally long, and looking at the tab does not shorten that', () => {
  const { link, say, greet, later, waits, moved, connects } = newPair();
  link.connect();
  say('connect_error', Object.assign(new Error('rate-limited'), { data: { code: 'rate-limited', retryAfterMs: 10_000 } }));
  link.retryNow();
  expect([moved, waits, connects()]).toEqual([['crowded'], [15_000], 1]);
  later.shift()?.();
  greet();
  expect([connects(), link.state]).toEqual([2, 'live']);
});

it('gives up an attempt that hangs on the old network when there is a new one', () => {
  const { link, say, greet, later, connects, disconnects } = newPair();
  link.connect();
  greet();
  say('disconnect', 'transport close');
  later.shift()?.();
  link.retryNow();
  expect([connects(), disconnects()]).toEqual([2, 0]);
  link.retryNow(true);
  expect([connects(), disconnects()]).toEqual([3, 1]);
  greet();
  link.retryNow(true);
  expect([connects(), disconnects()]).toEqual([3, 1]);
});

it('stops trying when the sign-in has ended, until the account signs in again', () => {
  const { link, say, later, moved, connects } = newPair();
  link.connect();
  say('connect_error', Object.assign(new Error('session-ended'), { data: { code: 'session-ended' } }));
  say('disconnect', 'io server disconnect');
  expect([moved, later.length]).toEqual([['ended'], 0]);
  link.restart();
  expect([moved.at(-1), connects()]).toEqual(['connecting', 2]);
});

it('waits 50 to 100 milliseconds at first, then anything up to two seconds', () => {
  expect(retryAfterMs(0, () => 0)).toBe(50);
  expect(retryAfterMs(0, () => 1)).toBe(100);
  expect(retryAfterMs(3, () => 1)).toBe(450);
  expect(retryAfterMs(30, () => 1)).toBe(2_000);
  expect(retryAfterMs(2_000, () => 0.5)).toBe(1_025);
});
