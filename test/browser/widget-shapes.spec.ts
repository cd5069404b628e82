import { expect, test, type Locator, type Page } from '@playwright/test';
import type { ModelId } from '../../contracts/ids.ts';
import type { SiteSettings } from '../../contracts/sites.ts';
import { newServerProcess } from '../support/process.ts';
import { newSite } from '../support/site.ts';
import { newAccount } from '../support/tab.ts';
import { eachEmbedded, type Embedded } from './host-page.ts';
import { moving } from './moving.ts';
import { newScriptedModel } from './scripted-model.ts';
import { ask, done, field, launcher, MAIN, panel, replies, tagPage } from './widget-page.ts';
import { wireOf } from './wire.ts';

let { server, host, admin } = {} as Embedded;
eachEmbedded((made) => ({ server, host, admin } = made));

const tagged = async (settings: Partial<SiteSettings> = {}): Promise<string> => tagPage(host, server.url, await newSite(admin, { origins: [host.origin], ...settings }));
const closer = (page: Page): Locator => page.getByRole('button', { name: 'Close the chat' }).first();

test('on a phone the open panel is the whole screen and the button is out of the way; on a desk it stands beside the page', async ({ page }) => {
  const phone = { width: 390, height: 844 };
  await page.setViewportSize(phone);
  await page.goto(await tagged());
  await launcher(page).click();
  await expect(panel(page)).toHaveAttribute('aria-modal', 'true');
  await expect(field(page)).toBeVisible();
  await expect.poll(() => panel(page).boundingBox()).toEqual({ x: 0, y: 0, ...phone });
  expect(await page.locator('gorun-chat-panel .chat').boundingBox()).toEqual({ x: 0, y: 0, ...phone });
  await expect(page.locator('gorun-chat [part=launcher]')).toBeHidden();
  await page.setViewportSize({ width: 1_280, height: 844 });
  await expect(page.locator('gorun-chat [part=launcher]')).toBeVisible();
  await expect(panel(page)).not.toHaveAttribute('aria-modal');
  const { width, height, x, y } = (await panel(page).boundingBox())!;
  expect([width, height, x + width, y + height <= 844 - 20 - 56]).toEqual([400, 640, 1_280 - 20, true]);
});

test('with reduced motion nothing moves: not the button under the pointer, not the panel that opens, not what is in it', async ({ page }) => {
  await page.goto(await tagged());
  await expect(launcher(page)).toBeVisible();
  await launcher(page).hover();
  await expect.poll(() => lifted(page)).toBe('0px -2px'); // so that it is known what does not happen below
  await page.mouse.move(0, 0);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await launcher(page).hover();
  expect([await lifted(page), await moving(page)]).toEqual(['none', []]);
  await noteMovements(page);
  await launcher(page).click();
  await expect(panel(page)).toBeVisible();
  await expect(field(page)).toBeFocused();
  expect([await movements(page), await moving(page)]).toEqual([[], []]);
  await ask(page, 'Where is my order?');
  await expect(replies(page)).toHaveCount(1);
  expect(await moving(page)).toEqual([]);
  await done(page);
  await closer(page).click();
  await expect(panel(page)).toHaveCount(0);
  expect([await movements(page), await moving(page)]).toEqual([[], []]);
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  await launcher(page).click();
  await expect.poll(() => movements(page)).toContain('r');
});

const lifted = (page: Page): Promise<string> => page.locator('gorun-chat [part=launcher]').evaluate((button) => getComputedStyle(button).translate);

/** From now on what begins to move in the box of the chat is noted by its name, also where it has ended before anybody looks. */
function noteMovements(page: Page): Promise<void> {
  return page.evaluate(() => {
    const noted: string[] = ((window as unknown as { noted: string[] }).noted = []);
    document.querySelector('gorun-chat')!.shadowRoot!.addEventListener('animationstart', (event) => noted.push((event as AnimationEvent).animationName));
  });
}
const movements = (page: Page): Promise<string[]> => page.evaluate(() => (window as unknown as { noted: string[] }).noted);

test('where the colours are the system’s alone, the button, the panel and what sends have an edge in them', async ({ page }) => {
  await page.emulateMedia({ forcedColors: 'active' });
  await page.goto(await tagged({ accent: '#7a3b12' }));
  expect(await edgeOf(page.locator('gorun-chat [part=launcher]'))).toMatch(SEEN);
  const [ground, bubble, line] = await colours(page.locator('gorun-chat [part=launcher]'), [[28, 6], [28, 20], [26, 26]]);
  expect([bubble !== ground, line]).toEqual([true, ground]);
  await launcher(page).click();
  await expect(field(page)).toBeVisible();
  expect(await edgeOf(panel(page))).toMatch(SEEN);
  const send = page.getByRole('button', { name: 'Send' });
  expect(await edgeOf(send)).toMatch(SEEN);
  await field(page).fill('Where is my order?');
  await expect(send).not.toHaveAttribute('aria-disabled', 'true');
  expect(await edgeOf(send)).toMatch(SEEN);
  const system = await page.evaluate(() => {
    const probe = document.body.appendChild(document.createElement('p'));
    probe.style.cssText = 'forced-color-adjust: none; background: ButtonText';
    return getComputedStyle(probe).backgroundColor;
  });
  expect(await send.evaluate((button) => getComputedStyle(button).backgroundColor)).toBe(system);
});

/** As they are on the screen, at places of the element. */
async function colours(element: Locator, places: readonly (readonly [x: number, y: number])[]): Promise<string[]> {
  const picture = (await element.screenshot()).toString('base64');
  return element.page().evaluate(async ([data, wanted]) => {
    const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0))]));
    const pen = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')!;
    pen.drawImage(bitmap, 0, 0);
    return wanted.map(([x, y]) => pen.getImageData(x, y, 1, 1).data.join());
  }, [picture, places] as const);
}

/** A colour that is not see-through. */
const SEEN = /^[1-9]\d*px solid rgb\(/u;

/** What goes round an element: its border, or the line outside of it. */
function edgeOf(element: Locator): Promise<string> {
  return element.evaluate((one) => {
    const { borderTopWidth, borderTopStyle, borderTopColor, outlineWidth, outlineStyle, outlineColor } = getComputedStyle(one);
    return borderTopStyle === 'none' ? `${outlineWidth} ${outlineStyle} ${outlineColor}` : `${borderTopWidth} ${borderTopStyle} ${borderTopColor}`;
  });
}

test('a connection that is lost is said over the conversation and not under it, and is as before when it is back', async ({ page, context }) => {
  const wire = await wireOf(page);
  await page.goto(await tagged());
  await launcher(page).click();
  await ask(page, 'Where is my order?');
  await done(page);
  const words = panel(page).locator('.head [role=status]');
  await expect(words).toHaveText('AI assistant');
  await wire.cut();
  await expect(words).toHaveText('Reconnecting…');
  wire.mend();
  await expect(words).toHaveText('AI assistant');
  await context.setOffline(true);
  await expect(words).toHaveText('Offline');
  await expect(panel(page).getByText('You are offline. You can write on; what you send goes out when you are back.', { exact: true })).toBeVisible();
  await context.setOffline(false);
  await expect(words).toHaveText('AI assistant');
});

test('a page hears at its tag which link is followed, and may keep it from being followed', async ({ page, context }) => {
  await using model = await newScriptedModel();
  await using own = await newServerProcess(undefined, model.environment);
  const site = await newSite(await newAccount(own.url), { origins: [host.origin], model: 'openai/tiny' as ModelId });
  const beans = host.serve('/beans', { body: MAIN });
  await page.goto(tagPage(host, own.url, site));
  await page.evaluate(() => {
    const followed: string[] = ((window as unknown as { followed: string[] }).followed = []);
    document.querySelector('gorun-chat')!.addEventListener('gorun-open-link', (event) => {
      followed.push((event as Event & { href: string }).href);
      if (followed.length === 1) event.preventDefault();
    });
  });
  await launcher(page).click();
  await ask(page, 'Which beans?');
  await model.answer(`[These](${beans}).`);
  await done(page);
  const link = replies(page).getByRole('link', { name: 'These' });
  await link.click();
  const opened = context.waitForEvent('page');
  await link.click();
  await (await opened).waitForURL(beans);
  expect(context.pages().map((one) => one.url())).toEqual([`${host.origin}/`, beans]); // one of two, beside the page they stand in
  expect(await page.evaluate(() => (window as unknown as { followed: string[] }).followed)).toEqual([beans, beans]);
});
