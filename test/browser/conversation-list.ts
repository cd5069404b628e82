import type { Locator, Page } from '@playwright/test';

/** A conversation in the list of a page. */
export function listed(page: Page, title: string): Locator {
  return page.getByRole('navigation').getByRole('link', { name: title });
}

export async function rename(page: Page, title: string, to: string): Promise<void> {
  await page.getByRole('button', { name: `More for ${title}` }).click();
  await page.getByRole('menuitem', { name: 'Rename' }).click();
  await page.getByRole('navigation').getByRole('textbox').fill(to);
  await page.keyboard.press('Enter');
}

export async function remove(page: Page, title: string): Promise<void> {
  await page.getByRole('button', { name: `More for ${title}` }).click();
  await page.getByRole('menuitem', { name: /Delete/u }).click();
}
