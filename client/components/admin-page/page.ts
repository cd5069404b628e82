import { msg } from '@lit/localize';
import { html, nothing, type TemplateResult } from 'lit';
import { icon } from '../../icons.ts';

/** What a page shows could not be read, and the person wants it to be tried again. */
export class ReadAgainEvent extends Event {
  constructor() {
    super('gorun-read-again', { bubbles: true, composed: true });
  }
}

/** What stands over a page of administration. */
export function renderHead(heading: string, says: string, actions: TemplateResult | typeof nothing = nothing): TemplateResult {
  return html`<div class="page-head"><div><h1>${heading}</h1><p>${says}</p></div><div class="actions">${actions}</div></div>`;
}

/** A sentence that says what went wrong where it happened; nothing for an empty one. */
export function renderError(problem: string): TemplateResult | typeof nothing {
  return problem === '' ? nothing : html`<p class="error" role="alert">${icon('warn', 'small')}<span>${problem}</span></p>`;
}

/** Instead of what could not be read. `isOpen`: it may come when it is asked for again. */
export function renderUnread(problem: string, isOpen: boolean, target: EventTarget): TemplateResult {
  return html`${renderError(problem)}${isOpen ? html`<button type="button" class="button" @click=${() => target.dispatchEvent(new ReadAgainEvent())}>${msg('Try again')}</button>` : nothing}`;
}

export function renderLoading(): TemplateResult {
  return html`<p role="status" class="quiet">${msg('Loading')}</p>`;
}

declare global {
  interface HTMLElementEventMap {
    'gorun-read-again': ReadAgainEvent;
  }
}
