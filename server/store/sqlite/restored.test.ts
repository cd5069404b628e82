import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { finishRestore, makeReady, RESTORING } from './restored.ts';
import { FILES } from './schema.ts';

/** The n-th change of a name, or the removal at the end, is the one at which the process dies. */
const dying = vi.hoisted(() => ({ left: Infinity }));
vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>();
  const step = <A extends unknown[], R>(does: (...given: A) => R) => (...given: A): R => {
    if (dying.left-- <= 0) throw new Error('killed');
    return does(...given);
  };
  return { ...real, renameSync: step(real.renameSync) };
});
afterEach(() => (dying.left = Infinity));

const OLD = ['gorunchat.db', 'gorunchat.db-wal', 'keys.db', 'search.db', 'drafts.db'];

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'restored-'));
  for (const name of OLD) writeFileSync(join(folder, name), 'old');
  mkdirSync(join(folder, RESTORING));
  for (const name of Object.values(FILES)) writeFileSync(join(folder, RESTORING, name), 'new');
  return folder;
}

function isKilled(work: () => void): boolean {
  try {
    work();
    return false;
  } catch (error) {
    if (error instanceof Error && error.message === 'killed') return true;
    throw error;
  }
}

const contents = (folder: string, names: readonly string[]): (string | undefined)[] => names.map((name) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : undefined));

it('[RE15] a restore that is killed at any of its steps has changed nothing, or is finished by the next start', () => {
  const outcomes = new Set<string>();
  for (let steps = 0; steps < 20; steps++) {
    const folder = newFolder();
    dying.left = steps;
    const wasKilled = isKilled(() => {
      makeReady(folder, 'aside');
      finishRestore(folder);
    });
    dying.left = Infinity;
    finishRestore(folder); // the next start
    finishRestore(folder); // and the one after that
    const isNew = readFileSync(join(folder, 'keys.db'), 'utf8') === 'new';
    expect(contents(isNew ? join(folder, 'aside') : folder, OLD)).toEqual(OLD.map(() => 'old'));
    const whole = [['aside', 'drafts.db', 'gorunchat.db', 'keys.db', 'search.db'], ['new', 'new', 'new', 'new']];
    expect(isNew ? [readdirSync(folder).toSorted(), contents(folder, Object.values(FILES))] : whole).toEqual(whole);
    outcomes.add(`${wasKilled ? 'killed' : 'done'}: ${isNew ? 'new' : 'old'}`);
    rmSync(folder, { recursive: true });
  }
  expect(outcomes).toEqual(new Set(['killed: old', 'killed: new', 'done: new']));
});
