import { msg } from '@lit/localize';
import { html, type TemplateResult } from 'lit';
import type { ShownSite } from '../../../contracts/sites.ts';
import { icon } from '../../icons.ts';
import '../menu/menu.ts';
import type { MenuItem } from '../menu/menu.ts';
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

/** What was said before the first message, once more. */
export function renderAgain({ shown, name }: Pick<More, 'shown' | 'name'>, close: () => void): TemplateResult {
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return;
    event.stopPropagation(); // the chat stays open
    close();
  };
  return html`<section class="strip again" tabindex="-1" aria-label=${msg('Privacy')} @keydown=${onKey}>${renderSaid(shown, name)}<button type="button" class="icon-button small" aria-label=${msg('Dismiss')} title=${msg('Dismiss')} @click=${close}>${icon('x', 'small')}</button></section>`;
}
