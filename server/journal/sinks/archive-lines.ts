import { canonical } from '../../../contracts/proofs/canonical.ts';
import { CopyDiffers, type Held, type Placed } from './sink.ts';

/** Records as an archive has them, each with the end of its line. */
export function linesOf(records: readonly Placed[]): string[] {
  return records.map((placed) => `${canonical(placed)}\n`);
}

/** For records that another instance wrote first, more of them or fewer: throws `CopyDiffers` where they are others. */
export function expectSameLines(there: string, lines: readonly string[], name: string, firstPlace: number): void {
  const found = there.split('\n');
  const count = Math.min(found.length - 1, lines.length);
  for (let line = 0; line < count; line++) if (`${found[line]}\n` !== lines[line]) throw new CopyDiffers(`Line ${line + 1} of ${name} is not the record that belongs there.`, { place: firstPlace + line });
}

/** How far an archive goes whose last records are these. */
export function heldUpTo(text: string, name: string): Held {
  const line = text.slice(text.lastIndexOf('\n', text.length - 2) + 1);
  try {
    const last = JSON.parse(line) as Placed;
    if (Number.isInteger(last.place) && line === `${canonical(last)}\n`) return { size: last.place + 1, last };
    throw new Error('this is not how records are written');
  } catch (error) {
    throw new CopyDiffers(`The last line of ${name} is no record.`, { cause: error });
  }
}
