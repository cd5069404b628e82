import { expect, type Page } from '@playwright/test';
import { dialogOf } from './person.ts';

/** An administrator makes them reviewers, on the page for that. */
export async function makeReviewers(admin: Page, url: string, ...names: string[]): Promise<void> {
  await admin.goto(`${url}/admin/people`);
  for (const name of names) {
    const role = admin.getByLabel(`Role of ${name}`);
    const given = admin.waitForResponse((reply) => reply.url().endsWith('/role') && reply.ok());
    await role.selectOption('Reviewer');
    await given;
    await expect(role).not.toHaveAttribute('aria-busy'); // one role is changed at a time
  }
}

/** Opens a case on the page of cases, with the reason. */
export async function openCase(page: Page, url: string, name: string, reason: string): Promise<void> {
  await page.goto(`${url}/admin/cases`);
  await page.getByRole('button', { name: 'Open a case…' }).click();
  const dialog = dialogOf(page, 'Open a case');
  await dialog.getByLabel('Case or reference').fill(name);
  await dialog.getByRole('textbox', { name: 'Reason' }).fill(reason);
  await dialog.getByRole('button', { name: 'Open case', exact: true }).click();
}
