import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CommandId, FileId } from '../../contracts/ids.ts';
import { newId } from '../../server/ids.ts';
import { zipFile } from '../../server/journal/verify/zip.ts';
import type { Files } from './archive-files.ts';
import { chosen, contentOf, packageOf } from './packages.ts';
import { PIXEL } from './pixel.ts';
import { give, openCase } from './reviewer.ts';
import { newServer } from './server.ts';
import { newAccount, Tab } from './tab.ts';

/** A sign that some take for the end of a line, one for what could not be read, and letters of several scripts. */
const WORDS = 'A canary\u2028sings \ufffd and \u05e9\u05dc\u05d5\u05dd 你好 🙂';

const SEVERAL: readonly string[] = [WORDS, 'And the nightingale?'];

/** Of an earlier run, that one of its packages is looked at again and none is made. */
const AGAIN = 'ALTERED_PACKAGE';
const KEPT_IN = join(import.meta.dirname, '../../.cache/altered');

/** Keeps a package for longer than this run, and says how a run is given it: each is another one, with other ids and keys, and so the same seed would alter something else in it. */
export function keepPackage(zip: string): string {
  const file = join(KEPT_IN, `${createHash('sha256').update(readFileSync(zip)).digest('hex').slice(0, 16)}.zip`);
  mkdirSync(KEPT_IN, { recursive: true });
  copyFileSync(zip, file);
  return `${AGAIN}=${file}`;
}

/** The package of conversations that begin so, as a server sent it, and its files; the server is gone. */
export async function sentPackage(beginnings = SEVERAL, again = process.env[AGAIN]): Promise<{ zip: string; files: Files }> {
  const zip = again ?? (await newPackage(beginnings));
  const files = new Map<string, Buffer>();
  for (const name of (await zipFile(zip)).names) files.set(name, await contentOf(zip, name));
  return { zip, files };
}

async function newPackage(beginnings: readonly string[]): Promise<string> {
  await using server = await newServer({ config: { hasDemo: true, demoWordsPerSecond: 2_000, restoreMs: 0 } });
  const admin = await newAccount(server.url, 'admin@example.org');
  const reviewer = await newAccount(server.url, 'reviewer@example.org');
  const mara = await newAccount(server.url, 'mara@example.org');
  await give(admin, reviewer, 'reviewer');
  const ids: string[] = [];
  for (const words of beginnings) {
    await using tab = await new Tab(mara).ready();
    const conversation = await tab.begin(words);
    ids.push(conversation);
    await tab.until(() => tab.view?.conversation.titledBy === 'model' && tab.view.turn === null);
    if (ids.length > 1) continue;
    await fetch(`${server.url}/api/conversations/${conversation}/files?name=a.png&file=${newId<FileId>()}`, { method: 'POST', headers: { origin: server.url, cookie: mara.cookie, 'content-type': 'image/png' }, body: new Uint8Array(PIXEL) });
    for (let time = 0; time < 3; time++) await tab.ask({ type: 'conversation.change', commandId: newId<CommandId>(), conversation, title: `Title ${time}` });
  }
  return await packageOf(reviewer, await openCase(reviewer), chosen(...ids), { forms: ['csv', 'html', 'eml'] });
}

/** A folder with these files. */
export function unpacked(files: Files): string {
  const folder = mkdtempSync(join(tmpdir(), 'unpacked-'));
  for (const [name, bytes] of files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
  return folder;
}
