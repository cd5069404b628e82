import { expect, it } from 'vitest';
import { Crowd } from './crowd.ts';

function fill(crowd: Crowd, count: number, comer: (at: number) => { visitor: string; address: string }): (() => void)[] {
  return Array.from({ length: count }, (_, at) => {
    crowd.admit(comer(at));
    return crowd.enter(comer(at));
  });
}

it('a visitor has fifty sockets on an instance, and as many as were closed again', () => {
  const crowd = new Crowd();
  const mara = { visitor: 'mara', address: '192.0.2.1' };
  const leave = fill(crowd, 50, () => mara);
  expect(() => crowd.admit(mara)).toThrow('rate-limited');
  crowd.admit({ visitor: 'jens', address: '192.0.2.1' });
  leave[7]?.();
  crowd.admit(mara);
});

it('visitors that somebody makes up from one address, or one IPv6 network, are bounded too; others come in beside them', () => {
  const crowd = new Crowd();
  const leave = fill(crowd, 2_000, (at) => ({ visitor: `v${at}`, address: `2001:db8:1:2::${at.toString(16)}` }));
  expect(() => crowd.admit({ visitor: 'another', address: '2001:db8:1:2:ffff::1' })).toThrow('rate-limited');
  crowd.admit({ visitor: 'another', address: '2001:db8:1:3::1' });
  for (const one of leave) one();
  crowd.admit({ visitor: 'another', address: '2001:db8:1:2:ffff::1' });
});
