import { expect, type Browser, type BrowserContext, type Locator, type Page } from '@playwright/test';

/** What a page did that it must never do: requests to other origins, and what its security policy had to stop. */
export interface Watched {
  readonly foreign: string[];
  readonly violations: string[];
  readonly errors: string[];
}

/** Watches every page of a context from its first byte; these addresses are the product's own. */
export async function watch(context: BrowserContext, ...urls: string[]): Promise<Watched> {
  const watched: Watched = { foreign: [], violations: [], errors: [] };
  await context.exposeFunction('reportViolation', (text: string) => watched.violations.push(text));
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      const report = (window as unknown as { reportViolation(text: string): void }).reportViolation;
      report(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`);
    });
  });
  context.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol.startsWith('http') && !urls.some((url) => origin === new URL(url).origin)) watched.foreign.push(request.url());
  });
  context.on('weberror', (error) => watched.errors.push(error.error().message));
  return watched;
}

export function expectClean(watched: Watched): void {
  expect(watched).toEqual({ foreign: [], violations: [], errors: [] });
}

/** Another tab of the same browser, in a window of its own: of tabs in one window only the foremost is drawn more often than once a second. */
export async function newTab(page: Page): Promise<Page> {
  const context = page.context();
  const session = await context.newCDPSession(page);
  const { targetInfo } = await session.send('Target.getTargetInfo');
  const opened = context.waitForEvent('page');
  await session.send('Target.createTarget', { url: 'about:blank', newWindow: true, ...(targetInfo.browserContextId !== undefined && { browserContextId: targetInfo.browserContextId }) });
  await session.detach();
  return opened;
}

export async function signUp(page: Page, url: string, email = 'mara@example.org', name = 'Mara Lindqvist'): Promise<void> {
  await page.goto(url);
  const make = page.getByRole('button', { name: 'Create an account' });
  const name0 = page.getByLabel('Your name');
  await expect(make.or(name0).first()).toBeVisible();
  if (await make.isVisible()) await make.click();
  await name0.fill(name);
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill('correct horse battery');
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(composer(page)).toBeFocused();
}

export const composer = (page: Page) => page.getByRole('textbox', { name: 'Message' });
export const thread = (page: Page) => page.getByRole('log');

export async function send(page: Page, text: string): Promise<void> {
  await composer(page).fill(text);
  await composer(page).press('Enter');
}

export const stopButton = (page: Page) => page.getByRole('button', { name: 'Stop the reply' });

/** No reply is running. */
export async function idle(page: Page): Promise<void> {
  await expect(stopButton(page)).toHaveCount(0);
}

/** An open dialog with all that is in it. */
export function dialogOf(page: Page, name: string): Locator {
  return page.locator('gorun-dialog').filter({ has: page.getByRole('dialog', { name }) });
}

/** Somebody of their own browser who has just signed up; `leave` expects that nothing happened that must not. */
export async function newPerson(browser: Browser, url: string, email: string, name: string): Promise<{ page: Page; context: BrowserContext; leave(): Promise<void> }> {
  const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'UTC', reducedMotion: 'reduce' });
  const watched = await watch(context, url);
  const page = await context.newPage();
  await signUp(page, url, email, name);
  return { page, context, leave: async () => (await context.close(), expectClean(watched)) };
}
