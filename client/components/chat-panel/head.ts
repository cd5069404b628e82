import { msg, str } from '@lit/localize';
import { html, nothing, type TemplateResult } from 'lit';
import { icon } from '../../icons.ts';
import type { VisitController } from '../../state/visit.ts';
import type { ChooseItemEvent, MenuItem } from '../menu/menu.ts';

export interface Head {
  readonly title: string;
  /** Who answers, or what is the matter. */
  readonly words: string;
  readonly items: MenuItem[];
  openMenu(anchor: Element): void;
  choose(event: ChooseItemEvent): void;
  /** Absent where it cannot be closed. */
  readonly close: (() => void) | undefined;
}

/** What stands over the conversation; a page may put its own in place of the name. */
export function renderHead({ title, words, items, openMenu, choose, close }: Head): TemplateResult {
  return html`<div class="head" part="header"><slot name="header"><span class="face" aria-hidden="true">${monogramOf(title)}</span>
    <div class="names"><h2 id="title">${title || msg('Chat')}</h2><p role="status">${words}</p></div></slot>
    <button type="button" class="icon-button" aria-haspopup="menu" aria-expanded="false" aria-label=${msg('More')} title=${msg('More')} @click=${(event: Event) => openMenu(event.currentTarget as Element)}>${icon('more')}</button>
    ${close ? html`<button type="button" class="icon-button close" aria-label=${msg('Close the chat')} title=${msg('Close the chat')} @click=${close}>${icon('x')}</button>` : nothing}
    <gorun-menu label=${msg('More')} .items=${items} @gorun-choose-item=${choose}></gorun-menu></div>`;
}

export interface Answering extends Pick<VisitController, 'connection' | 'phase'> {
  /** The person who answers in the model's place. */
  readonly answers: string | undefined;
  /** Who writes just now. */
  readonly writer: string | undefined;
}

/** Who answers, or what is the matter. */
export function wordsOf({ connection, phase, answers, writer }: Answering): string {
  if (phase === 'closed') return msg('Closed');
  if (connection === 'offline') return msg('Offline');
  if (connection === 'lost') return msg('Reconnecting…');
  if (connection === 'crowded') return msg('Waiting for a free line');
  if (answers !== undefined) return writer ? msg(str`${writer} is writing`) : msg(str`${answers} answers`);
  return msg('AI assistant');
}

/** Of what is called so, at most two letters of its last words with a capital one: "Ask Kite & Kiln" is KK. */
function monogramOf(title: string): string {
  return title.split(/\s+/u).filter((word) => /^\p{Lu}|^\p{Lo}/u.test(word)).slice(-2).map((word) => Array.from(word)[0]).join('');
}
