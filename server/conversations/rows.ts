import type { Conversation, ConversationRow, Handoff } from '../../contracts/conversation.ts';
import type { InboxRow, Note } from '../../contracts/sites.ts';
import type { ConversationId, SiteId, UserId } from '../../contracts/ids.ts';
import type { Position } from '../../contracts/position.ts';
import { siteOf } from '../../contracts/site-model.ts';
import { gatesBefore, lifeOf } from '../journal/holds.ts';
import type { Keys } from '../journal/keys.ts';
import { UNFENCED, type Page, type Store, type Stored } from '../store/store.ts';
import { conversationOf, noteOf } from './documents.ts';

const PAGE = 50;
const MOST_NOTES = 200;
const MOST_PINNED = 100;
/** What was deleted takes places in the index of a site until it is erased. */
const MOST_PAGES = 10;

/** What stands in an inbox, but for what is said of the site. */
export type VisitorRow = Omit<InboxRow, 'siteName' | 'answers'>;

/** Which of them: those in this state of a handoff, changed at or before `upTo`. */
export interface Which {
  readonly handoff?: Handoff['state'] | undefined;
  readonly upTo?: number | undefined;
}

/** The row of a visitor's conversation; `undefined` for any other. */
export function visitorRow({ id, model, title, createdAt, updatedAt, handoff, visitor }: Conversation, running: boolean, position: Position | undefined): VisitorRow | undefined {
  const site = siteOf(model);
  return site && { id, site, title, createdAt, updatedAt, running, handoff: handoff ?? null, visitor: visitor ?? null, position };
}

/** The list of a person's conversations, the latest first; what is pinned, the latest 100 of it, comes with the first page. */
export interface Rows {
  list(owner: UserId, archived: boolean, cursor: string | undefined): Promise<{ rows: ConversationRow[]; cursor: string | null }>;
  rowOf(conversation: Conversation, owner: UserId, at: { running: boolean; position: Position | undefined }, readAt?: number): Promise<ConversationRow>;
  /** Whose it is, unless it is a visitor's or not there. */
  ownerOf(conversation: ConversationId): Promise<UserId | undefined>;
  /** Whose it is, of which site, and whether a person answers, if a visitor has begun it and it was not deleted. */
  visitorOf(conversation: ConversationId): Promise<{ visitor: UserId; site: SiteId; isAnswered: boolean } | undefined>;
  /** Conversations of a site's visitors, the latest first. Those that were last changed before `reached` were not looked at; `null` when there are none. */
  ofSite(site: SiteId, which?: Which): Promise<{ rows: VisitorRow[]; reached: number | null }>;
  /** What those who answer noted of a visitor's conversation: the latest 200, the first of them first. */
  notesOf(conversation: ConversationId): Promise<Note[]>;
  /** A person has seen everything in it up to `at`. Resolves with what was seen before. */
  markRead(owner: UserId, conversation: ConversationId, at: number): Promise<number>;
}

/** Rows of lists, read from this store. */
export function openRows(store: Store, keys: Keys, showsHolds = false): Rows {
  const markerId = (owner: UserId, conversation: ConversationId): string => `${owner}:${conversation}`;
  const readAtOf = async (owner: UserId, conversation: ConversationId): Promise<number> => (await store.get('read-marker', markerId(owner, conversation)))?.body.at ?? 0;

  const rowOf = async (conversation: Conversation, owner: UserId, { running, position }: { running: boolean; position: Position | undefined }, known?: number): Promise<ConversationRow> => {
    const { id, title, model, createdAt, updatedAt, pinned, archived, deletedAt } = conversation;
    const unread = !running && updatedAt > (known ?? (await readAtOf(owner, id)));
    const isHeld = showsHolds && siteOf(model) === undefined && (await gatesBefore(store, { conversation: id, owner, ...lifeOf(conversation) })).isHeld;
    return { id, title, model, createdAt, updatedAt, pinned, archived, deletedAt, running, unread, ...(isHeld && { isHeld: true }), ...(position && { position }) };
  };
  const opened = async (stored: Stored<'conversation'>, owner: UserId): Promise<ConversationRow[]> => {
    const { isErased, deletedAt } = stored.body;
    const key = isErased || deletedAt !== null ? undefined : await keys.of(stored.id);
    return key === undefined ? [] : [await rowOf(conversationOf(stored, key), owner, { running: stored.body.runs === true, position: stored.body.position })];
  };
  const visitorRowOf = async (stored: Stored<'conversation'>): Promise<VisitorRow | undefined> => {
    const key = stored.body.isErased || stored.body.deletedAt !== null ? undefined : await keys.of(stored.id);
    return key && visitorRow(conversationOf(stored, key), stored.body.runs === true, stored.body.position);
  };
  /** A page that has something in it, unless there is nothing more: temporary ones take places in the index. */
  const listed = async (owner: UserId, archived: boolean, cursor: string | undefined): Promise<Page<Stored<'conversation'>>> => {
    const page = await store.find({ kind: 'conversation', index: 'byOwner', where: [owner, archived], order: 'down', limit: PAGE, after: cursor });
    const items = page.items.filter(({ body }) => body.temporary !== true);
    return items.length === 0 && page.cursor !== null ? listed(owner, archived, page.cursor) : { ...page, items };
  };
  return {
    rowOf,
    async ownerOf(conversation) {
      const stored = await store.get('conversation', conversation);
      return stored === undefined || stored.body.site !== undefined ? undefined : (stored.body.owner as UserId);
    },
    async list(owner, archived, cursor) {
      const page = await listed(owner, archived, cursor);
      const pinned = cursor === undefined && !archived ? (await store.find({ kind: 'conversation', index: 'byPin', where: [owner, true, false], order: 'down', limit: MOST_PINNED })).items : [];
      const ids = new Set(page.items.map((one) => one.id));
      const stored = [...pinned.filter((one) => !ids.has(one.id)), ...page.items];
      return { rows: (await Promise.all(stored.map((one) => opened(one, owner)))).flat(), cursor: page.cursor };
    },
    async notesOf(conversation) {
      const key = await keys.of(conversation);
      if (key === undefined) return [];
      const { items } = await store.find({ kind: 'note', index: 'byConversation', where: [conversation], order: 'down', limit: MOST_NOTES });
      return items.map((stored) => noteOf(stored, key)).toReversed();
    },
    async visitorOf(conversation) {
      const body = (await store.get('conversation', conversation))?.body;
      if (body?.site === undefined || body.isErased || body.deletedAt !== null) return undefined;
      return { visitor: body.owner as UserId, site: body.site as SiteId, isAnswered: body.handoff === 'joined' };
    },
    async ofSite(site, { handoff, upTo } = {}) {
      const rows: VisitorRow[] = [];
      let after: string | undefined;
      let reached: number | null = null;
      for (let pages = 0; pages < MOST_PAGES && rows.length < PAGE; pages++) {
        const page = await store.find({ kind: 'conversation', index: 'bySite', where: [site], ...(upTo !== undefined && { to: upTo }), order: 'down', limit: PAGE, after });
        for (const stored of page.items) {
          const row = handoff === undefined || stored.body.handoff === handoff ? await visitorRowOf(stored) : undefined;
          if (row !== undefined) rows.push(row);
        }
        if (page.cursor === null) return { rows, reached: null };
        after = page.cursor;
        reached = page.items.at(-1)?.body.updatedAt ?? reached;
      }
      return { rows, reached };
    },
    async markRead(owner, conversation, at) {
      const before = await readAtOf(owner, conversation);
      if (before < at) await store.commit([{ do: 'put', kind: 'read-marker', id: markerId(owner, conversation), body: { owner, at } }], UNFENCED);
      return before;
    },
  };
}

