import { msg } from '@lit/localize';
import { html, nothing, type TemplateResult } from 'lit';
import type { ShownSite } from '../../../contracts/sites.ts';
import { icon, type IconName } from '../../icons.ts';
import type { HandoffState } from './handoff-state.ts';
import type { VisitController } from '../../state/visit.ts';

export interface Strips extends Pick<VisitController, 'connection'> {
  readonly handoff: HandoffState['state'];
  readonly hours: ShownSite['hours'] | undefined;
}

/** What has to be known before one writes on. */
export function renderStrips({ connection, handoff, hours }: Strips): TemplateResult {
  return html`${connection === 'offline' ? strip('offline', msg('You are offline. You can write on; what you send goes out when you are back.')) : nothing}
    ${connection === 'crowded' ? strip('info', msg('Too many chats are open from here. What you send goes out as soon as there is room; closing other tabs helps.')) : nothing}
    ${handoff === 'asked' ? strip('person', msg('A person was asked for. You can write on; the assistant answers meanwhile.')) : nothing}
    ${handoff === 'waiting' ? strip('person', msg('Nobody has come yet. You can write on; the assistant answers until somebody does.'), hours) : nothing}`;
}

function strip(name: IconName, text: string, more = ''): TemplateResult {
  return html`<p class="strip" role="status">${icon(name, 'small')}<span>${text}${more === '' ? nothing : html` <span dir="auto">${more}</span>`}</span></p>`;
}
