import { msg } from '@lit/localize';
import { html, nothing, type TemplateResult } from 'lit';
import type { Message } from '../../../contracts/conversation.ts';
import type { Vouched } from '../../../contracts/vouched.ts';
import { icon } from '../../icons.ts';

/** Who the visitor is, as their site tells it, and where they were when they last wrote. */
export function renderWho(visitor: Vouched | undefined, messages: readonly Message[]): TemplateResult {
  const context = Object.entries(messages.findLast(({ context: told }) => told !== undefined)?.context ?? {});
  const facts: (readonly [string, string])[] = [...(visitor ? [[msg('Known to the site as'), visitor.subject] as const] : []), ...Object.entries(visitor?.attributes ?? {})];
  const name = visitor?.name ?? visitor?.subject ?? msg('Anonymous visitor');
  if (facts.length === 0 && context.length === 0) return html`<p class="who plain">${icon('person', 'small')}${name}</p>`;
  return html`<details class="who"><summary>${icon('person', 'small')}<span dir="auto">${name}</span><span class="quiet">${msg('As the site tells it.')}</span></summary>
    ${renderFacts(facts)}${context.length === 0 ? nothing : html`<h3>${msg('Where they wrote last')}</h3>${renderFacts(context)}`}</details>`;
}

function renderFacts(facts: readonly (readonly [string, string])[]): TemplateResult | typeof nothing {
  return facts.length === 0 ? nothing : html`<dl>${facts.map(([name, value]) => html`<dt dir="auto">${name}</dt><dd dir="auto">${value}</dd>`)}</dl>`;
}
