import type { Names } from '../../contracts/cases.ts';
import type { AuditEntry } from '../../contracts/records.ts';

/** Names with those that these entries give, the latest first: to be shown who is here is on record each time, so what the log says itself is not asked for anew. Somebody new is called by their address. */
export function namedBy(entries: readonly AuditEntry[], names: Names): Names {
  return entries.reduceRight((known, { said }) => (said === null || said.v !== 1 ? known : named(said, known)), names);
}

function named(said: NonNullable<AuditEntry['said']>, names: Names): Names {
  const { people, sites } = names;
  if (said.type === 'account-made') return people.some(({ id }) => id === said.user) ? names : { sites, people: [...people, { id: said.user, name: said.email, email: said.email }] };
  if (said.type === 'person-renamed') return { sites, people: people.map((one) => (one.id === said.user ? { ...one, name: said.name } : one)) };
  if (said.type === 'site-made') return { people, sites: [...sites.filter(({ id }) => id !== said.site), { id: said.site, name: said.settings.name }] };
  if (said.type !== 'site-changed' || said.change.name === undefined) return names;
  const { name } = said.change;
  return { people, sites: sites.map((one) => (one.id === said.site ? { ...one, name } : one)) };
}
