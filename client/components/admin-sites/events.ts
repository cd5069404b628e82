import type { SiteId, UserId } from '../../../contracts/ids.ts';
import type { SiteSettings } from '../../../contracts/sites.ts';
import { AskEvent } from '../settings/outcome.ts';

/** Makes a site (without `site`), or changes one. */
export class SaveSiteEvent extends AskEvent {
  readonly site: SiteId | undefined;
  readonly settings: SiteSettings | undefined;
  readonly isLive: boolean | undefined;
  constructor(site: SiteId | undefined, settings: SiteSettings | undefined, isLive?: boolean) {
    super('gorun-save-site');
    this.site = site;
    this.settings = settings;
    this.isLive = isLive;
  }
}

/** Asks for a site to be removed; what comes of it is in `outcome`. */
export class RemoveSiteEvent extends AskEvent {
  readonly site: SiteId;
  constructor(site: SiteId) {
    super('gorun-remove-site');
    this.site = site;
  }
}

/** Makes a key of a site; `outcome` resolves with it, once. With `key`, removes that one. */
export class SiteKeyEvent extends AskEvent {
  readonly site: SiteId;
  readonly key: string | undefined;
  constructor(site: SiteId, key?: string) {
    super('gorun-site-key');
    this.site = site;
    this.key = key;
  }
}

/** `outcome` resolves with what came of the site's chat. */
export class SiteNumbersEvent extends AskEvent {
  readonly site: SiteId;
  constructor(site: SiteId) {
    super('gorun-site-numbers');
    this.site = site;
  }
}

/** `outcome` resolves with who is kept out of the site; with `letIn`, after that one may come again. */
export class SiteBlockedEvent extends AskEvent {
  readonly site: SiteId;
  readonly letIn: UserId | undefined;
  constructor(site: SiteId, letIn?: UserId) {
    super('gorun-site-blocked');
    this.site = site;
    this.letIn = letIn;
  }
}

declare global {
  interface HTMLElementEventMap {
    'gorun-save-site': SaveSiteEvent;
    'gorun-remove-site': RemoveSiteEvent;
    'gorun-site-key': SiteKeyEvent;
    'gorun-site-blocked': SiteBlockedEvent;
    'gorun-site-numbers': SiteNumbersEvent;
  }
}
