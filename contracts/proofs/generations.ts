/** A restore that is on record: which one it was, when (milliseconds since the epoch), and how many signed records of before it the log goes on after. */
export interface Generation {
  readonly number: number;
  readonly at: number;
  readonly after: number;
}

const LINE = /^restored ([1-9]\d{0,8}) ([1-9]\d{0,15}) (0|[1-9]\d{0,15})$/u;

/** How restores stand in what is signed: a line of a checkpoint for each, the first one first. */
export function linesOf(generations: readonly Generation[]): string[] {
  return generations.map(({ number, at, after }) => `restored ${number} ${at} ${after}`);
}

/** The restores that these lines name; what others put there is passed over. Throws a sentence when one is not written as it should be. */
export function generationsIn(lines: readonly string[]): Generation[] {
  return lines.filter((line) => line.startsWith('restored ')).map((line) => {
    const [, number, at, after] = LINE.exec(line) ?? [];
    if (number === undefined) throw new Error('this is no checkpoint: what it says of a restore cannot be read');
    return { number: Number(number), at: Number(at), after: Number(after) };
  });
}

/** How many records two checkpoints of one log speak of alike, whatever was restored since they parted; without end when nothing was. */
export function commonSize(one: readonly Generation[], other: readonly Generation[]): number {
  const parts = Array.from({ length: Math.max(one.length, other.length) }, (_, index) => index).find((index) => !isSame(one[index], other[index]));
  return parts === undefined ? Infinity : Math.min(one[parts]?.after ?? Infinity, other[parts]?.after ?? Infinity);
}

/** The restore of this log after which something that was signed before is no longer in it; `undefined` when the checkpoint is of a later generation than the log. */
export function restoreBetween(kept: readonly Generation[], own: readonly Generation[]): Generation | undefined {
  return own.find((generation, index) => !isSame(generation, kept[index]));
}

function isSame(one: Generation | undefined, other: Generation | undefined): boolean {
  return one?.number === other?.number && one?.at === other?.at && one?.after === other?.after;
}
