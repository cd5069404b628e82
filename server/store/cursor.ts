import { Failure } from '../../contracts/failures.ts';

/** Where a page of an index begins: after this value of the last field and this id. */
export type Place = readonly [value: string | number | null, id: string];

/** A place in an index as a cursor that callers carry and do not read. */
export function writePlace(place: Place): string {
  return encode(place);
}

/** A cursor comes back from outside: one that is none is the asker's mistake, `invalid-command`. */
export function readPlace(cursor: string): Place {
  const place = decode(cursor);
  if (!Array.isArray(place) || place.length !== 2) throw badCursor();
  const [value, id] = place as unknown[];
  if (typeof id !== 'string' || !(value === null || typeof value === 'string' || typeof value === 'number')) throw badCursor();
  return [value, id];
}

/** A number of hits as a cursor. */
export function writeOffset(offset: number): string {
  return encode(offset);
}

/** The number of hits that a cursor stands for; 0 without one. One that is none is the asker’s mistake, `invalid-command`. */
export function readOffset(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const offset = decode(cursor);
  if (typeof offset !== 'number' || !Number.isSafeInteger(offset) || offset < 0) throw badCursor();
  return offset;
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decode(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch (error) {
    throw badCursor(error);
  }
}

function badCursor(cause?: unknown): Failure {
  return new Failure('invalid-command', { detail: 'This is not where a page begins.', cause });
}
