import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ZipFile } from 'yazl';
import { check } from '../../client/verify/checking.ts';
import type { KeptElsewhere, Verdict } from '../../contracts/proofs/verdict.ts';
import { verifyPackage } from '../../server/journal/verify-package.ts';
import { isZipFile, zipFile } from '../../server/journal/verify-zip.ts';
import { chosen, contentOf, packageOf } from '../support/packages.ts';
import { give, openCase } from '../support/reviewer.ts';
import { newServer, type TestServer } from '../support/server.ts';
import { newAccount, Tab } from '../support/tab.ts';

let server: TestServer;
let zip: string;
let files: Map<string, Buffer>;

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

  it('say the same, to the word, of 60 packages that somebody changed and packed again', async () => {
    const names = [...files.keys()];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('change', 'remove', 'add', 'exchange', 'cut', 'line', 'double-line'), fc.nat(), fc.nat(), fc.boolean(), async (how, which, where, compress) => {
        const changed = new Map(files);
        const name = names[which % names.length]!;
        const other = names[(which + 1 + (where % (names.length - 1))) % names.length]!;
        const bytes = Buffer.from(files.get(name)!);
        const at = where % bytes.length;
        const lines = bytes.toString('latin1').split('\n');
        ({
          change: () => (bytes.writeUInt8(bytes[at]! ^ 1, at), changed.set(name, bytes)),
          remove: () => changed.delete(name),
          add: () => changed.set(`${name}.more`, bytes),
          exchange: () => changed.set(name, files.get(other)!).set(other, bytes),
          cut: () => changed.set(name, bytes.subarray(0, at)),
          line: () => changed.set(name, Buffer.from(lines.toSpliced(where % lines.length, 1).join('\n'), 'latin1')),
          'double-line': () => changed.set(name, Buffer.from(lines.toSpliced(where % lines.length, 0, lines[where % lines.length]!).join('\n'), 'latin1')),
        })[how]();
        const made = await packed(changed, compress);
        const [page, command] = [await inPage(made), await onCommandLine(made)];
        expect({ how, name, at, page }).toEqual({ how, name, at, page: command });
        const isHarmless = how === 'double-line' && name === 'manifest.note'; // a signature may stand there twice
        expect({ how, name, at, isIntact: isIntact(page) && !isHarmless }).toEqual({ how, name, at, isIntact: false });
      }),
      { numRuns: 60, seed: 23, endOnFailure: true },
    );
  });

  it('say the same of 60 files of which a byte was changed, or that were cut, as they were sent', async () => {
    const whole = readFileSync(zip);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('flip', 'cut', 'directory'), fc.nat(), fc.integer({ min: 1, max: 255 }), async (how, where, bits) => {
        const listAt = whole.readUInt32LE(whole.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6])) + 16);
        const at = how === 'directory' ? listAt + (where % (whole.length - listAt)) : where % whole.length;
        const bytes = Buffer.from(whole);
        if (how !== 'cut') bytes.writeUInt8(bytes[at]! ^ bits, at);
        const made = how === 'cut' ? bytes.subarray(0, at) : bytes;
        const [page, command] = [await inPage(made), await onCommandLine(made)];
        expect({ how, at, bits, isIntact: isIntact(page), page: comparable(page) }).toEqual({ how, at, bits, isIntact: isIntact(command), page: comparable(command) });
      }),
      { numRuns: 60, seed: 29, endOnFailure: true },
    );
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
