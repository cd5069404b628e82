import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { MANIFEST, MANIFEST_NOTE, manifestText } from '../../../contracts/proofs/package-paths.ts';
import { nodePrimitives } from '../node-primitives.ts';
import { openSigner, signedText } from '../signed-note.ts';
import { verifyPackage } from './package.ts';

const OUTSIDE = 'Of another folder\n';

let above: string;
let folder: string;

beforeEach(() => {
  above = mkdtempSync(join(tmpdir(), 'above-'));
  folder = join(above, 'package');
  mkdirSync(folder);
  writeFileSync(join(above, 'outside.txt'), OUTSIDE);
});
afterEach(() => rmSync(above, { recursive: true }));

const hashOf = (text: string): string => nodePrimitives.sha256().update(Buffer.from(text)).digest().toString('hex');

/** A manifest that is signed, and names this file of the folder above as it is. */
function nameOutside(path: string): void {
  const signer = openSigner(Buffer.alloc(32, 1));
  const manifest = JSON.stringify({ package: 'gorunchat', keys: [signer.verifierKey], files: [{ path, bytes: OUTSIDE.length, sha256: hashOf(OUTSIDE) }] });
  writeFileSync(join(folder, MANIFEST), manifest);
  writeFileSync(join(folder, MANIFEST_NOTE), signedText(manifestText(hashOf(manifest)), [signer]));
}

it.each(['../outside.txt', 'link.txt'])('[RE13] a package in a folder is made of the files in it alone: %s, which leads out of it, is not read', async (path) => {
  symlinkSync(join(above, 'outside.txt'), join(folder, 'link.txt'));
  nameOutside(path);
  const { findings } = await verifyPackage(folder);
  expect(findings.map(({ says }) => says)).toContain(`${path} cannot be read: it is no file of this folder`);
});
