import { msg, str } from '@lit/localize';
import type { Names } from '../../../contracts/cases.ts';
import type { Actor, AuditEntry } from '../../../contracts/records.ts';
import { fullTime } from '../../text/times.ts';
import { inWords, typeInWords } from './kinds.ts';

/** Something that an entry says. */
export interface Fact {
  readonly label: string;
  readonly value: string;
  /** What an id stands for here; the id is then beside it. */
  readonly called?: string;
}

/** Milliseconds since 1970, and no number of an entry: the log was begun after 2001. */
const EARLIEST = 1e12;
const MOMENTS = ['at', 'from', 'to', 'until', 'expiresAt'];

/** Everything that an entry says: first about itself and who it was, then what its record holds, each leaf of it. */
export function factsOf({ number, at, type, result, actor, said }: AuditEntry, names: Names): readonly Fact[] {
  const own = [
    { label: msg('Entry'), value: String(number) },
    { label: msg('Time'), value: `${fullTime(at)} (${new Date(at).toISOString()})` },
    { label: msg('Kind'), value: type, called: typeInWords(type) },
    { label: msg('Result'), value: result === 'done' ? msg('Done') : msg('Refused') },
  ];
  return [...own, ...(actor === null ? [] : actorFacts(actor, names)), ...Object.entries(said ?? {}).filter(([key]) => key !== 'type' && key !== 'v').flatMap(([key, value]) => leaves([key], value, type, names))];
}

function actorFacts({ user, session, address, agent, site, subject, vouched, answers }: Actor, names: Names): readonly Fact[] {
  const said: readonly (Fact | undefined)[] = [
    user === null ? undefined : named(msg('Done by'), user, names),
    session === null ? undefined : { label: msg('With the sign-in'), value: session },
    address === '' ? undefined : { label: msg('From the address'), value: address },
    agent === '' ? undefined : { label: msg('With the program'), value: agent },
    site === undefined ? undefined : named(msg('As a visitor of'), site, names),
    subject === undefined ? undefined : { label: msg('Known to the site as'), value: subject },
    ...(vouched?.name === undefined ? [] : [{ label: msg('Called by the site'), value: vouched.name }]),
    ...Object.entries(vouched?.attributes ?? {}).map(([name, value]) => ({ label: msg(str`Told by the site: ${name}`), value })),
    answers === undefined ? undefined : named(msg('Answering the visitor'), answers.visitor, names),
    answers === undefined ? undefined : { label: msg('Under the name'), value: answers.name },
  ];
  return said.filter((fact) => fact !== undefined);
}

function leaves(path: readonly string[], value: unknown, type: string, names: Names): readonly Fact[] {
  const label = labelOf(path, type);
  if (Array.isArray(value) && value.every((one) => typeof one !== 'object')) {
    return value.length === 0 ? [{ label, value: msg('none') }] : value.map((one: unknown) => named(label, String(one), names));
  }
  if (typeof value === 'object' && value !== null) return Object.entries(value).flatMap(([key, inner]) => leaves([...path, key], inner, type, names));
  if (value === null || value === '') return [{ label, value: msg('none') }];
  if (typeof value === 'boolean') return [{ label, value: value ? msg('yes') : msg('no') }];
  if (MOMENTS.includes(path.at(-1)!) && Number(value) > EARLIEST) return [{ label, value: fullTime(Number(value)) }];
  return [named(label, typeof value === 'string' ? value : JSON.stringify(value), names)];
}

function named(label: string, value: string, { people, sites }: Names): Fact {
  const person = people.find(({ id }) => id === value);
  const called = person === undefined ? sites.find(({ id }) => id === value)?.name : `${person.name}, ${person.email}`;
  return { label, value, ...(called !== undefined && { called }) };
}

/** Where in the record something stands, in words. */
function labelOf(path: readonly string[], type: string): string {
  const [key = ''] = path;
  if (type === 'role-changed' && key === 'from') return msg('Role before');
  if (type === 'role-changed' && key === 'role') return msg('Role after');
  if (type === 'configuration-changed' && path.length > 1) return `${key === 'before' ? msg('Before') : msg('Since')} · ${path.slice(1).join('.')}`;
  if (path.length > 1) return path.map((one, place) => (place === 0 ? capital(inWords(one)) : inWords(one))).join(' · ');
  const words: Readonly<Record<string, string>> = {
    user: msg('Person'), email: msg('E-mail'), role: msg('Role'), session: msg('Sign-in'), sessions: msg('Sign-ins that ended'), expired: msg('Sign-ins that had run out'), name: msg('Name'), provider: msg('Provider'),
    providers: msg('Providers'), expiresAt: msg('Runs out'), key: msg('Key'), case: msg('Case'), reason: msg('Reason'), released: msg('Holds released'), hold: msg('Hold'), site: msg('Site'), sites: msg('Sites'),
    isLive: msg('Open to visitors'), visitor: msg('Visitor'), isBlocked: msg('Blocked'), conversation: msg('Conversation'),
  };
  return Object.hasOwn(words, key) ? words[key]! : capital(inWords(key));
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
