import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { ChatRecord, KeptRecord } from '../../../contracts/records.ts';
import type { ConversationId } from '../../../contracts/ids.ts';
import { canonical } from '../../../contracts/proofs/canonical.ts';
import { newId } from '../../ids.ts';
import { contentOf, leafOf, nextRecord, START } from '../journal.ts';
import { GrowingRoot, inclusionProof, nodeHash } from '../merkle.ts';
import { newKey } from '../seal.ts';
import { openSigner, signedCheckpoint, signedText } from '../signed-note.ts';
import { verifyExport } from './export.ts';

const folder = mkdtempSync(join(tmpdir(), 'export-'));
afterAll(() => rmSync(folder, { recursive: true }));

const signer = openSigner(Buffer.alloc(32, 3));
const chain = newId<ConversationId>();
const key = newKey();
const PICTURE = Buffer.from('a picture');

/** An export as versions made it that kept files in its lines. */
async function exported(picture = PICTURE): Promise<string> {
  const said = [{ type: 'conversation-restored', v: 1 }, { type: 'file-added', v: 1, file: { type: 'file', fileId: 'file', name: 'a.png', mediaType: 'image/png', size: 9 }, sha256: createHash('sha256').update(PICTURE).digest('hex') }] as ChatRecord[];
  const records: KeptRecord[] = [];
  let head = START;
  for (const one of said) {
    const next = nextRecord(head, { chain, epoch: 1, at: 1, keyId: chain, key }, { actor: { user: null, session: null, address: '', agent: '' }, said: one });
    records.push((next.changes[0] as { body: KeptRecord }).body);
    ({ head } = next);
  }
  const leaves = records.map(leafOf);
  const root = new GrowingRoot();
  for (const leaf of leaves) root.push(leaf);
  const subtree = async (level: number, index: number): Promise<Buffer> => (level === 0 ? leaves[index]! : nodeHash(leaves[0]!, leaves[1]!));
  const lines: object[] = [{ export: 'gorunchat', v: 1, at: 1, case: 'case', reason: 'Letter', checkpoint: { note: signedCheckpoint({ size: 2, root: root.root() }, [signer]), keys: [signer.verifierKey] }, conversations: [{ id: chain, records: 2, last: head.hash }] }];
  for (const [place, record] of records.entries()) lines.push({ record, content: contentOf(record, key), place, proof: (await inclusionProof(place, 2, subtree)).map((hash) => hash.toString('base64')) });
  lines.push({ file: 'file', conversation: chain, mediaType: 'image/png', bytes: picture.toString('base64') });
  const text = lines.map((line) => `${canonical(line)}\n`).join('');
  const end = { end: signedText(`gorunchat-export\n${lines.length}\n${createHash('sha256').update(text).digest('hex')}\n`, [signer]) };
  const file = join(folder, `${newId()}.ndjson`);
  writeFileSync(file, `${text}${canonical(end)}\n`);
  return file;
}

describe('[RE8] an export of a version that kept files in its lines', () => {
  it('is still verified', async () => {
    expect(await verifyExport(await exported())).toEqual({ records: 2, chains: 1, findings: [] });
  });

  it('is not intact when a file is not the one that its record names, though the lines are signed', async () => {
    expect((await verifyExport(await exported(Buffer.from('another')))).findings).toMatchObject([{ kind: 'altered', says: 'file file is not the one that its record names' }]);
  });
});
