import { dayBegins, dayEnds } from '../text/dates.ts';

/** What of the audit log is shown, as the address says it. */
export interface AuditWanted {
  /** Kinds of entries; none: all of them. */
  readonly types: readonly string[];
  /** Who did it: an id. */
  readonly user: string | undefined;
  /** Days as date fields say them; `''`: any. */
  readonly from: string;
  readonly to: string;
}

export const EVERYTHING: AuditWanted = { types: [], user: undefined, from: '', to: '' };

const TYPE = /^[a-z-]{1,40}$/u;
const PERSON = /^[A-Za-z0-9_-]{22}$/u;
const DAY = /^\d{4}-\d{2}-\d{2}$/u;

/** What an address asks for; what is no kind, no id and no day counts as not said. */
export function readWanted(given: URLSearchParams): AuditWanted {
  const user = given.get('user') ?? '';
  return {
    types: [...new Set((given.get('types') ?? '').split(',').filter((type) => TYPE.test(type)))],
    user: PERSON.test(user) ? user : undefined,
    from: dayIn(given.get('from')),
    to: dayIn(given.get('to')),
  };
}

function dayIn(given: string | null): string {
  return given !== null && DAY.test(given) && dayBegins(given)! > 0 ? given : '';
}

/** What stands in the address for it, the question mark included; nothing for all of the log. */
export function writeWanted({ types, user, from, to }: AuditWanted): string {
  const said = Object.entries({ types: types.join(','), user: user ?? '', from, to }).filter(([, value]) => value !== '');
  return said.length === 0 ? '' : `?${said.map(([name, value]) => `${name}=${value}`).join('&')}`; // none of them holds anything that would have to be encoded
}

/** What the server is asked: days are those of whoever looks. */
export function askedFor({ types, user, from, to }: AuditWanted): Record<string, string | undefined> {
  return { types: types.length === 0 ? undefined : types.join(','), user, from: dayBegins(from)?.toString(), to: dayEnds(to)?.toString() };
}
