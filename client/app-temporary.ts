import { msg, str } from '@lit/localize';
import { html, nothing, svg, type TemplateResult } from 'lit';
import type { Around } from './app-main.ts';
import { icon } from './icons.ts';
import type { Workspace } from './state/workspace.ts';

const TEMPORARY = svg`<path d="M10 3.2a6.8 6.8 0 1 1-4.8 2" stroke-dasharray="2.6 2.2"/><path d="M10 6.5V10l2.3 1.7"/>`;

function hoursOf(work: Workspace): number {
  return work.session.welcome?.temporaryHours ?? 24;
}

/** Turns a chat that is about to begin into a temporary one and back. */
export function renderTemporaryToggle(work: Workspace): TemplateResult | typeof nothing {
  const { conversation } = work;
  const { isTemporary } = conversation;
  const text = msg('Temporary chat');
  if (conversation.phase !== 'new') return nothing;
  return html`<button slot="actions" type="button" class="icon-button" aria-label=${text} title=${text} aria-pressed=${isTemporary} @click=${() => work.turnTemporary()}>${icon(TEMPORARY)}</button>`;
}

/** A new chat that is temporary, ready to be written in. */
export function beginTemporary(work: Workspace, around: Pick<Around, 'focusComposer'>): void {
  work.place.go({ view: 'new', isTemporary: true });
  around.focusComposer();
}

/** What a temporary chat is, where it is about to begin. */
export function renderTemporaryHello(work: Workspace): TemplateResult {
  return html`<div class="hello">${icon(TEMPORARY)}<h2>${msg('Temporary chat')}</h2><p role="status">${aboutTemporary(work)}</p></div>`;
}

/** Instead of the usual invitation to write. */
export function temporaryInvitation(work: Workspace): string {
  return work.conversation.isTemporary ? msg(str`Message, kept for ${hoursOf(work)} hours`) : '';
}

/** What becomes of a temporary chat, in one sentence each. */
export function aboutTemporary(work: Workspace): string {
  return msg(str`Not in your list, not in search, deleted ${hoursOf(work)} hours after the last message. Records keep what the law or a hold requires.`);
}
