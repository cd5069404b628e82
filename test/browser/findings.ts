import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';

/** What is wrong with the page on a wide window in the light theme, and on a phone in the dark one: each says of its colours and of its room what the other does not. */
export async function findings(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const [colorScheme, width] of [['light', 1280], ['dark', 390]] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height: 800 });
    const { violations } = await new AxeBuilder({ page }).analyze();
    found.push(...violations.map(({ id, nodes }) => `${colorScheme} ${width} ${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`));
    if (await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)) found.push(`${colorScheme} ${width}: wider than the window`);
  }
  await page.setViewportSize({ width: 1280, height: 800 });
  // Icons are hidden from assistive technology, so that nothing else finds one for which nothing is drawn.
  for (const drawing of await page.locator('svg.icon:not(:has(*))').all()) found.push(`an icon without a drawing: ${await drawing.evaluate((icon) => icon.parentElement?.outerHTML.slice(0, 200))}`);
  return found;
}
