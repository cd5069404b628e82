import type { ConversationId, SiteId } from '../../contracts/ids.ts';
import type { Actor, AuditRecord } from '../../contracts/records.ts';
import { DEPLOYMENT, type Audit } from '../journal/audit.ts';

/** What a reviewer looks for or is shown, with the case and the reason; `accesses.ts` says who may. */
export type Reviewed = Extract<AuditRecord, { type: 'review-searched' | 'review-read' }>;

type Listed = Extract<AuditRecord, { type: 'list-read' }>;

/** What is shown of others is on record before it is shown. Each throws `record-unavailable`, and nothing may be shown then. */
export interface Disclosures {
  /** The first words of what visitors of these sites wrote. */
  inbox(sites: readonly SiteId[], actor: Actor): Promise<void>;
  /** The audit log itself. */
  audit(query: Readonly<Record<string, string>>, actor: Actor): Promise<void>;
  /** A list of what others are or did; `of`: the case or the site that it is about. */
  list(list: Listed['list'], actor: Actor, of?: Pick<Listed, 'case' | 'site'>): Promise<void>;
  /** Who is here, to a reviewer, with the case and the reason. */
  names(said: Extract<AuditRecord, { type: 'review-named' }>, actor: Actor): Promise<void>;
  /** A visitor's conversation. */
  visitor(conversation: ConversationId, site: SiteId, actor: Actor): Promise<void>;
}

/** Disclosures, each on record before anything is shown. */
export function openDisclosures(audit: Audit): Disclosures {
  return {
    inbox: (sites, actor) => audit.commit([], { type: 'inbox-read', v: 1, sites: [...sites] }, actor, DEPLOYMENT),
    audit: (query, actor) => audit.commit([], { type: 'audit-read', v: 1, query }, actor, DEPLOYMENT),
    list: (list, actor, of) => audit.commit([], { type: 'list-read', v: 1, list, ...of }, actor, DEPLOYMENT),
    names: (said, actor) => audit.commit([], said, actor, DEPLOYMENT),
    visitor: (conversation, site, actor) => audit.commit([], { type: 'visitor-read', v: 1, conversation, site }, actor, DEPLOYMENT),
  };
}
