import type { Counted } from './statement.ts';

/** What is wrong with a record, and which one it is. */
export interface Finding {
  readonly chain: string;
  readonly number: number;
  /** `restored`: what was signed is gone, and a restore that is on record says why. */
  readonly kind: 'altered' | 'missing' | 'swapped' | 'truncated' | 'unreadable' | 'restored';
  readonly says: string;
}

export interface Verdict {
  readonly records: number;
  readonly chains: number;
  readonly findings: readonly Finding[];
  /** Of a package: whose conversations its statement counts, in which period, and how many of them are in it. */
  readonly counted?: readonly Counted[];
  /** Of a package: the checkpoint that all of it is under, and the public keys that it names itself. */
  readonly under?: { readonly origin: string; readonly size: number } | undefined;
  readonly keys?: readonly string[];
  /** Of a package: whether a checkpoint that was kept elsewhere is of the same moment. One of another moment says nothing of a package. */
  readonly isHeldAgainst?: boolean;
  /** Records with a place in the log under the signed checkpoint, and those without one yet; not there where there is no log. */
  readonly log?: { readonly sealed: number; readonly unsealed: number };
}

/** What was kept elsewhere: signed checkpoints, and public keys that are trusted. */
export interface KeptElsewhere {
  readonly checkpoints?: readonly string[];
  readonly keys?: readonly string[];
}

export type Find = (kind: Finding['kind'], says: string) => void;
