import { msg } from '@lit/localize';
import { html, type TemplateResult } from 'lit';
import type { MessageId, SiteId } from '../../../contracts/ids.ts';
import type { Model } from '../../../contracts/models.ts';
import type { Settings } from '../../../contracts/routes.ts';
import { siteModel } from '../../../contracts/site-model.ts';
import type { ConversationController } from '../../state/conversation.ts';
import type { ChooseBranchEvent, ContinueTurnEvent, EditMessageEvent, RateMessageEvent, RemovePendingEvent, ResendMessageEvent, RetryTurnEvent } from '../message/events.ts';
import '../part-text/part-text.ts';
import '../thread/thread.ts';
import type { Pictures } from './pictures.ts';

export interface Talk {
  readonly conversation: ConversationController;
  readonly site: SiteId;
  /** Of the chat. */
  readonly title: string;
  readonly settings: Settings | undefined;
  readonly addressOf: Pictures['addressOf'];
  /** Where the conversation is gone. */
  startOver(): void;
  focusComposer(): void;
}

/** The conversation as it was and grows, with all that a visitor can do to it. Fetched with the first message, or the first touch of the composer. */
export function renderTalk({ conversation, site, title, settings, addressOf, startOver, focusComposer }: Talk): TemplateResult {
  const { phase } = conversation;
  const model = siteModel(site);
  return html`<gorun-thread part="thread" exportparts="turn: message" .view=${conversation.view} .state=${phase === 'missing' ? 'gone' : phase === 'new' ? 'ready' : phase} .pending=${conversation.unseen} .models=${modelsOf(site, title)} .model=${model} .settings=${settings} .fileAddress=${addressOf}
    @gorun-edit-message=${(event: EditMessageEvent) => conversation.edit(event.message, event.text, model)}
    @gorun-retry-turn=${(event: RetryTurnEvent) => conversation.tryAgain(event.message)}
    @gorun-continue-turn=${(event: ContinueTurnEvent) => conversation.goOn(event.message)}
    @gorun-choose-branch=${(event: ChooseBranchEvent) => conversation.choose(event.message)}
    @gorun-rate-message=${(event: RateMessageEvent) => conversation.rate(event.message, event.rating)}
    @gorun-resend-message=${(event: ResendMessageEvent) => conversation.sendAgain(event.pending as MessageId, event.text)}
    @gorun-remove-pending=${(event: RemovePendingEvent) => conversation.takeBack(event.pending as MessageId)}
    @gorun-thread-action=${() => (phase === 'missing' ? startOver() : conversation.again())}
    @gorun-focus-composer=${focusComposer}></gorun-thread>`;
}

const known = new Map<string, readonly Model[]>();

/** What stands for whatever answers: its name is the site's to say. The same list as long as nothing of it changes, so that nothing is drawn again. */
function modelsOf(site: SiteId, title: string): readonly Model[] {
  const name = msg('Assistant');
  const key = `${site} ${name} ${title}`;
  const models = known.get(key) ?? [{ id: siteModel(site), name, provider: 'site', providerName: title, vision: false, fields: [], needsKey: false, isDemo: false }];
  known.set(key, models);
  return models;
}
