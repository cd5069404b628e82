// Runs without any dependency, as everything of `gorunchat verify` does.
import type { Finding } from '../../../contracts/proofs/verdict.ts';
import { commonSize, restoreBetween } from '../../../contracts/proofs/generations.ts';
import type { Checkpoint } from '../signed-note.ts';

/**
 * Whether a checkpoint that was kept elsewhere speaks of records that a restore took back, which is told in words: so many are gone, and since nothing is left of them, what came before is vouched for
 * by the other checkpoints only.
 */
export function afterRestore(kept: Checkpoint, own: Checkpoint, find: (kind: Finding['kind'], number: number, says: string) => void): boolean {
  const common = commonSize(kept.generations, own.generations);
  if (kept.size <= common) return false;
  const restore = restoreBetween(kept.generations, own.generations);
  if (restore === undefined) {
    find('truncated', common + 1, `the checkpoint that was kept elsewhere names a restore that is not on record here: this is what the log was before it, or a copy of that`);
    return true;
  }
  const when = new Date(restore.at).toISOString();
  find('restored', common + 1, `${kept.size - common} records that the checkpoint that was kept elsewhere names are gone: on ${when} a backup was restored that held the first ${common}, and that is on record (restore ${restore.number})`);
  return true;
}
