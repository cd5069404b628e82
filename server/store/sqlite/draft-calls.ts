import type { WiredChange } from './calls.ts';
import type { ReadStep } from './read-calls.ts';

/** `add` is flat, id, conversation and body in turn: it crosses thousands of times a second. */
export type DraftChange =
  | { readonly do: 'add'; readonly flat: readonly string[] }
  | { readonly do: 'change'; readonly changes: readonly WiredChange[] }
  | { readonly do: 'forget'; readonly ids: readonly string[] };

/** `conversation` is `null` for the drafts of all. */
export type DraftRead =
  | { readonly do: 'get'; readonly id: string }
  | { readonly do: 'find'; readonly conversation: string | null; readonly steps: readonly ReadStep[]; readonly limit: number };

export type DraftCall = DraftChange | DraftRead;
