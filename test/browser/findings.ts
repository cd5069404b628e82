import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';

/** What is wrong with the page in both themes, on a wide window and on a phone. */
export async function findings(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1280, 390]) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: 800 });
      const { violations } = await new AxeBuilder({ page }).analyze();
      found.push(...violations.map(({ id, nodes }) => `${colorScheme} ${width} ${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`));
      if (await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)) found.push(`${colorScheme} ${width}: wider than the window`);
    }
  }
  await page.setViewportSize({ width: 1280, height: 800 });
  return found;
}
