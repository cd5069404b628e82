import { msg, str } from '@lit/localize';
import { html, nothing, type TemplateResult } from 'lit';
import type { Names } from '../../../contracts/cases.ts';
import type { AuditEntry } from '../../../contracts/records.ts';
import { type IconName, icon } from '../../icons.ts';
import { initialsOf } from '../../text/initials.ts';
import { language } from '../../text/language.ts';
import { fullTime, shortTime } from '../../text/times.ts';
import { agentOf } from '../settings/agents.ts';
import { factsOf } from './facts.ts';
import { sentenceOf } from './kinds.ts';

/** How an entry is drawn. */
export interface Drawn {
  readonly names: Names;
  readonly isOpen: boolean;
  /** It came in while it was waited for. */
  readonly isFresh: boolean;
  readonly turn: (number: number) => void;
}

/** An entry, and under it, once it was opened, everything that it says. */
export function renderEntry(entry: AuditEntry, { names, isOpen, isFresh, turn }: Drawn): TemplateResult {
  const { number, at, type, said, actor } = entry;
  const who = whoDid(entry, names);
  const { address = '', agent = '' } = actor ?? {};
  return html`<tr class=${isOpen ? 'open' : ''}><td class="time num" title=${fullTime(at)}>${isFresh ? html`<span class="unread"></span><span class="sr">${msg('New')}, </span>` : nothing}<strong>${clock(at)}</strong><span class="second">${day(at)}</span></td>
      <td class="by"><div class="who"><span class="avatar" aria-hidden="true">${who.symbol === undefined ? initialsOf(who.name) : icon(who.symbol, 'small')}</span><span><strong dir="auto">${who.name}</strong><span class="second">${who.second}</span></span></div></td>
      <td class="what"><button type="button" id="entry-${number}" aria-expanded=${isOpen} aria-controls=${isOpen ? `facts-${number}` : nothing} @click=${() => turn(number)}>${icon('right', 'small flips turn')}<span><span class="sentence" dir="auto">${sentenceOf(entry, names)}</span><span class="sr">. </span><span class="second mono">${type}</span>${said === null ? html`<span class="badge">${msg('Erased')}</span>` : nothing}</span></button></td>
      <td class="from"><span class="mono">${address}</span><span class="second agent" title=${agent}>${agent === '' ? '' : agentOf(agent)}</span></td></tr>
    ${isOpen ? renderFacts(entry, names) : nothing}`;
}

function renderFacts(entry: AuditEntry, names: Names): TemplateResult {
  return html`<tr class="facts-row"><td colspan="4" id="facts-${entry.number}" role="group" aria-labelledby="entry-${entry.number}">
      ${entry.said === null ? html`<p class="erased">${msg('The key of this entry was destroyed. When it was made and of what kind it is can still be read and proved; what it said, and who did it, can be read by nobody any more.')}</p>` : nothing}
      <dl class="facts">${factsOf(entry, names).map(({ label, value, called }) => html`<dt>${label}</dt><dd dir="auto">${called === undefined ? value : html`${called} <span class="id mono">${value}</span>`}</dd>`)}</dl></td></tr>`;
}

interface Who {
  readonly name: string;
  readonly second: string;
  /** Instead of the initials of somebody who has an account. */
  readonly symbol?: IconName;
}

function whoDid({ actor }: AuditEntry, { people, sites }: Names): Who {
  if (actor === null) return { name: msg('Erased'), second: '', symbol: 'shieldx' };
  const { user, address, site, subject } = actor;
  if (user === null) return address === '' ? { name: msg('GoRunChat itself'), second: '', symbol: 'shapes' } : { name: msg('Not signed in'), second: '', symbol: 'person' };
  const of = site === undefined ? undefined : (sites.find(({ id }) => id === site)?.name ?? site);
  if (of !== undefined) return { name: subject === undefined ? msg(str`Visitor of ${of}`) : msg(str`${subject}, visitor of ${of}`), second: user, symbol: 'person' };
  const person = people.find(({ id }) => id === user);
  return person === undefined ? { name: msg('Somebody not in the list of people'), second: user, symbol: 'person' } : { name: person.name, second: person.email };
}

/** To the second: that one thing came right after another is often what matters. */
function clock(at: number): string {
  return new Intl.DateTimeFormat(language(), { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(at);
}

function day(at: number): string {
  return new Date(at).toDateString() === new Date().toDateString() ? msg('Today') : shortTime(at);
}
