import type { Case, HoldScope } from '../../../contracts/cases.ts';
import type { CommandId, ConversationId, FileId, MessageId, ModelId, SiteId, UserId } from '../../../contracts/ids.ts';
import type { Actor } from '../../../contracts/records.ts';
import { siteModel } from '../../../contracts/site-model.ts';
import { openCases } from '../../../server/accounts/cases.ts';
import { openKnownVisitors } from '../../../server/accounts/known-visitors.ts';
import { openRemoval } from '../../../server/accounts/removal.ts';
import { openSessions } from '../../../server/accounts/sessions.ts';
import { siteKey } from '../../../server/accounts/sites.ts';
import { memoryBus } from '../../../server/bus/memory.ts';
import { Directory } from '../../../server/conversations/directory.ts';
import { DraftTick } from '../../../server/conversations/draft-tick.ts';
import { openExpiring } from '../../../server/conversations/expiring.ts';
import { openFiles } from '../../../server/conversations/files.ts';
import { KEPT, type Retention } from '../../../server/conversations/retention.ts';
import { openErasing } from '../../../server/conversations/erasing.ts';
import { removeUnsent } from '../../../server/conversations/sweep.ts';
import { newId } from '../../../server/ids.ts';
import { DEPLOYMENT, openAudit } from '../../../server/journal/audit.ts';
import { ITSELF } from '../../../server/journal/journal.ts';
import { openKeys, personKey } from '../../../server/journal/keys.ts';
import { newKey } from '../../../server/journal/seal.ts';
import { UNCOUNTED } from '../../../server/observe/metrics.ts';
import { openCatalog } from '../../../server/providers/catalog.ts';
import type { Store } from '../../../server/store/store.ts';
import { PIXEL } from '../../support/pixel.ts';
import { DEMO } from '../../support/tab.ts';
import { newSchedule, type Schedule } from './schedule.ts';

const DAY_MS = 24 * 3_600_000;
export const RESTORE_MS = 10_000;
/** What nobody touches for a month is deleted. */
const RETENTION: Retention = { ...KEPT, ordinary: { keepDays: 0, deleteAfterDays: 30 } };
const MASTER = newKey();
const REVIEWER = { user: newId<UserId>(), session: null, address: '', agent: '' };

/** What the product does about holds and erasure, on a store in which every order of its steps can be had. Time goes on only when it is told to. */
export interface World {
  readonly schedule: Schedule;
  readonly store: Store;
  readonly clock: { at: number; now(): number };
  /** What went wrong that nobody is told of otherwise. */
  readonly failed: unknown[];
  hold(opened: Case, of: HoldScope['of'], range?: Partial<HoldScope>): Promise<string>;
  release(opened: Case, hold: string): Promise<unknown>;
  openCase(): Promise<Case>;
  close(opened: Case): Promise<unknown>;
  newPerson(): Promise<UserId>;
  newSite(): Promise<SiteId>;
  know(site: SiteId, visitor: UserId, user: UserId): Promise<unknown>;
  begin(owner: UserId): Promise<ConversationId>;
  addFile(owner: UserId, site?: SiteId): Promise<ConversationId>;
  ask(owner: UserId, conversation: ConversationId, what: 'delete' | 'restore' | 'send'): Promise<unknown>;
  erase(): Promise<void>;
  removeUnsent(): Promise<void>;
  expire(): Promise<void>;
  removePerson(user: UserId): Promise<void>;
  goOn(): Promise<void>;
  end(): Promise<void>;
}

export async function newWorld(given: Store, isRead = false): Promise<World> {
  const schedule = newSchedule(given, isRead);
  const { store } = schedule;
  const clock = { at: 1_700_000_000_000, now: () => clock.at };
  const keys = openKeys(store, MASTER);
  const audit = openAudit(store, keys, clock);
  await audit.commit([], { type: 'audit-read', v: 1, query: {} }, ITSELF, DEPLOYMENT); // as with the first record of any start, the key is there that certificates are under
  const bus = memoryBus();
  const failed: unknown[] = [];
  const warn = (error: unknown): void => void failed.push(error);
  const titled = new Map<string, () => void>();
  const catalog = openCatalog([], { demoWordsPerSecond: 100_000, siteModel: () => Promise.resolve(undefined) });
  const world = {
    store, tick: new DraftTick(store, bus), catalog, files: openFiles(store, keys, { now: () => clock.at, restoreMs: RESTORE_MS }), clock, metrics: UNCOUNTED, isBehind: () => false, keyOf: () => () => Promise.resolve(undefined),
    restoreMs: RESTORE_MS, epochsAfter: 0, retention: RETENTION, showsHolds: false, certifying: async () => ({ id: DEPLOYMENT.id, key: (await keys.of(DEPLOYMENT.id))! }), costOf: () => undefined, forgetKey: (id: string) => keys.forget(id), takenOver: () => undefined, warn,
  };
  const directory = new Directory(world, bus, keys, { isWatched: () => false, onRow: (live) => void (live.view.conversation.titledBy === 'model' && titled.get(live.id)?.()) });
  const erases = openErasing(store, directory, clock, (_, work) => work.then(() => true, (error: unknown) => (warn(error), false)));
  const cases = openCases(store, keys, audit, clock);
  const known = openKnownVisitors(store, keys, audit, clock);
  const sessions = openSessions(store, audit, clock);
  const removal = openRemoval({ store, keys, audit, clock, sessions, ended: () => undefined, deleteFor: (conversation, owner) => directory.deleteFor({ because: 'person-removed' }, conversation as ConversationId, owner) });
  const actorOf = (user: UserId): Actor & { user: UserId } => ({ user, session: null, address: '', agent: '' });
  const send = (owner: UserId, conversation: ConversationId) => directory.command({ type: 'turn.send', commandId: newId<CommandId>(), conversation, message: newId<MessageId>(), parent: null, text: 'Hello', files: [], model: DEMO, mode: 'queue' }, actorOf(owner));
  return {
    schedule, store, clock, failed,
    async hold(opened, of, range = {}) {
      const from = of.type === 'everybody' ? 0 : null; // everybody is held between dates alone
      const { holds } = await cases.hold(opened.id, { of, from, to: null, ...range }, 'Named in the letter', REVIEWER);
      return holds.at(-1)!.id;
    },
    release: (opened, hold) => cases.release(opened.id, hold, 'Settled', REVIEWER),
    openCase: () => cases.open('Roe v. Kiln', 'Letter', REVIEWER),
    close: (opened) => cases.close(opened.id, 'Settled', REVIEWER),
    async newPerson() {
      const user = newId<UserId>();
      const { key, change } = keys.make(personKey(user), user);
      const body = { email: `${user}@example.org`, role: 'member', createdAt: clock.at, passwordHash: '', sealed: '' } as const;
      await audit.commit([change, { do: 'add', kind: 'user', id: user, body }, { do: 'add', kind: 'address', id: body.email, body: { user } }], { type: 'account-made', v: 1, user, email: body.email, role: 'member' }, ITSELF, { id: personKey(user), fresh: key });
      return user;
    },
    async newSite() {
      const site = newId<SiteId>();
      const { key, change } = keys.make(siteKey(site), site);
      await audit.commit([change], { type: 'audit-read', v: 1, query: {} }, ITSELF, { id: siteKey(site), fresh: key });
      return site;
    },
    know: (site, visitor, user) => known.know(site, visitor, user, ITSELF),
    async begin(owner) {
      const conversation = newId<ConversationId>();
      const done = new Promise<void>((resolve) => titled.set(conversation, resolve));
      await send(owner, conversation);
      await done;
      titled.delete(conversation);
      return conversation;
    },
    async addFile(owner, site) {
      const conversation = newId<ConversationId>();
      await directory.addFile(conversation, site === undefined ? ('demo/demo' as ModelId) : siteModel(site), { id: newId<FileId>(), name: 'a.png', bytes: PIXEL }, actorOf(owner));
      return conversation;
    },
    ask: (owner, conversation, what) => (what === 'send' ? send(owner, conversation) : directory.command({ type: `conversation.${what}`, commandId: newId<CommandId>(), conversation }, actorOf(owner))),
    async erase() {
      const began = clock.at;
      await erases();
      await directory.conceal(began);
    },
    removeUnsent: () => removeUnsent(store, directory, clock, warn),
    expire: () => openExpiring(store, directory, clock, RETENTION, warn)(),
    removePerson: (user) => removal.remove(user, ITSELF),
    goOn: () => removal.goOn(),
    end: () => directory.close(),
  };
}

/** Long enough for anything that is due at all. */
export const LATER_MS = 40 * DAY_MS;
