import type { FindAsked, HoldScope, Names } from '../../contracts/cases.ts';

type Of = HoldScope['of'];

const ID = /^[A-Za-z0-9_-]{22}$/u;
const SITE_ID = /^site_[A-Za-z0-9_-]{22}$/u;

/** What somebody wrote into a field where a person, a site or a conversation is asked for: an id, an e-mail address, or a name that only one has. `undefined`: nobody is meant by it. */
export function meant(type: Of['type'], written: string, names: Names): Of | undefined {
  const text = written.trim();
  const id = type === 'person' ? personMeant(text, names) : type === 'site' ? siteMeant(text, names) : ID.test(text) ? text : undefined;
  return id === undefined ? undefined : ({ type, id } as Of);
}

function personMeant(text: string, { people }: Names): string | undefined {
  const wanted = text.toLocaleLowerCase();
  const found = people.find(({ email }) => email === wanted) ?? only(people.filter(({ name }) => name.toLocaleLowerCase() === wanted));
  return found?.id ?? (ID.test(text) ? text : undefined);
}

function siteMeant(text: string, { sites }: Names): string | undefined {
  const found = only(sites.filter(({ name }) => name.toLocaleLowerCase() === text.toLocaleLowerCase()));
  return found?.id ?? (SITE_ID.test(text) ? text : undefined);
}

function only<T>(found: readonly T[]): T | undefined {
  return found.length === 1 ? found[0] : undefined;
}

/** What they are called, else their id: visitors have no name, and what was removed has none any more. */
export function nameOf(of: Of | FindAsked['of'], { people, sites }: Names): string {
  if (of.type === 'conversation') return of.id;
  if (of.type === 'site') return sites.find(({ id }) => id === of.id)?.name ?? of.id;
  return people.find(({ id }) => id === of.id)?.name ?? of.id;
}

export const NOBODY: Names = { people: [], sites: [] };
