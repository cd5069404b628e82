import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Locator, type Page } from '@playwright/test';
import type { Site } from '../../contracts/sites.ts';
import type { HostPage, HostSite } from './host-page.ts';
import { strictPolicy } from './host-page.ts';

export const MAIN = '<main><h1>Coffee we would like to drink ourselves</h1><p>Roasted on Tuesdays and Fridays in Aarhus.</p></main>';

/** A page of the host with one tag of this deployment, under a strict policy. */
export function tagPage(host: HostSite, deployment: string, site: Site, more: Partial<HostPage> & { attributes?: string } = {}): string {
  const { attributes = '', ...page } = more;
  return host.serve('/', { body: `${MAIN}<script src="${deployment}/widget.js" data-site="${site.id}" ${attributes} async></script>`, policy: strictPolicy(deployment), ...page });
}

export const launcher = (page: Page) => page.getByRole('button', { name: 'Open the chat' });
export const panel = (page: Page) => page.getByRole('dialog', { name: 'Ask Kite & Kiln' });
export const field = (page: Page) => page.getByRole('textbox', { name: 'Message' });
export const replies = (page: Page) => page.locator('gorun-message[author=model]');
/** What stands in the replies. */
export const texts = (page: Page): Locator => replies(page).locator('gorun-part-text');
/** The reply has ended. */
export const done = (page: Page) => expect(page.getByRole('button', { name: 'Stop the reply' })).toHaveCount(0);
/** The button says that so many messages are new. */
export const fresh = (page: Page, count: number) => expect(page.getByRole('button', { name: `Open the chat, new messages: ${count}` })).toBeVisible();

export async function ask(page: Page, text: string): Promise<void> {
  await field(page).fill(text);
  await field(page).press('Enter');
}

/** The page sends for its visitor. */
export function say(page: Page, text: string): Promise<void> {
  return page.evaluate((said) => (document.querySelector('gorun-chat') as unknown as { send(text: string): Promise<void> }).send(said), text);
}

export async function findings(page: Page): Promise<string[]> {
  return (await new AxeBuilder({ page }).analyze()).violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}
