import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import type { ConversationId, MessageId } from '../../contracts/ids.ts';
import { newId } from '../../server/ids.ts';
import { newIdentity, newSite, newSiteKey, newVisitorTab, visit } from '../support/site.ts';
import { Tab } from '../support/tab.ts';
import { eachEmbedded, type Embedded } from './host-page.ts';
import { ask, done, field, findings, launcher, replies, tagPage } from './widget-page.ts';

// What a visitor is told: what becomes of what they write, who the site says they are, and who answered.

let { server, host, admin } = {} as Embedded;
eachEmbedded((made) => ({ server, host, admin } = made));

test('what becomes of what is written, and who the site says one is, stand before the first message also where nothing has to be agreed to, and under ⋯ afterwards', async ({ page }) => {
  const site = await newSite(admin, { origins: [host.origin], privacy: { note: 'We keep it for 90 days.', address: '', asks: false } });
  const { key } = await newSiteKey(admin, site.id);
  const [note, name] = [page.getByText('We keep it for 90 days.'), page.getByText('The site told us you are Elin Berg.')];
  await page.goto(tagPage(host, server.url, site));
  await launcher(page).click();
  await expect(page.getByRole('region', { name: 'Before you write' })).toBeVisible();
  await expect(note).toBeVisible();
  await expect(name).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Where is my order?' })).toBeVisible();
  expect(await findings(page)).toEqual([]);
  await page.locator('gorun-chat').evaluate((element, said) => (element as unknown as { identify(token: string): Promise<void> }).identify(said), await newIdentity(key));
  await expect(name).toBeVisible();
  await ask(page, 'Hello');
  await expect(replies(page)).toHaveCount(1);
  await done(page);
  await expect(note.or(name)).toHaveCount(0);
  const again = page.getByRole('region', { name: 'Privacy' });
  for (const end of ['Escape', 'Enter']) {
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Privacy' }).click();
    await expect(again).toBeFocused();
    await expect(again).toContainText(/90 days.*Elin Berg/u);
    if (end === 'Enter') {
      expect(await findings(page)).toEqual([]);
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press(end);
    await expect(again).toHaveCount(0);
    await expect(page.getByRole('button', { name: 'More' })).toBeFocused();
  }
  await expect(field(page)).toBeVisible(); // the chat itself stays open
});

test('where there is nothing to say, nothing is said', async ({ page }) => {
  await page.goto(tagPage(host, server.url, await newSite(admin, { origins: [host.origin], privacy: { note: '', address: '', asks: false } })));
  await launcher(page).click();
  await expect(field(page)).toBeVisible();
  await expect(page.getByText('Before you write')).toHaveCount(0);
  await page.getByRole('button', { name: 'More' }).click();
  await expect(page.getByRole('menuitem', { name: 'New conversation' })).toBeVisible();
  await expect(page.getByRole('menuitem', { name: 'Privacy' })).toHaveCount(0);
});

test('the file of what was said names who answered', async ({ page }) => {
  await page.goto(tagPage(host, server.url, await newSite(admin, { origins: [host.origin] })));
  await launcher(page).click();
  await ask(page, 'Where is my order?');
  await expect(replies(page)).toHaveCount(1);
  await done(page);
  const conversation = (await page.locator('gorun-chat').evaluate((element) => (element as unknown as { conversationId: string }).conversationId)) as ConversationId;
  await using mara = await new Tab(admin).ready();
  await mara.open(conversation);
  const give = (more: object) => mara.ask({ commandId: newId(), conversation, ...more } as never);
  expect(await give({ type: 'handoff.join' })).toMatchObject({ ok: true });
  expect(await give({ type: 'handoff.say', message: newId<MessageId>(), text: 'It left on Tuesday.' })).toMatchObject({ ok: true });
  await expect(page.getByText('It left on Tuesday.')).toBeVisible();
  await page.getByRole('button', { name: 'More' }).click();
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'Download the conversation' }).click()]);
  const said = readFileSync(await file.path(), 'utf8').split('\n\n').map((one) => one.split(' · ')[0]);
  expect(said.slice(0, 3)).toEqual(['Ask Kite & Kiln', 'You', 'Assistant']);
  expect(readFileSync(await file.path(), 'utf8')).toMatch(new RegExp(`${admin.person.name} · [^\\n]+\\nIt left on Tuesday\\.`, 'u'));
});

test('a visitor can begin with a person, also where the site has used up its replies: what they say stands there, and no model is asked', async ({ page }) => {
  const site = await newSite(admin, { origins: [host.origin], limits: { visitor: 10, address: 10, site: 1 } });
  await using other = await newVisitorTab(server.url, site.id, await visit(server.url, site.id, {}, host.origin), host.origin).ready();
  await other.begin('The only reply');
  await page.goto(tagPage(host, server.url, site));
  await launcher(page).click();
  await ask(page, 'Where is my order?');
  await expect(page.getByText('This chat has answered as much as it may today').first()).toBeVisible();
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Ask for a person' }).click();
  await expect(page.getByText('A person was asked for. You can write on')).toBeVisible();
  await expect(page.locator('gorun-message[author=person]').filter({ hasText: 'I would like to talk to a person.' })).toBeVisible();
  const conversation = (await page.locator('gorun-chat').evaluate((element) => (element as unknown as { conversationId: string }).conversationId)) as ConversationId;
  await using mara = await new Tab(admin).ready();
  await mara.open(conversation);
  for (const what of [{ type: 'handoff.join' }, { type: 'handoff.say', message: newId<MessageId>(), text: 'I look for it.' }] as const) expect(await mara.ask({ ...what, commandId: newId(), conversation })).toMatchObject({ ok: true });
  await expect(page.getByText('I look for it.')).toBeVisible();
  await expect(replies(page)).toHaveCount(1);
});
