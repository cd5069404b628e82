import type { Case, HoldScope } from '../../contracts/cases.ts';
import { ROUTES, type Person, type RouteName } from '../../contracts/routes.ts';
import type { Account } from './tab.ts';

/** Asks a route with JSON. Throws the code of its refusal. */
export async function ask<T>(account: Account, name: RouteName, params: Record<string, string> = {}, body?: object): Promise<T> {
  const reply = await asked(account, name, params, body);
  const answer = (await reply.json()) as T & { refusal?: { code: string } };
  if (!reply.ok) throw new Error(answer.refusal?.code);
  return answer;
}

export function asked({ url, cookie }: Account, name: RouteName, params: Record<string, string> = {}, body?: object): Promise<Response> {
  const { method, path } = ROUTES[name];
  const type = body && { 'content-type': 'application/json' };
  return fetch(url + path.replaceAll(/:(\w+)/gu, (_, param: string) => params[param] ?? ''), { method, headers: { origin: url, cookie, ...type }, ...(body && { body: JSON.stringify(body) }) });
}

export const give = (admin: Account, to: Account, role: Person['role']): Promise<Person> => ask<Person>(admin, 'setRole', { user: to.person.id }, { role });
export const openCase = (by: Account): Promise<Case> => ask<Case>(by, 'openCase', {}, { name: 'Roe v. Kiln', reason: 'Letter of 3 November' });
export const hold = (by: Account, { id }: Case, of: HoldScope['of'], range: Partial<HoldScope> = {}): Promise<Case> => ask<Case>(by, 'placeHold', { case: id }, { scope: { of, from: null, to: null, ...range }, reason: 'Named in the letter' });
export const release = (by: Account, { id }: Case, which: string): Promise<Case> => ask<Case>(by, 'releaseHold', { case: id, hold: which }, { reason: 'Settled' });
