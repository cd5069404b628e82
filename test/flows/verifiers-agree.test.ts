import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ZipFile } from 'yazl';
import { check } from '../../client/verify/checking.ts';
import type { KeptElsewhere, Verdict } from '../../contracts/proofs/verdict.ts';
import { verifyPackage } from '../../server/journal/verify/package.ts';
import { isZipFile, zipFile } from '../../server/journal/verify/zip.ts';
import { changed, type Files } from '../support/archive-files.ts';
import { ALL_FOUND, corpus, SEEDS } from '../support/corpus.ts';
import { chosen, contentOf, packageOf } from '../support/packages.ts';
import type { Dice } from '../support/random.ts';
import { give, openCase } from '../support/reviewer.ts';
import { keepPackage, sentPackage } from '../support/sent-package.ts';
import { newServer, type TestServer } from '../support/server.ts';
import { newAccount, Tab } from '../support/tab.ts';

let server: TestServer;
let zip: string;
let files: Map<string, Buffer>;
/** Of one conversation: it is checked thousands of times. */
let small: Awaited<ReturnType<typeof sentPackage>>;

beforeAll(async () => {
  server = await newServer({ config: { hasDemo: true, demoWordsPerSecond: 2_000, restoreMs: 0 } });
  const admin = await newAccount(server.url, 'admin@example.org');
  const reviewer = await newAccount(server.url, 'reviewer@example.org');
  await give(admin, reviewer, 'reviewer');
  const mara = await newAccount(server.url, 'mara@example.org');
  const ids: string[] = [];
  for (const words of ['שלום 你好 🙂', 'And the nightingale?']) {
    await using tab = await new Tab(mara).ready();
    ids.push(await tab.begin(words));
    await tab.until(() => tab.view?.conversation.titledBy === 'model' && tab.view.turn === null);
  }
  zip = await packageOf(reviewer, await openCase(reviewer), chosen(...ids), { forms: ['csv', 'html', 'eml'] });
  small = await sentPackage(['A canary sings']);
  files = new Map();
  for (const name of (await zipFile(zip)).names) files.set(name, await contentOf(zip, name));
});
afterAll(() => server[Symbol.asyncDispose]());

/** These files as a package that somebody has put together again. */
async function packed(changed: ReadonlyMap<string, Buffer>, compress: boolean): Promise<Buffer> {
  const made = new ZipFile();
  for (const [name, bytes] of changed) made.addBuffer(bytes, name, { compress, mtime: new Date(0) });
  made.end();
  const parts: Buffer[] = [];
  for await (const part of made.outputStream) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

type Outcome = Verdict | { readonly cannot: string };

async function inPage(bytes: Buffer, kept: KeptElsewhere = {}): Promise<Outcome> {
  const checked = await check(new Blob([new Uint8Array(bytes)]), kept, { signal: new AbortController().signal, onPart: () => undefined });
  if (checked.type === 'verdict') return checked.verdict;
  return { cannot: checked.type === 'unreadable' ? checked.says : checked.type };
}

async function onCommandLine(bytes: Buffer, kept: KeptElsewhere = {}): Promise<Outcome> {
  const file = join(mkdtempSync(join(tmpdir(), 'checked-')), 'package.zip');
  writeFileSync(file, bytes);
  return (await isZipFile(file)) ? verifyPackage(file, kept).catch((error: Error) => ({ cannot: error.message })) : { cannot: 'not-one' };
}

const isIntact = (outcome: Outcome): boolean => 'findings' in outcome && outcome.findings.length === 0;

/** Of a file that cannot be unpacked, how much of it was read before depends on who unpacks. */
function comparable(outcome: Outcome): unknown {
  if ('cannot' in outcome) return outcome;
  const lost = outcome.findings.flatMap(({ says }) => / cannot be read: it cannot be unpacked$/u.exec(says) === null ? [] : [says.split(' ')[0] as string]);
  if (lost.length === 0) return outcome;
  return outcome.findings.filter(({ says }) => lost.every((path) => !says.startsWith(`${path}: `)) && !/^(?:conversation|the statement)|is not the file that a record names$/u.test(says)).map(({ kind, says }) => [kind, says]);
}

const THE_SAME = 'both say the same';
const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('base64url');
const withLines = (bytes: Buffer, alter: (lines: string[]) => string[]): Buffer => Buffer.from(alter(bytes.toString('latin1').split('\n')).join('\n'), 'latin1');

type Alteration = (files: Files, name: string, dice: Dice) => Files;
const ofBytes = (alter: (bytes: Buffer, dice: Dice) => Buffer): Alteration => (all, name, dice) => changed(all, name, alter(all.get(name)!, dice));

const ALTERATIONS: Readonly<Record<string, Alteration>> = {
  'a byte changed': ofBytes((bytes, dice) => {
    const at = dice.below(bytes.length);
    return Buffer.from(bytes.with(at, bytes[at]! ^ (1 + dice.below(255))));
  }),
  'files removed': (all, name, dice) => new Map([...all].filter(([one]) => one !== name && dice.below(2) > 0)),
  'a file added': (all, name, dice) => changed(all, `${name}.${dice.below(1_000)}`, all.get(name)),
  'files exchanged': (all, name, dice) => {
    const round = [name, ...[...all.keys()].filter((one) => one !== name && dice.below(2) > 0)];
    const other = dice.pick([...all.keys()].filter((one) => one !== name));
    const exchanged = round.length > 1 ? round : [name, other];
    return new Map([...all].map(([one, bytes]) => [one, exchanged.includes(one) ? all.get(exchanged[(exchanged.indexOf(one) + 1) % exchanged.length]!)! : bytes]));
  },
  'a file cut': ofBytes((bytes, dice) => bytes.subarray(0, dice.below(bytes.length))),
  'lines removed': ofBytes((bytes, dice) => withLines(bytes, (lines) => {
    const gone = dice.below(lines.length);
    return lines.filter((_, at) => at !== gone && dice.below(8) > 0);
  })),
  'a line doubled': ofBytes((bytes, dice) => withLines(bytes, (lines) => {
    const at = dice.below(lines.length);
    return lines.toSpliced(at, 0, ...Array.from({ length: 1 + dice.below(40) }, () => lines[at]!));
  })),
};

describe('[PF1] the page and the command line', () => {
  it('say the same of a package as it was made: intact, and whose conversations are in it', async () => {
    const bytes = readFileSync(zip);
    const verdict = (await onCommandLine(bytes)) as Verdict;
    expect(verdict).toMatchObject({ chains: 2, findings: [], counted: [{ conversations: 2, included: 2 }] });
    expect(await inPage(bytes)).toEqual(verdict);
    const [head] = files.get('statement.ndjson')!.toString().split('\n');
    const { note, keys } = (JSON.parse(head!) as { checkpoint: { note: string; keys: string[] } }).checkpoint;
    const lines = note.split('\n');
    for (const kept of [{ keys }, { keys: ['nobody+00000000+AAAA'] }, { checkpoints: [note] }, { checkpoints: [note.slice(0, -20)] }, { checkpoints: [[lines[0], '1', ...lines.slice(2)].join('\n')] }]) {
      expect(await inPage(bytes, kept)).toEqual(await onCommandLine(bytes, kept));
    }
    expect(await inPage(bytes, { checkpoints: [note] })).toMatchObject({ isHeldAgainst: true, findings: [] });
    expect(await inPage(bytes, { checkpoints: [note.slice(0, -20)] })).toMatchObject({ isHeldAgainst: false, findings: [{ kind: 'unreadable' }, { kind: 'unreadable' }] });
  });

  it.each(Object.entries(ALTERATIONS))(`say the same, to the word, of ${SEEDS} packages that somebody changed and packed again: %s`, async (what, alter) => {
    const outcome = await corpus(async (dice) => {
      const name = dice.pick([...small.files.keys()]);
      const made = await packed(alter(small.files, name, dice), dice.below(2) > 0);
      const [page, command] = [await inPage(made), await onCommandLine(made)];
      const isHarmless = what === 'a line doubled' && name === 'manifest.note'; // a signature may stand there twice
      const says = JSON.stringify(page) !== JSON.stringify(command) ? `${name}: ${JSON.stringify([page, command])}` : isIntact(page) && !isHarmless ? `${name}: intact` : THE_SAME;
      return { done: digest(made), named: [THE_SAME], findings: [{ says }] };
    }, () => keepPackage(small.zip));
    expect(outcome).toEqual(ALL_FOUND);
  });

  it.each(['a byte of it changed', 'a byte of its list of files changed', 'its end cut off'])(`say the same of ${SEEDS} files as they were sent: %s`, async (what) => {
    const whole = readFileSync(small.zip);
    const list = whole.readUInt32LE(whole.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6])) + 16);
    const outcome = await corpus(async (dice) => {
      const from = what.includes('list') ? list : 0;
      const at = from + dice.below(whole.length - from);
      const made = what.includes('cut') ? whole.subarray(0, at) : Buffer.from(whole.with(at, whole[at]! ^ (1 + dice.below(255))));
      const [page, command] = [await inPage(made), await onCommandLine(made)];
      const isSame = isIntact(page) === isIntact(command) && JSON.stringify(comparable(page)) === JSON.stringify(comparable(command));
      return { done: digest(made), named: [THE_SAME], findings: [{ says: isSame ? THE_SAME : `at ${at}: ${JSON.stringify([page, command])}` }] };
    }, () => keepPackage(small.zip));
    expect(outcome).toEqual(ALL_FOUND);
  });

  it('say the same of a file behind which something more is packed than it unpacks to', async () => {
    const bytes = await packed(files, true);
    const listAt = bytes.readUInt32LE(bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6])) + 16);
    bytes.writeUInt32LE(bytes.readUInt32LE(listAt + 20) + 1, listAt + 20);
    const page = await inPage(bytes);
    const command = await onCommandLine(bytes);
    expect(comparable(page)).toEqual(comparable(command));
    for (const one of [page, command]) expect(one).toMatchObject({ findings: expect.arrayContaining([expect.objectContaining({ says: expect.stringMatching(/cannot be read: it cannot be unpacked$/u) })]) });
  });

  it('hold neither a package nor a file of it as a whole, and end without a verdict when they are told to', async () => {
    const large = await packed(new Map([...files, ['README.txt', randomBytes(16 * 1024 * 1024)]]), false);
    const file = new Blob([new Uint8Array(large)]);
    const slice = file.slice.bind(file);
    let most = 0;
    file.slice = (...range) => {
      const part = slice(...range);
      const read = part.arrayBuffer.bind(part);
      part.arrayBuffer = () => ((most = Math.max(most, part.size)), read());
      return part;
    };
    const cancelling = new AbortController();
    const asked = { signal: cancelling.signal, onPart: () => undefined };
    expect(await check(file, {}, asked)).toMatchObject({ type: 'verdict', verdict: { findings: [{ says: 'README.txt is not the file that the manifest names' }] } });
    expect([most > 0, most < 200_000]).toEqual([true, true]);
    cancelling.abort();
    expect(await check(file, {}, asked)).toEqual({ type: 'cancelled' });
  });
});
