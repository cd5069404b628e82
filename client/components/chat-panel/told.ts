import { msg } from '@lit/localize';
import { html, nothing, type TemplateResult } from 'lit';
import type { PageContext } from '../../../contracts/page-context.ts';

/** Texts that a page may tell, and characters of a name and of a text. */
const [MOST, NAME, TEXT] = [20, 60, 500];

/** What a page tells of where its visitor is, as it may go with a message; `undefined` when it tells nothing. */
export function contextOf(told: unknown): PageContext | undefined {
  const texts = Object.entries(Object(told) as object).slice(0, MOST).map(([name, value]) => [name.slice(0, NAME), String(value).slice(0, TEXT).toWellFormed()] as const);
  return texts.length === 0 ? undefined : Object.fromEntries(texts);
}

/** What goes with each message besides its text. */
export function renderContext(context: PageContext | undefined): TemplateResult | typeof nothing {
  if (context === undefined) return nothing;
  return html`<details class="strip told"><summary>${msg('What the site tells us')}</summary><dl>${Object.entries(context).map(([name, value]) => html`<dt dir="auto">${name}</dt><dd dir="auto">${value}</dd>`)}</dl></details>`;
}
