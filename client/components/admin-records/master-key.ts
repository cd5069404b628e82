import { msg, str } from '@lit/localize';
import { html, nothing, type TemplateResult } from 'lit';
import type { RouteReply } from '../../../contracts/routes.ts';
import { icon } from '../../icons.ts';
import { formatCount } from '../../text/amounts.ts';

type MasterKey = RouteReply<'masterKey'>;

/** How far another master key has taken the place of the one before; nothing where there was only one, or the one before is given no more. */
export function renderMasterKey(given: MasterKey | undefined): TemplateResult | typeof nothing {
  if (given === undefined || given.state === 'none' || (given.state === 'done' && !given.hasBefore)) return nothing;
  const { state, moved, of } = given;
  const [badge, mark, says, means] = STATES[state];
  return html`<section class="box copies"><header><h2>${msg('Master key')}</h2></header><article class="body stack" aria-label=${msg('Master key')}>
    <p class="state"><span class="badge ${badge}">${icon(mark, 'small')}${says()}</span></p>
    ${state === 'waits' ? nothing : html`<dl class="facts"><dt>${msg('Wrapped anew')}</dt><dd>${of === 1 ? msg(str`${formatCount(moved)} of 1 key`) : msg(str`${formatCount(moved)} of ${formatCount(of)} keys`)}</dd></dl>`}
    <p>${means()}</p></article></section>`;
}

const STATES = {
  waits: ['', 'clock', () => msg('Another one was given'), () => msg('It is not used before every instance was started with it: other instances still run with the one before.')],
  moves: ['', 'clock', () => msg('Keys are wrapped with the new one'), () => msg('Both master keys are needed until it is done. Nobody waits for it.')],
  done: ['success', 'check', () => msg('The one before is needed no longer'), () => msg('Start each instance without it. Keep it apart for as long as there are backups from before: their keys open only with it.')],
} as const satisfies Record<Exclude<MasterKey['state'], 'none'>, readonly [string, unknown, () => string, () => string]>;
