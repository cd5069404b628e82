import { msg, str } from '@lit/localize';
import { html, nothing, type TemplateResult } from 'lit';
import type { Message, Rating } from '../../../contracts/conversation.ts';
import type { MessageId } from '../../../contracts/ids.ts';
import { type IconName, icon } from '../../icons.ts';
import { duration, fullTime, shortTime } from '../../text/times.ts';

/** What the line under a message needs. Actions that are left out are not offered. */
export interface Foot {
  readonly message: Message;
  readonly versions: readonly MessageId[];
  readonly model: string;
  readonly isLast: boolean;
  readonly isCopied: boolean;
  readonly copy?: (() => void) | undefined;
  readonly edit?: (() => void) | undefined;
  readonly retry?: (() => void) | undefined;
  readonly choose: (message: MessageId) => void;
  readonly rating: Rating | undefined;
  readonly rate?: ((rating: Rating | null) => void) | undefined;
}

/** Actions, versions, and who wrote it when. The actions of earlier messages rest until the pointer or the focus is there. */
export function renderFoot(foot: Foot): TemplateResult {
  const copy = foot.copy ? button(foot.isCopied ? 'check' : 'copy', foot.isCopied ? msg('Copied') : msg('Copy'), foot.copy) : nothing;
  if (foot.message.author === 'person') {
    return html`<div class="foot rests" role="group" aria-label=${msg('Message actions')}>
      ${renderVersions(foot)}${renderMeta(foot)}${foot.edit ? button('edit', msg('Edit'), foot.edit) : nothing}${copy}
    </div>`;
  }
  return html`<div class="foot ${foot.isLast ? '' : 'rests'}" role="group" aria-label=${msg('Message actions')}>
    ${copy}${renderRating(foot)}${foot.retry ? button('again', msg('Try again'), foot.retry) : nothing}${renderVersions(foot)}${renderMeta(foot)}
  </div>`;
}

function button(symbol: IconName, label: string, act: () => void): TemplateResult {
  return html`<button type="button" class="icon-button" aria-label=${label} title=${label} @click=${act}>${icon(symbol)}</button>`;
}

function renderRating({ rating, rate }: Foot): TemplateResult | typeof nothing {
  if (rate === undefined) return nothing;
  const one = (which: Rating, label: string): TemplateResult => html`<button type="button" class="icon-button" aria-label=${label} title=${label} aria-pressed=${rating === which} @click=${() => rate(rating === which ? null : which)}>${icon(which)}</button>`;
  return html`${one('good', msg('Good reply'))}${one('bad', msg('Bad reply'))}`;
}

function renderVersions({ message, versions, choose }: Foot): TemplateResult | typeof nothing {
  if (versions.length < 2) return nothing;
  const here = versions.indexOf(message.id);
  const [before, after] = [versions[here - 1], versions[here + 1]];
  return html`<span class="branch" role="group" aria-label=${msg('Versions of this message')}>
    ${renderStep('left', msg('Previous version'), before, choose)}
    <span><span class="sr">${msg(str`Version ${here + 1} of ${versions.length}`)}</span><span aria-hidden="true">${here + 1}/${versions.length}</span></span>
    ${renderStep('right', msg('Next version'), after, choose)}
  </span>`;
}

/** At either end the button stays, so that the other one does not move under the pointer. */
function renderStep(symbol: 'left' | 'right', label: string, to: MessageId | undefined, choose: (message: MessageId) => void): TemplateResult {
  return html`<button type="button" class="icon-button small" aria-label=${label} title=${label} aria-disabled=${to === undefined ? 'true' : nothing} @click=${() => to && choose(to)}>
    ${icon(symbol, 'flips')}
  </button>`;
}

function renderMeta({ message, model }: Foot): TemplateResult {
  const { author, at, tookMs, outcome } = message;
  const ended = outcome?.kind === 'interrupted' ? msg('interrupted') : outcome?.kind === 'stopped' ? msg('stopped') : undefined;
  const took = ended ?? (tookMs === undefined ? undefined : duration(tookMs));
  const said = author === 'person' ? [shortTime(at)] : [model, shortTime(at), ...(took === undefined ? [] : [took])];
  return html`<span class="meta" title=${fullTime(at)}>${said.join(' · ')}</span>`;
}
