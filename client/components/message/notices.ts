import { msg, str } from '@lit/localize';
import { html, nothing, type TemplateResult } from 'lit';
import type { OpenTurn } from '../../../contracts/view.ts';
import type { IconName } from '../../icons.ts';
import type { FailureAction, FailureWords, Who } from '../../text/failure-words.ts';
import type { NoticeAction } from '../notice/notice.ts';
import '../notice/notice.ts';

/** Milliseconds that an outcome may take before it is mentioned. */
const RECORD_MS = 1_500;

/** What stands behind the text of a reply that is not finished: nothing has come yet, the provider has to be asked again, or the outcome takes its time. */
export function renderProgress(turn: OpenTurn, closingSince: number | undefined, who: Who): TemplateResult | typeof nothing {
  if (turn.phase === 'waiting' && turn.waiting) {
    const seconds = Math.max(0, Math.ceil((turn.waiting.until - Date.now()) / 1_000));
    const title = turn.waiting.code === 'provider-unreachable' ? msg(str`${who.provider} could not be reached`) : msg(str`${who.provider} is busy`);
    return renderWords({ title, text: msg(str`Trying again in ${seconds} s.`), actions: who.isFixed === true ? [] : ['other-model'] }, 'plain');
  }
  if (turn.phase === 'closing' && closingSince !== undefined && Date.now() - closingSince >= RECORD_MS) {
    return renderWords({ title: msg('The reply is being put on record'), text: msg('You can read on; the next message waits until it is done.'), actions: [] }, 'plain');
  }
  return turn.reply.parts.length === 0 ? html`<span class="running" role="img" aria-label=${msg('Replying')}><i></i><i></i><i></i></span>` : nothing;
}

/** A notice whose last action is the main one. */
export function renderWords({ title, text, actions }: FailureWords, tone: 'plain' | 'danger', symbol?: IconName): TemplateResult {
  const offered = actions.map((action, index): NoticeAction => ({
    id: action,
    label: labelOf(action),
    isMain: index === actions.length - 1 && actions.length > 1,
    ...(action === 'continue' ? { icon: 'go' } : {}),
  }));
  return html`<gorun-notice .tone=${tone} .heading=${title} .text=${text} .actions=${offered} .symbol=${symbol}></gorun-notice>`;
}

function labelOf(action: FailureAction): string {
  const labels: Readonly<Record<FailureAction, () => string>> = {
    'retry': () => msg('Try again'),
    'continue': () => msg('Continue'),
    'edit': () => msg('Edit'),
    'send-again': () => msg('Send again'),
    'send-anyway': () => msg('Send anyway'),
    'settings': () => msg('Settings'),
    'other-model': () => msg('Try another model'),
    'choose-model': () => msg('Choose another model'),
    'shorten': () => msg('Shorten the context'),
    'sign-in': () => msg('Sign in'),
    'reload': () => msg('Reload'),
  };
  return labels[action]();
}
