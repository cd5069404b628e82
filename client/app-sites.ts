import { msg, str } from '@lit/localize';
import { html, type TemplateResult } from 'lit';
import type { ConversationId, SiteId } from '../contracts/ids.ts';
import type { RemoveSiteEvent, SaveSiteEvent, SiteBlockedEvent, SiteKeyEvent, SiteNumbersEvent } from './components/admin-sites/events.ts';
import { refusalOf } from '../contracts/failures.ts';
import type { BlockVisitorEvent, ChooseInboxEvent } from './components/admin-inbox/events.ts';
import { wordsOf } from './link/api.ts';
import type { Said, Workspace } from './state/workspace.ts';

const asked = new WeakSet<Workspace>();

/** The page of sites. What draws it is fetched by those who open it. */
export function renderSites(work: Workspace, site: SiteId | 'new' | undefined, say: (text: string) => void): TemplateResult {
  if (!asked.has(work)) {
    asked.add(work);
    void import('./components/admin-sites/admin-sites.ts');
    void work.sites.read();
  }
  const problem = work.account?.person.role === 'admin' ? work.sites.problem : msg('You may not do this.');
  return html`<gorun-admin-sites .sites=${work.sites.sites} .models=${work.sites.models} .site=${site} .problem=${problem}
    @gorun-save-site=${(event: SaveSiteEvent) => (event.outcome = save(work, event))}
    @gorun-remove-site=${(event: RemoveSiteEvent) => (event.outcome = remove(work, event.site, say))}
    @gorun-site-blocked=${(event: SiteBlockedEvent) => (event.outcome = event.letIn === undefined ? work.sites.blocked(event.site) : work.sites.letIn(event.site, event.letIn))}
    @gorun-site-numbers=${(event: SiteNumbersEvent) => (event.outcome = work.sites.numbers(event.site))}
    @gorun-site-key=${(event: SiteKeyEvent) => (event.outcome = work.sites.key(event.site, event.key))}></gorun-admin-sites>`;
}

/** The conversations of visitors. */
export function renderInbox(work: Workspace, id: ConversationId | undefined, say: (said: Said) => void): TemplateResult {
  void import('./components/admin-inbox/admin-inbox.ts');
  if (id !== undefined) work.visited.show(id);
  work.inbox.look(id);
  const person = work.account?.person;
  return html`<gorun-admin-inbox .inbox=${work.inbox} .conversation=${id === undefined ? undefined : work.visited} .current=${id} .user=${person?.id} ?admin=${person?.role === 'admin'} .beat=${{}} .writers=${work.writers}
    @gorun-choose-inbox=${(event: ChooseInboxEvent) => work.inbox.choose(event.wanted)}
    @gorun-more-inbox=${() => void work.inbox.more()}
    @gorun-block-visitor=${(event: BlockVisitorEvent) => void block(work, event, say)}></gorun-admin-inbox>`;
}

async function block(work: Workspace, { conversation, isBlocked }: BlockVisitorEvent, say: (said: Said) => void): Promise<void> {
  const failed = (error: unknown): void => say({ text: wordsOf(refusalOf(error)) });
  try {
    await work.inbox.block(conversation, isBlocked);
    say({ text: isBlocked ? msg('The visitor was blocked') : msg('The visitor may come again'), undo: () => void work.inbox.block(conversation, !isBlocked).catch(failed) });
  } catch (error) {
    failed(error);
  }
}

async function save(work: Workspace, { site, settings, isLive }: SaveSiteEvent): Promise<void> {
  const saved = await work.sites.save(site, settings, isLive);
  if (site === undefined) work.place.go({ view: 'sites', site: saved.id }, 'replace');
}

async function remove(work: Workspace, site: SiteId, say: (text: string) => void): Promise<void> {
  const name = work.sites.sites?.find(({ id }) => id === site)?.settings.name ?? '';
  await work.sites.remove(site);
  work.place.go({ view: 'sites' }, 'replace');
  say(msg(str`${name} was removed`));
}
