import { expect, test, type Page } from '@playwright/test';
import { newCluster, type Cluster, type Instance } from '../support/cluster.ts';
import { newDatabaseOn } from '../support/mongo-database.ts';
import { findMongo, type Started } from '../support/mongo.ts';
import { listed, remove, rename } from './conversation-list.ts';
import { coreSuite } from './core.suite.ts';
import { expectClean, idle, newTab, send, signUp, thread, watch, type Watched } from './person.ts';
import { lines, newScriptedModel, type ScriptedModel, type ScriptedReply } from './scripted-model.ts';
import { words } from './words.ts';

/** From the death of an owner to what its successor says of the reply, as it is promised. */
const TAKEN_OVER_WITHIN_MS = 5_000;

// One after the other in one process, which starts one database for them.
test.describe.configure({ mode: 'default' });

let mongo: Started | undefined;
test.beforeAll(async () => {
  test.setTimeout(180_000); // the first time on a machine, the server is unpacked
  mongo = await findMongo();
});
test.afterAll(() => mongo?.stop());

const newInstances = (count: number, environment: Record<string, string>): Promise<Cluster> => newCluster(count, environment, 'direct', () => newDatabaseOn((mongo as Started).uri));

coreSuite('on MongoDB and Redis', async (environment) => {
  const cluster = await newInstances(1, environment);
  return { ...cluster, url: (cluster.instances[0] as Instance).url };
});

test.describe('on two instances', () => {
  let model: ScriptedModel;
  let cluster: Cluster;
  let one: Instance;
  let other: Instance;
  let watched: Watched;

  test.beforeEach(async ({ context }) => {
    model = await newScriptedModel();
    cluster = await newInstances(2, model.environment);
    [one, other] = cluster.instances as [Instance, Instance];
    watched = await watch(context, one.url, other.url);
  });
  test.afterEach(async () => {
    await cluster[Symbol.asyncDispose]();
    await model[Symbol.asyncDispose]();
  });

  /** What a page shows at another instance. Nobody has to sign in for it: a browser sends the cookies of a host to all of its ports. */
  async function openAtOther(page: Page): Promise<Page> {
    const second = await newTab(page);
    await second.goto(other.url + new URL(page.url()).pathname);
    return second;
  }

  test('two pages of one person, at an instance each, see one reply grow; what is asked, renamed and deleted in one shows in the other', async ({ page }) => {
    await signUp(page, one.url);
    await send(page, 'Tell me about pears');
    const reply = await model.next();
    await reply.say('Pears grow on trees. ');
    await expect(thread(page)).toContainText('Pears grow on trees.');
    const second = await openAtOther(page);
    const pages = [page, second];
    for (const text of ['They are picked green. ', 'They ripen in the dark. ', 'That is all.']) {
      await reply.say(text);
      for (const tab of pages) await expect(thread(tab)).toContainText(text.trim());
    }
    await reply.finish();
    for (const tab of pages) await idle(tab);
    expect(await words(second)).toBe(await words(page));

    await send(second, 'And quinces?');
    await expect(thread(page)).toContainText('And quinces?');
    await model.answer('Quinces are hard.');
    for (const tab of pages) {
      await expect(thread(tab)).toContainText('Quinces are hard.');
      await idle(tab);
    }
    expect(await words(page)).toBe(await words(second));

    await rename(page, 'A title', 'Orchard');
    await expect(listed(second, 'Orchard')).toBeVisible();
    await remove(second, 'Orchard');
    await expect(listed(page, 'Orchard')).toHaveCount(0);
    await second.getByRole('button', { name: 'Undo' }).click();
    await expect(listed(page, 'Orchard')).toBeVisible();
    expectClean(watched);
  });

  test('an owner that is killed while a reply grows into both pages costs no character: the other page can continue at once, and the first one comes back to the same thread', async ({ page }) => {
    await signUp(page, one.url);
    await send(page, 'Tell me');
    const reply = await model.next();
    await reply.say(...lines(1, 11));
    await expect(thread(page)).toContainText('Line 10 of the reply.');
    const second = await openAtOther(page);
    await expect(thread(second)).toContainText('Line 10 of the reply.');
    const growing = growWhile(() => one.isRunning, reply, second);
    for (const tab of [page, second]) await expect(thread(tab)).toContainText('Line 30 of the reply.');
    one.signal('SIGKILL');
    await Promise.all([one.ended, growing]);
    const shown = (await Promise.all([page, second].map(linesIn))).flat();
    await expect(thread(second)).toContainText('The reply was interrupted', { timeout: TAKEN_OVER_WITHIN_MS });
    const kept = await words(second);
    expect(shown).toContain('Line 30 of the reply.');
    expect(shown.filter((line) => !kept.includes(line))).toEqual([]);

    await second.getByRole('button', { name: 'Continue' }).click();
    const rest = await model.next();
    await rest.say('It goes on here');
    await expect(thread(second)).toContainText('It goes on here');
    await expect(page.getByText('Reconnecting…')).toBeVisible();
    await one.start();
    await expect(thread(page)).toContainText('It goes on here');
    await rest.say(' and ends there.');
    await rest.finish();
    for (const tab of [page, second]) {
      await expect(thread(tab)).toContainText('It goes on here and ends there.');
      await idle(tab);
    }
    expect(await words(page)).toBe(await words(second));
    expectClean(watched);
  });
});

/** From its eleventh line the reply grows by one with every frame that the page draws. */
async function growWhile(goesOn: () => boolean, reply: ScriptedReply, page: Page): Promise<void> {
  for (let line = 11; goesOn(); line++) {
    await reply.say(...lines(line, line + 1));
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
}

/** The lines of the reply that a page shows, the last one as far as it has come. */
async function linesIn(page: Page): Promise<string[]> {
  return (await words(page)).match(/Line \d.*/gu) ?? [];
}
