import { msg } from '@lit/localize';
import { html, nothing, type TemplateResult } from 'lit';
import type { PageContext } from '../../../contracts/page-context.ts';
import { CONTEXT_NAME_CHARACTERS, CONTEXT_TEXT_CHARACTERS, CONTEXT_TEXTS } from '../../../contracts/page-context-limits.ts';

/** What a page tells of where its visitor is, as it may go with a message; `undefined` when it tells nothing. */
export function contextOf(told: unknown): PageContext | undefined {
  const texts = Object.entries(Object(told) as object).filter(([name]) => name !== '').slice(0, CONTEXT_TEXTS)
    .map(([name, value]) => [short(name, CONTEXT_NAME_CHARACTERS), short(String(value), CONTEXT_TEXT_CHARACTERS)] as const);
  return texts.length === 0 ? undefined : Object.fromEntries(texts);
}

/** A sign that stands for two may be cut in half. */
function short(text: string, most: number): string {
  return text.slice(0, most).toWellFormed();
}

/** What goes with each message besides its text. */
export function renderContext(context: PageContext | undefined): TemplateResult | typeof nothing {
  if (context === undefined) return nothing;
  return html`<details class="strip told"><summary>${msg('What the site tells us')}</summary><dl>${Object.entries(context).map(([name, value]) => html`<dt dir="auto">${name}</dt><dd dir="auto">${value}</dd>`)}</dl></details>`;
}
