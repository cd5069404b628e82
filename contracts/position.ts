/** Where a tab stands in a conversation's events. The owner numbers `seq` within its `epoch`; every activation has a higher epoch. */
export interface Position {
  readonly epoch: number;
  readonly seq: number;
}

/** Before everything: what a tab has that knows nothing yet. */
export const NOWHERE: Position = { epoch: 0, seq: 0 };

/** Negative when `a` is before `b`, 0 when they are the same place. */
export function comparePositions(a: Position, b: Position): number {
  return a.epoch - b.epoch || a.seq - b.seq;
}

/** What a tab at `here` does with an event at `there`: apply the very next one, drop what it has seen, resume on anything else. */
export function stepTo(here: Position, there: Position): 'apply' | 'drop' | 'resume' {
  if (there.epoch < here.epoch) return 'drop';
  if (there.epoch > here.epoch) return 'resume';
  if (there.seq <= here.seq) return 'drop';
  return there.seq === here.seq + 1 ? 'apply' : 'resume';
}
