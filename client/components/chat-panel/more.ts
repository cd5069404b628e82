import { msg } from '@lit/localize';
import { html, type TemplateResult } from 'lit';
import type { Handoff } from '../../../contracts/conversation.ts';
import type { ShownSite } from '../../../contracts/sites.ts';
import { icon } from '../../icons.ts';
import '../menu/menu.ts';
import type { ConversationController } from '../../state/conversation.ts';
import type { VisitController } from '../../state/visit.ts';
import type { MenuItem } from '../menu/menu.ts';
import type { GorunChatPanel } from './chat-panel.ts';
import type { Sound } from './sound.ts';
import { renderSaid, saysSomething, type Greeting } from './welcome.ts';

export interface More {
  /** `undefined` where nobody can be asked for. */
  readonly person: 'asked' | 'none' | undefined;
  readonly hasMessages: boolean;
  readonly hasSound: boolean;
  readonly shown: ShownSite | undefined;
  readonly name: Greeting['name'];
}

/** What a visitor finds under ⋯. Fetched when they look there. */
export function itemsOf({ person, hasMessages, hasSound, shown, name }: More): MenuItem[] {
  return [
    { id: 'new', text: msg('New conversation'), icon: 'plus' },
    ...(person === undefined ? [] : [{ id: 'person', text: person === 'none' ? msg('Ask for a person') : msg('Back to the assistant'), icon: 'person' as const }]),
    { id: 'transcript', text: msg('Download the conversation'), icon: 'download', isDisabled: !hasMessages },
    { id: 'sound', text: msg('Sound'), icon: 'sound', isChecked: hasSound },
    ...(saysSomething(shown, name) ? [{ id: 'privacy', text: msg('Privacy'), icon: 'info' as const }] : []),
    { id: 'forget', text: msg('Forget me here'), icon: 'trash', isDanger: true, startsGroup: true },
  ];
}

/** What an item is about. */
export interface Chosen {
  readonly panel: Pick<GorunChatPanel, 'send' | 'startConversation' | 'downloadTranscript' | 'forget'>;
  readonly visit: Pick<VisitController, 'connect'>;
  readonly conversation: Pick<ConversationController, 'view' | 'handoff'>;
  readonly handoff: Handoff | null;
  readonly sound: Pick<Sound, 'turn'>;
  showPrivacy(): void;
}

/** Does what a visitor has chosen. What fails says itself where the chat is. */
export function choose(item: string, chosen: Chosen): void {
  done(item, chosen)?.catch(() => undefined);
}

function done(item: string, { panel, visit, conversation, handoff, sound, showPrivacy }: Chosen): Promise<void> | void {
  switch (item) {
    case 'new': return panel.startConversation();
    case 'person': return visit.connect().then(() => askForPerson(panel, conversation, handoff));
    case 'sound': return sound.turn();
    case 'privacy': return showPrivacy();
    case 'transcript': return panel.downloadTranscript();
    case 'forget': return panel.forget();
  }
}

/** A conversation begins with a message, which may have been refused. */
async function askForPerson(panel: Chosen['panel'], conversation: Chosen['conversation'], handoff: Handoff | null): Promise<void> {
  if (conversation.view.position.epoch === 0) return panel.send(msg('I would like to talk to a person.'), 'queue', true);
  conversation.handoff(handoff === null ? 'ask' : 'end');
}

/** What was said before the first message, once more. */
export function renderAgain({ shown, name }: Pick<More, 'shown' | 'name'>, close: () => void): TemplateResult {
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return;
    event.stopPropagation(); // the chat stays open
    close();
  };
  return html`<section class="strip again" tabindex="-1" aria-label=${msg('Privacy')} @keydown=${onKey}>${renderSaid(shown, name)}<button type="button" class="icon-button small" aria-label=${msg('Dismiss')} title=${msg('Dismiss')} @click=${close}>${icon('x', 'small')}</button></section>`;
}
