/**
 * The one byte form of a JSON value (RFC 8785): members ordered by UTF-16 code units, no white space, numbers as ECMAScript prints them.
 * Members that are `undefined` are left out, as JSON leaves them out.
 */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item ?? null)).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  members.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`;
}

/** What the first record of a chain names as its previous one. */
export const NO_HASH = '0'.repeat(64);
