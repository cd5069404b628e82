import { msg, str } from '@lit/localize';
import { html, nothing, type TemplateResult } from 'lit';
import type { Door } from './app-door.ts';
import './components/dialog/dialog.ts';
import './components/palette/palette.ts';
import type { RunCommandEvent } from './components/palette/palette.ts';
import type { ChangeKeyEvent, ChangePasswordEvent, ChangeSettingEvent, EndSessionEvent, RemoveKeysEvent, RenamePersonEvent, SeeSecurityEvent, ShowSectionEvent } from './components/settings/events.ts';
import './components/picture/picture.ts';
import './components/settings/settings.ts';
import './components/shortcuts/shortcuts.ts';
import './components/sign-in/sign-in.ts';
import './components/toast/toast.ts';
import type { Account } from './state/account.ts';
import type { Workspace } from './state/workspace.ts';

/** What lies over the page asks of the page. */
export interface Over {
  readonly unsent: Workspace['unsent'];
  run(event: RunCommandEvent): void;
  endSession(event: EndSessionEvent): void;
  readSection(event: ShowSectionEvent): void;
  showShortcuts(): void;
  settingsClosed(): void;
  leave(): void;
  stay(): void;
}

/** Dialogs, the palette and toasts; closed until somebody opens them. */
export function renderOver(work: Workspace, account: Account, over: Over): TemplateResult {
  return html`<gorun-settings .settings=${account.settings} .person=${account.person} .keys=${work.details.keys} .sessions=${work.details.sessions} .notices=${work.details.security.notices} .unseen=${work.details.security.unseen}
      @gorun-change-setting=${(event: ChangeSettingEvent) => (event.outcome = work.session.change(event.change))}
      @gorun-change-key=${(event: ChangeKeyEvent) => (event.outcome = work.details.changeKey(event.provider, event.key, event.expiresInDays))}
      @gorun-remove-keys=${(event: RemoveKeysEvent) => (event.outcome = work.details.removeKeys())}
      @gorun-rename-person=${(event: RenamePersonEvent) => (event.outcome = work.session.rename(event.name))}
      @gorun-end-session=${(event: EndSessionEvent) => over.endSession(event)}
      @gorun-change-password=${(event: ChangePasswordEvent) => (event.outcome = work.details.changePassword(event.current, event.password))}
      @gorun-see-security=${(event: SeeSecurityEvent) => (event.outcome = work.details.security.see())}
      @gorun-show-section=${(event: ShowSectionEvent) => over.readSection(event)}
      @gorun-show-shortcuts=${() => over.showShortcuts()}
      @gorun-close-dialog=${() => over.settingsClosed()}></gorun-settings>
    <gorun-palette @gorun-run-command=${(event: RunCommandEvent) => over.run(event)}></gorun-palette>
    <gorun-shortcuts></gorun-shortcuts>
    <gorun-picture></gorun-picture>
    ${renderLeave(over)}
    <gorun-toasts></gorun-toasts>`;
}

/** Over whatever is shown. Once the sign-in has ended there is nothing behind it any more. */
export function renderAgain(account: Account, door: Door, hasEnded: boolean): TemplateResult {
  return html`<gorun-dialog class="again" .heading=${msg('Please sign in again')} ?required=${hasEnded}>
    <p>${hasEnded ? msg('You signed out in another tab or on another device, or your sign-in has run out.') : nothing} ${msg('Your draft is kept.')}</p>
    <gorun-sign-in autofocus .again=${account.person.email} .busy=${door.isAsking} .refusal=${door.refusal} @gorun-sign-in=${door.signIn}></gorun-sign-in>
  </gorun-dialog>`;
}

function renderLeave(over: Over): TemplateResult {
  const { messages, drafts } = over.unsent;
  const parts = [
    messages === 0 ? '' : messages === 1 ? msg('1 message that was not sent') : msg(str`${messages} messages that were not sent`),
    drafts === 0 ? '' : drafts === 1 ? msg('1 draft') : msg(str`${drafts} drafts`),
  ];
  return html`<gorun-dialog class="leave" .heading=${msg('Sign out and remove what is unsent?')}>
    <p>${msg(str`Only this browser has ${parts.filter(Boolean).join(', ')}. Signing out removes it for good.`)}</p>
    <button slot="footer" type="button" class="button ghost push" @click=${() => over.stay()}>${msg('Cancel')}</button>
    <button slot="footer" type="button" class="button danger" @click=${() => over.leave()}>${msg('Sign out')}</button>
  </gorun-dialog>`;
}
