import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { lockFolder } from './folder.ts';

it('a folder whose lock cannot be opened is refused with its name and what to do', () => {
  const folder = mkdtempSync(join(tmpdir(), 'folder-'));
  mkdirSync(join(folder, 'owner.lock'));
  try {
    expect(() => lockFolder(folder)).toThrow(`The data folder ${folder} cannot be written (unable to open database file). Choose another folder, or let this user write there.`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
