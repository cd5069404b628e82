import { msg, str } from '@lit/localize';
import { html, nothing, type ReactiveController, type ReactiveControllerHost, type TemplateResult } from 'lit';
import { keyed } from 'lit/directives/keyed.js';
import type { Message } from '../../../contracts/conversation.ts';
import type { ConversationView } from '../../../contracts/view.ts';
import { textOf } from '../../../contracts/view.ts';
import { type Who, wordsOfOutcome, wordsOfRefusal } from '../../text/failure-words.ts';
import { endOfSentences, speakable } from '../../text/speech.ts';
import type { PendingMessage } from '../message/message.ts';

/** When a growing reply is spoken. */
export type Announce = 'as-it-grows' | 'when-finished' | 'only-that';

/** Milliseconds between two announcements of a growing reply. */
const PACE_MS = 1_500;

/** Tells people who do not see the thread what happens in it, in one polite and one assertive region. */
export class Announcer implements ReactiveController {
  private readonly host: ReactiveControllerHost;
  private polite = { count: 0, text: '' };
  private assertive = { count: 0, text: '' };
  private before: { view: ConversationView; pending: readonly PendingMessage[] } | undefined;
  private spokenTo = 0;
  private spokenAt = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: ReactiveControllerHost) {
    this.host = host;
    host.addController(this);
  }

  hostDisconnected(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** Says one sentence: after what is being said, or at once. */
  say(text: string, how: 'polite' | 'assertive' = 'polite'): void {
    this[how] = { count: this[how].count + 1, text };
    this.host.requestUpdate();
  }

  /** Says what is new since the call before. Another conversation is not news. */
  observe(view: ConversationView | undefined, pending: readonly PendingMessage[], mode: Announce, who: Who): void {
    const { before } = this;
    this.before = view && { view, pending };
    if (view === undefined) return;
    if (before?.view.conversation.id !== view.conversation.id) {
      this.spokenTo = view.turn ? textOf(view.turn.reply).length : 0;
      return;
    }
    this.sayRefusals(before.pending, pending, who);
    this.sayQueue(before.view, view);
    this.sayTurn(before.view, view, mode, who);
  }

  render(): TemplateResult {
    return html`<div class="sr" role="status" aria-live="polite">${region(this.polite)}</div>
      <div class="sr" role="alert" aria-live="assertive">${region(this.assertive)}</div>`;
  }

  private sayRefusals(before: readonly PendingMessage[], now: readonly PendingMessage[], who: Who): void {
    const known = new Set(before.filter(({ state }) => state === 'refused').map(({ id }) => id));
    const refused = now.find(({ id, state }) => state === 'refused' && !known.has(id));
    if (refused === undefined) return;
    const { title, text } = wordsOfRefusal(refused.refusal ?? { code: 'internal' }, who);
    this.say(`${title}. ${text}`, 'assertive');
  }

  private sayQueue(before: ConversationView, now: ConversationView): void {
    const { queue } = now.conversation;
    const known = new Set(before.conversation.queue.map(({ command }) => command));
    const place = queue.findIndex(({ command }) => !known.has(command));
    const places = [msg('Queued, next in line.'), msg('Queued, second in line.'), msg('Queued, third in line.')];
    if (place >= 0) this.say(places[place] ?? msg(str`Queued, number ${place + 1} in line.`));
  }

  private sayTurn(before: ConversationView, now: ConversationView, mode: Announce, who: Who): void {
    if (now.turn && now.turn.id !== before.turn?.id) {
      this.spokenTo = 0;
      this.say(msg('Replying.'));
      this.spokenAt = Date.now();
    }
    if (now.turn && mode === 'as-it-grows') this.sayGrowth();
    const ended = before.turn && before.turn.id !== now.turn?.id ? now.messages.find(({ id }) => id === before.turn?.reply.id) : undefined;
    if (ended) this.sayEnd(ended, mode, who);
  }

  /** Sentences that become whole within the pace are said together. */
  private sayGrowth(): void {
    if (this.timer !== undefined) return;
    const wait = this.spokenAt + PACE_MS - Date.now();
    if (wait > 0) {
      this.timer = setTimeout(() => {
        this.timer = undefined;
        this.sayGrowth();
      }, wait);
      return;
    }
    const turn = this.before?.view.turn;
    if (!turn) return;
    const text = textOf(turn.reply);
    const end = endOfSentences(text, this.spokenTo);
    const said = speakable(text.slice(this.spokenTo, end));
    this.spokenTo = end;
    if (said === '') return;
    this.spokenAt = Date.now();
    this.say(said);
  }

  private sayEnd(message: Message, mode: Announce, who: Who): void {
    this.hostDisconnected();
    const kind = message.outcome?.kind ?? 'completed';
    const rest = mode === 'only-that' ? '' : speakable(textOf(message).slice(mode === 'as-it-grows' ? this.spokenTo : 0));
    if (kind === 'interrupted') this.say(msg('The reply was interrupted.'), 'assertive');
    else if (kind === 'failed' && message.outcome) {
      const words = wordsOfOutcome(message.outcome, textOf(message) !== '', who);
      this.say(`${words?.title ?? ''}. ${words?.text ?? ''}`, 'assertive');
    } else this.say(`${rest} ${kind === 'stopped' ? msg('Stopped.') : msg('Reply finished.')}`.trim());
  }
}

/** The same sentence twice is two announcements, so each is an element of its own. */
function region({ count, text }: { count: number; text: string }): unknown {
  return text === '' ? nothing : keyed(count, html`<p>${text}</p>`);
}
