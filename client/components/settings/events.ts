import type { SessionId } from '../../../contracts/ids.ts';
import type { Settings } from '../../../contracts/routes.ts';
import { AskEvent } from './outcome.ts';

/** Asks for one setting to be kept; what comes of it is in `outcome`. */
export class ChangeSettingEvent extends AskEvent {
  readonly change: Partial<Settings>;
  constructor(change: Partial<Settings>) {
    super('gorun-change-setting');
    this.change = change;
  }
}

/** Keeps a key for a provider; without one, removes it. */
export class ChangeKeyEvent extends AskEvent {
  readonly provider: string;
  readonly key: string | undefined;
  readonly expiresInDays: number | null;
  constructor(provider: string, key: string | undefined, expiresInDays: number | null = null) {
    super('gorun-change-key');
    this.provider = provider;
    this.key = key;
    this.expiresInDays = expiresInDays;
  }
}

/** Removes every key that the person has given. */
export class RemoveKeysEvent extends AskEvent {
  constructor() {
    super('gorun-remove-keys');
  }
}

/** Asks for another name to be shown; what comes of it is in `outcome`. */
export class RenamePersonEvent extends AskEvent {
  readonly name: string;
  constructor(name: string) {
    super('gorun-rename-person');
    this.name = name;
  }
}

/** Ends one sign-in; `'this'` is the one of this browser, `'others'` are all but that. */
export class EndSessionEvent extends AskEvent {
  readonly session: SessionId | 'this' | 'all' | 'others';
  constructor(session: EndSessionEvent['session']) {
    super('gorun-end-session');
    this.session = session;
  }
}

/** Asks for another password. */
export class ChangePasswordEvent extends AskEvent {
  readonly current: string;
  readonly password: string;
  constructor(current: string, password: string) {
    super('gorun-change-password');
    this.current = current;
    this.password = password;
  }
}

/** All that happened to the account was seen. */
export class SeeSecurityEvent extends AskEvent {
  constructor() {
    super('gorun-see-security');
  }
}

/** A section came into view that shows what only the server knows: it is read again. */
export class ShowSectionEvent extends AskEvent {
  readonly section: 'keys' | 'security';
  constructor(section: ShowSectionEvent['section']) {
    super('gorun-show-section');
    this.section = section;
  }
}

declare global {
  interface HTMLElementEventMap {
    'gorun-change-setting': ChangeSettingEvent;
    'gorun-change-key': ChangeKeyEvent;
    'gorun-remove-keys': RemoveKeysEvent;
    'gorun-rename-person': RenamePersonEvent;
    'gorun-end-session': EndSessionEvent;
    'gorun-change-password': ChangePasswordEvent;
    'gorun-see-security': SeeSecurityEvent;
    'gorun-show-section': ShowSectionEvent;
  }
}
