import { msg } from '@lit/localize';
import type { Everybody, HoldScope, Names, Subject, Subjects } from '../../contracts/cases.ts';
import { Failure } from '../../contracts/failures.ts';
import { isBounded, isInOrder } from '../../contracts/range.ts';

/** Whoever, or whatever, has a name or an id. */
export type Named = Exclude<HoldScope['of'], Everybody>;
/** Whom a field for people and sites is about. */
export type Whom = Subject['type'] | Everybody['type'];

const ID = /^[A-Za-z0-9_-]{22}$/u;
const SITE_ID = /^site_[A-Za-z0-9_-]{22}$/u;

/** What somebody wrote into a field where a person, a site or a conversation is asked for: an id, an e-mail address, or a name that only one has. `undefined`: nobody is meant by it. */
export function meant(type: Named['type'], written: string, names: Names): Named | undefined {
  const text = written.trim();
  const id = type === 'person' ? personMeant(text, names) : type === 'site' ? siteMeant(text, names) : ID.test(text) ? text : undefined;
  return id === undefined ? undefined : ({ type, id } as Named);
}

/** Several, separated by commas. `undefined` when one of them means nobody, or none is written. */
export function allMeant(type: Subject['type'], written: string, names: Names): Subject[] | undefined {
  const found = written.split(',').filter((one) => one.trim() !== '').map((one) => meant(type, one, names));
  return found.length === 0 || found.includes(undefined) ? undefined : (found as Subject[]);
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
export function nameOf(of: Named, { people, sites }: Names): string {
  if (of.type === 'conversation') return of.id;
  if (of.type === 'site') return sites.find(({ id }) => id === of.id)?.name ?? of.id;
  return people.find(({ id }) => id === of.id)?.name ?? of.id;
}

/** Their names, or that it is everybody. */
export function allNamed(of: Subjects, names: Names): string {
  return Array.isArray(of) ? of.map((one) => nameOf(one, names)).join(', ') : msg('everybody');
}

export const NOBODY: Names = { people: [], sites: [] };

/** Throws the sentence for whoever says the last day before the first one, or means everybody and says no date. */
export function checkDates(asked: Parameters<typeof isBounded>[0]): void {
  if (!isInOrder(asked)) throw new Failure('invalid-command', { detail: 'The last day is before the first one.' });
  if (!isBounded(asked)) throw new Failure('invalid-command', { detail: 'Of everybody there has to be a date: the first day, the last one, or both.' });
}
