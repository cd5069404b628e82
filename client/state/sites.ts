import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { FAILURES, refusalOf } from '../../contracts/failures.ts';
import type { SiteId, UserId } from '../../contracts/ids.ts';
import type { Model } from '../../contracts/models.ts';
import type { Site, SiteSettings } from '../../contracts/sites.ts';
import type { call } from '../link/app-api.ts';

/** The sites as an admin manages them. Read when they are looked at; each change comes back as the server has it. */
export class SitesController implements ReactiveController {
  sites: readonly Site[] | undefined;
  models: readonly Model[] = [];
  problem = '';
  readonly #host: ReactiveControllerHost;
  readonly #call: typeof call;

  constructor(host: ReactiveControllerHost, parts: { call: typeof call }) {
    this.#host = host;
    this.#call = parts.call;
    host.addController(this);
  }

  hostConnected(): void {
    // Read when the page is opened.
  }

  async read(): Promise<void> {
    try {
      const [{ sites }, { models }] = await Promise.all([this.#call('sites'), this.#call('siteModels')]);
      Object.assign(this, { sites, models, problem: '' });
    } catch (error) {
      const { code, text } = refusalOf(error);
      this.problem = text ?? FAILURES[code].text;
    }
    this.#host.requestUpdate();
  }

  async save(site: SiteId | undefined, settings: SiteSettings | undefined, isLive: boolean | undefined): Promise<Site> {
    const saved = site === undefined && settings !== undefined ? await this.#call('makeSite', { body: settings }) : await this.#call('changeSite', { params: { site: site ?? '' }, body: { ...(settings && { settings }), ...(isLive !== undefined && { isLive }) } });
    this.#put(saved);
    return saved;
  }

  async remove(site: SiteId): Promise<void> {
    await this.#call('removeSite', { params: { site } });
    this.sites = this.sites?.filter(({ id }) => id !== site);
    this.#host.requestUpdate();
  }

  async key(site: SiteId, key: string | undefined): Promise<unknown> {
    const made = key === undefined ? await this.#call('makeSiteKey', { params: { site } }) : await this.#call('removeSiteKey', { params: { site, key } });
    await this.read();
    return made;
  }

  /** Who is kept out of it. */
  blocked(site: SiteId): Promise<unknown> {
    return this.#call('blockedVisitors', { params: { site } });
  }

  async letIn(site: SiteId, visitor: UserId): Promise<unknown> {
    await this.#call('unblockVisitor', { params: { site, visitor } });
    return this.blocked(site);
  }

  numbers(site: SiteId): Promise<unknown> {
    return this.#call('siteNumbers', { params: { site } });
  }

  #put(site: Site): void {
    const others = this.sites?.filter(({ id }) => id !== site.id) ?? [];
    this.sites = [site, ...others].toSorted((a, b) => b.createdAt - a.createdAt);
    this.#host.requestUpdate();
  }
}
