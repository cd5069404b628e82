import { describe, expect, test } from 'vitest';
import { apartMs, threadLoad } from './pace.ts';

describe('how far apart steps begin', () => {
  test('an idle thread waits for next to nothing, a busy one lets more text share a step, and no token waits for more than 40 ms', () => {
    expect([0, 0.05, 0.2, 1].map(apartMs)).toEqual([2, 2, 40, 40]);
    expect(apartMs(0.1)).toBeGreaterThan(2);
    expect(apartMs(0.1)).toBeLessThan(apartMs(0.15));
  });

  test('a thread that works all the time is seen to be busy, and to be busy no more when it rests', async () => {
    const load = threadLoad();
    expect(load()).toBe(0);
    const looks = (everyMs: number, isSeen: () => boolean): Promise<void> =>
      new Promise((resolve) => {
        const look = (): unknown => (isSeen() ? resolve() : setTimeout(look, everyMs));
        look();
      });
    await looks(0, () => {
      for (const end = performance.now() + 5; performance.now() < end; );
      return load() > 0.2;
    });
    await looks(20, () => load() < 0.1);
  });
});
