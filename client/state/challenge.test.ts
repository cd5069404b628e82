import { expect, it } from 'vitest';
import { solve } from './challenge.ts';

it('what is found is what was asked for, and everything else has its turn meanwhile', async () => {
  let turns = 0;
  const counting = setInterval(() => (turns += 1), 1);
  const { challenge, nonce } = await solve({ challenge: 'tide', bits: 17 });
  clearInterval(counting);
  const [first, second, third] = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(challenge + nonce)));
  expect([first, second, third! >> 7]).toEqual([0, 0, 0]);
  expect(Number(nonce)).toBeGreaterThan(50_000); // so many that there must have been a turn
  expect(turns).toBeGreaterThan(2);
});
