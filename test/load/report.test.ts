import { describe, expect, it } from 'vitest';
import { compare, state, type Found } from './figures.ts';
import { reportOf } from './report.ts';

const setting = { node: 'v24.0.0', cores: 2, isQuick: false, at: '2026-01-02T03:04:05.000Z', command: 'npm run load -- --only <b>' };
const found: Found[] = [
  { name: 'replay', setting: '30 tabs & a "view"', rows: [compare('missing events', 'ms', [3, 4, 5], [20, 20, 25], { atMost: 0.5 }), compare('slow one', 'ms', [30, 30, 30], [10, 10, 10], { atMost: 0.5 })], samples: [] },
  { name: 'slow <tab>', setting: 'once', rows: [state('bytes held', 'KiB', [92], { atMost: 256 }), state('frames', '1', [0])], samples: [] },
];

describe('the report of a load run', () => {
  const page = reportOf(setting, found);

  it('is one page that asks nothing of anybody: no script and no address', () => {
    expect(page).not.toMatch(/<script|<link|<img|@import|url\(|https?:|\son\w+=/u);
    expect(page).toContain("default-src 'none'");
  });

  it('has every scenario and figure, its numbers, and whether it is where it has to be', () => {
    for (const text of ['missing events', 'slow one', 'bytes held', '✓ ≤ 0.5 reached', '✗ ≤ 0.5 missed', '✓ ≤ 256 KiB reached']) expect(page).toContain(text);
    expect(page).toContain('2 of 3 targets reached.');
    expect(page).toContain('3.00 – <b>4.00</b> – 5.00');
  });

  it('plots within its box, whatever the figures are', () => {
    const places = [...page.matchAll(/ (?:x|x1|cx|width)="([^"]+)"/gu)].map(([, value]) => Number(value));
    expect(places.length).toBeGreaterThan(20);
    expect(places.filter((place) => !(place >= 0 && place <= 320))).toEqual([]);
  });

  it('shows names as text, not as markup', () => {
    expect(page).toContain('slow &lt;tab&gt;');
    expect(page).toContain('30 tabs &amp; a &quot;view&quot;');
    expect(page).toContain('--only &lt;b&gt;');
  });
});
