import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import type { Found } from '../../contracts/cases.ts';
import type { CommandId } from '../../contracts/ids.ts';
import type { Message } from '../../contracts/conversation.ts';
import { textOf } from '../../contracts/view.ts';
import { newId } from '../../server/ids.ts';
import { keptBy, whereStands } from '../support/bytes-kept.ts';
import { newDeployment, newPlace } from '../support/deployment.ts';
import { chosen, contentOf, packageOf } from '../support/packages.ts';
import { NODE_ENVIRONMENT } from '../support/process.ts';
import { ask, give, hold, openCase, release } from '../support/reviewer.ts';
import { newAccount, Tab } from '../support/tab.ts';
import { talk } from '../support/talking.ts';
import { until } from '../support/until.ts';

const CANARY = 'quinquereme';
const top = join(import.meta.dirname, '../..');

/** The command as somebody has it who was given the file alone: nothing of the deployment is there, no network, no secret. */
async function verifiedElsewhere(file: string): Promise<{ code: number | null; said: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'elsewhere-'));
  try {
    for (const name of ['server', 'contracts', 'package.json']) cpSync(join(top, name), join(folder, name), { recursive: true });
    cpSync(file, join(folder, 'package.zip'));
    const child = spawn(process.execPath, ['server/cli.ts', 'verify', 'package.zip'], { cwd: folder, env: NODE_ENVIRONMENT, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (said += data.toString()));
    await once(child, 'close');
    return { code: child.exitCode, said };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

it('[RE7] [RE8] [RE18] a conversation is put on hold, deleted, found, exported and verified on another machine; once the hold is released it stands in no byte any more, and the records are intact', async () => {
  await using deployment = await newDeployment();
  await using place = await newPlace();
  await deployment.start(place);
  const admin = await newAccount(deployment.url);
  const reviewer = await newAccount(deployment.url, 'reviewer@example.org');
  const mara = await newAccount(deployment.url, 'mara@example.org');
  await give(admin, reviewer, 'reviewer');
  const opened = await openCase(reviewer);
  const { tab, conversation } = await talk(mara, `Where is the ${CANARY}?`);
  const { tab: other } = await talk(admin, 'Not held');
  const [placed] = (await hold(reviewer, opened, { type: 'conversation', id: conversation })).holds;

  const remove = (from: Tab) => from.ask({ type: 'conversation.delete', commandId: newId<CommandId>(), conversation: from.view!.conversation.id });
  expect([await remove(tab), await remove(other)]).toMatchObject([{ ok: true }, { ok: true }]);
  await other.until(() => other.view!.isErased); // a look at all that is due has passed, and left what is held
  await using again = await new Tab(mara).ready();
  await expect(again.open(conversation)).rejects.toThrow('erased'); // to its owner it is gone

  const because = { case: opened.id, reason: 'Named in the letter' };
  const { found } = await ask<{ found: Found[] }>(reviewer, 'find', {}, { ...because, of: [{ type: 'person', id: mara.person.id }], from: null, to: null, models: [], words: CANARY });
  expect(found.map(({ id }) => id)).toEqual([conversation]);
  const { messages } = await ask<{ messages: Message[] }>(reviewer, 'readForCase', {}, { ...because, conversation, at: null });
  expect(messages.map(textOf)).toEqual([`Where is the ${CANARY}?`, expect.any(String)]);
  const file = await packageOf(reviewer, opened, chosen(conversation), { forms: ['csv'] });
  expect((await contentOf(file, 'messages.csv')).toString()).toContain(CANARY);
  expect(await verifiedElsewhere(file)).toEqual({ code: 0, said: expect.stringMatching(/^Intact/u) });

  await release(reviewer, opened, placed!.id);
  await tab.until(() => tab.view!.isErased);
  await until(async () => whereStands([CANARY], await keptBy(deployment, place)).length === 0, 'it stands nowhere any more');
  await deployment.end();
  expect(whereStands([CANARY], await keptBy(deployment, place))).toEqual([]);
  expect(await deployment.command(place, 'verify', join(place.folder, 'archive'))).toMatchObject({ code: 0, said: expect.stringMatching(/^Intact/u) });
  for (const one of [tab, other]) await one[Symbol.asyncDispose]();
});
