import type { CaseId, ConversationId, MessageId, SiteId } from '../../contracts/ids.ts';
import { type AuditWanted, EVERYTHING, readWanted, writeWanted } from './audit-wanted.ts';

/** What stands in the main column. */
export type Place =
  | { readonly view: 'new'; readonly isTemporary?: boolean }
  /** With a message: the one to be shown there. */
  | { readonly view: 'conversation'; readonly id: ConversationId; readonly message?: MessageId }
  | { readonly view: 'search'; readonly words: string }
  | { readonly view: 'archive' }
  /** Administration: all sites, one of them, or one that is about to be made. */
  | { readonly view: 'sites'; readonly site?: SiteId | 'new' }
  /** The conversations of visitors, and one of them. */
  | { readonly view: 'inbox'; readonly id?: ConversationId }
  /** Who has an account, and what they may do. */
  | { readonly view: 'people' }
  /** The log over all records. */
  | { readonly view: 'records' }
  /** How long conversations are kept, and what was erased. */
  | { readonly view: 'retention' }
  /** Who did what, but for what was said; `wanted`: which of it. */
  | { readonly view: 'audit'; readonly wanted?: AuditWanted }
  /** All cases; one of them with its holds; what is looked for in it, and one conversation that was found; and what is exported for it. */
  | { readonly view: 'cases'; readonly case?: CaseId; readonly isReview?: boolean; readonly isExports?: boolean; readonly found?: ConversationId };

/** Where the page is: a place, and whether the settings lie over it. */
export interface Address {
  readonly place: Place;
  readonly settings: boolean;
}

const CONVERSATION = /^\/c\/([A-Za-z0-9_-]{22})\/?$/;
const SITES = /^\/admin\/sites(?:\/(new|site_[A-Za-z0-9_-]{22}))?\/?$/;
const INBOX = /^\/admin\/inbox(?:\/([A-Za-z0-9_-]{22}))?\/?$/;
const CASES = /^\/admin\/cases(?:\/([A-Za-z0-9_-]{22})(?:(\/review)(?:\/([A-Za-z0-9_-]{22}))?|(\/exports))?)?\/?$/;
const AUDIT = /^\/admin\/audit\/?$/;
const LISTS = /^\/admin\/(people|records|retention)\/?$/;
const MESSAGE = /^#([A-Za-z0-9_-]{22})$/;

/** What an address of this page means; anything unknown is a new chat. `under` is the address that the settings were opened over. */
export function readAddress(url: URL, under?: unknown): Address {
  const id = CONVERSATION.exec(url.pathname)?.[1];
  const message = MESSAGE.exec(url.hash)?.[1];
  if (id !== undefined) return { place: { view: 'conversation', id: id as ConversationId, ...(message !== undefined && { message: message as MessageId }) }, settings: false };
  if (url.pathname === '/settings') {
    const below = typeof under === 'string' && under !== '/settings' ? readAddress(new URL(under, url)).place : ({ view: 'new' } as const);
    return { place: below, settings: true };
  }
  const sites = SITES.exec(url.pathname);
  if (sites !== null) return { place: { view: 'sites', ...(sites[1] !== undefined && { site: sites[1] as SiteId | 'new' }) }, settings: false };
  const inbox = INBOX.exec(url.pathname);
  if (inbox !== null) return { place: { view: 'inbox', ...(inbox[1] !== undefined && { id: inbox[1] as ConversationId }) }, settings: false };
  const list = LISTS.exec(url.pathname)?.[1];
  if (list !== undefined) return { place: { view: list as 'people' | 'records' | 'retention' }, settings: false };
  if (AUDIT.test(url.pathname)) return { place: { view: 'audit', wanted: readWanted(url.searchParams) }, settings: false };
  const cases = CASES.exec(url.pathname);
  if (cases !== null) return { place: readCase(cases), settings: false };
  const words = url.searchParams.get('search');
  if (words !== null) return { place: { view: 'search', words }, settings: false };
  if (url.searchParams.has('temporary')) return { place: { view: 'new', isTemporary: true }, settings: false };
  if (url.searchParams.has('archive')) return { place: { view: 'archive' }, settings: false };
  return { place: { view: 'new' }, settings: false };
}

function readCase([, id, review, found, exports]: RegExpExecArray): Place {
  return { view: 'cases', ...(id !== undefined && { case: id as CaseId }), ...(review !== undefined && { isReview: true }), ...(found !== undefined && { found: found as ConversationId }), ...(exports !== undefined && { isExports: true }) };
}

/** The address of a place, to be shared and loaded again. */
export function writeAddress(place: Place): string {
  switch (place.view) {
    case 'new':
      return place.isTemporary === true ? '/?temporary' : '/';
    case 'conversation':
      return place.message === undefined ? `/c/${place.id}` : `/c/${place.id}#${place.message}`;
    case 'search':
      return `/?${new URLSearchParams({ search: place.words })}`;
    case 'archive':
      return '/?archive';
    case 'inbox':
      return place.id === undefined ? '/admin/inbox' : `/admin/inbox/${place.id}`;
    case 'people':
    case 'records':
    case 'retention':
      return `/admin/${place.view}`;
    case 'audit':
      return `/admin/audit${writeWanted(place.wanted ?? EVERYTHING)}`;
    case 'cases':
      return ['/admin/cases', place.case, place.isReview === true ? 'review' : place.isExports === true ? 'exports' : undefined, place.found].filter((part) => part !== undefined).join('/');
    case 'sites':
      return place.site === undefined ? '/admin/sites' : `/admin/sites/${place.site}`;
  }
}
