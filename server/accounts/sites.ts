import { randomBytes } from 'node:crypto';
import { Failure } from '../../contracts/failures.ts';
import type { SiteId } from '../../contracts/ids.ts';
import { LANGUAGES } from '../../contracts/languages.ts';
import type { Actor, AuditRecord } from '../../contracts/records.ts';
import type { Site, SiteKey, SiteSettings } from '../../contracts/sites.ts';
import type { Clock } from '../clock.ts';
import { newId } from '../ids.ts';
import { allowsOrigin } from './origins.ts';
import type { Audit } from '../journal/audit.ts';
import type { Keys } from '../journal/keys.ts';
import { open, seal, type Key } from '../journal/seal.ts';
import type { Kinds } from '../store/kinds.ts';
import { isConflict, unread } from '../store/refused.ts';
import type { Change, Store, Stored } from '../store/store.ts';

/** A site with what its own server signs with. */
export interface KnownSite extends Site {
  /** Raised by whatever ends visits that have begun: a visit of another one counts no more. */
  readonly generation: number;
  readonly secrets: readonly (SiteKey & { readonly key: string })[];
}

/** The sites that embed the chat: every change with its audit record in one commit. */
export interface Sites {
  list(): Promise<KnownSite[]>;
  /** As it was at most a second ago; `undefined` when it is not there. */
  find(site: SiteId): Promise<KnownSite | undefined>;
  /** Whether pages of this origin may show the chat of any site that is open; as it was at most a second ago. */
  allow(origin: string): Promise<boolean>;
  /** Throws `too-large` beyond 1,000: those are looked through whenever a page comes. */
  make(settings: SiteSettings, actor: Actor): Promise<KnownSite>;
  /** Throws `not-found`. Closing a site ends its visits. */
  change(site: SiteId, change: { settings?: Partial<SiteSettings> | undefined; isLive?: boolean | undefined }, actor: Actor): Promise<KnownSite>;
  remove(site: SiteId, actor: Actor): Promise<void>;
  /** Somebody else has changed it: what was read before does not count. */
  forget(site: SiteId): void;
  /** Throws `queue-full` beyond three. */
  makeKey(site: SiteId, actor: Actor): Promise<SiteKey & { key: string }>;
  /** Ends the site's visits: which of them began with the key is not known. */
  removeKey(site: SiteId, key: string, actor: Actor): Promise<void>;
}

const TRUSTED_MS = 1_000;
const MOST_SITES = 1_000;
const MOST_KEYS = 3;
/** Bytes of a signing key, as HS256 asks for at least (RFC 7518, 3.2). */
const KEY_BYTES = 32;

/** Of sites that were made before these could be set. */
const SINCE: Pick<SiteSettings, 'handoff' | 'answers' | 'theme' | 'languages' | 'challenge' | 'tellsText'> = { handoff: false, answers: [], theme: 'host', languages: [...LANGUAGES], challenge: false, tellsText: false };

type Content = Pick<KnownSite, 'settings' | 'secrets'>;

/** How sites are read, and written as documents. */
function openKept(store: Store, keys: Keys, clock: Clock) {
  const cache = new Map<SiteId, { found: Promise<KnownSite | undefined>; until: number }>();
  const keyOf = async (site: SiteId): Promise<Key> => {
    const key = await keys.of(siteKey(site));
    if (key === undefined) throw new Failure('not-found');
    return key;
  };
  const opened = async ({ id, body }: Stored<'site'>): Promise<KnownSite> => {
    const site = id as SiteId;
    const { settings, secrets } = open<Content>(body.sealed, await keyOf(site), `site:${site}`);
    return withSecrets({ id: site, createdAt: body.createdAt, isLive: body.isLive, generation: body.generation, settings: { ...SINCE, ...settings }, secrets: [], keys: [] }, secrets);
  };
  const read = async (site: SiteId): Promise<KnownSite | undefined> => {
    const stored = await store.get('site', site).catch(unread);
    return stored && opened(stored);
  };
  return {
    keyOf,
    opened,
    read,
    forget: (site: SiteId) => void cache.delete(site),
    find(site: SiteId): Promise<KnownSite | undefined> {
      const known = cache.get(site);
      if (known !== undefined && known.until > clock.now()) return known.found;
      const found = read(site);
      cache.set(site, { found, until: clock.now() + TRUSTED_MS });
      if (cache.size > MOST_SITES) cache.delete(cache.keys().next().value as SiteId);
      found.then((one) => one === undefined && cache.delete(site), () => cache.delete(site)); // names that are made up are not remembered
      return found;
    },
  };
}

function bodyOf(site: KnownSite, key: Key): Kinds['site'] {
  const content: Content = { settings: site.settings, secrets: site.secrets };
  return { createdAt: site.createdAt, isLive: site.isLive, generation: site.generation, sealed: seal(content, key, `site:${site.id}`) };
}

/** Throws `too-large` where there are as many sites as there may be. */
async function checkRoom(store: Store): Promise<void> {
  const { items } = await store.find({ kind: 'site', index: 'byAge', where: [], limit: MOST_SITES }).catch(unread);
  if (items.length >= MOST_SITES) throw new Failure('too-large', { detail: `A deployment has at most ${MOST_SITES} sites. Remove one first.` });
}

/** What of these settings is another one than before, and what that was. */
function changeIn(before: SiteSettings, wanted: Partial<SiteSettings>): { change: Partial<SiteSettings>; was: Partial<SiteSettings> } {
  const names = (Object.keys(wanted) as (keyof SiteSettings)[]).filter((name) => wanted[name] !== undefined && JSON.stringify(wanted[name]) !== JSON.stringify(before[name]));
  const only = (settings: Partial<SiteSettings>): Partial<SiteSettings> => Object.fromEntries(names.map((name) => [name, settings[name]]));
  return { change: only(wanted), was: only(before) };
}

/** Sites that are kept in this store, what was read remembered for a second. */
export function openSites(store: Store, keys: Keys, audit: Audit, clock: Clock): Sites {
  let listed: { sites: Promise<KnownSite[]>; until: number } | undefined;
  const { keyOf, opened, read, find, forget } = openKept(store, keys, clock);
  const list = async (): Promise<KnownSite[]> => {
    const { items } = await store.find({ kind: 'site', index: 'byAge', where: [], order: 'down', limit: MOST_SITES }).catch(unread);
    return Promise.all(items.map(opened));
  };
  const forgetAll = (site: SiteId): void => {
    forget(site);
    listed = undefined;
  };
  /** Tries again when somebody else has changed it at the same time. */
  const changed = async (site: SiteId, actor: Actor, plan: (site: KnownSite) => { after: KnownSite; said: AuditRecord } | undefined): Promise<KnownSite> => {
    for (;;) {
      const stored = await store.get('site', site);
      if (stored === undefined) throw new Failure('not-found');
      const before = await opened(stored);
      const planned = plan(before);
      if (planned === undefined) return before;
      const change: Change = { do: 'put', kind: 'site', id: site, version: stored.version, body: bodyOf(planned.after, await keyOf(site)) };
      try {
        await audit.commit([change], planned.said, actor, { id: siteKey(site) });
        forgetAll(site);
        return planned.after;
      } catch (error) {
        if (!isConflict(error)) throw error;
      }
    }
  };
  return {
    list,
    forget: forgetAll,
    async allow(origin) {
      if (listed === undefined || listed.until <= clock.now()) listed = { sites: list(), until: clock.now() + TRUSTED_MS };
      const { sites } = listed;
      sites.catch(() => (listed = undefined));
      return (await sites).some(({ isLive, settings }) => isLive && allowsOrigin(settings.origins, origin));
    },
    find,
    async make(settings, actor) {
      await checkRoom(store);
      const id = `site_${newId()}` as SiteId;
      const made = keys.make(siteKey(id), id);
      const site: KnownSite = { id, createdAt: clock.now(), isLive: true, generation: 1, settings, secrets: [], keys: [] };
      await audit.commit([made.change, { do: 'add', kind: 'site', id, body: bodyOf(site, made.key) }], { type: 'site-made', v: 1, site: id, settings }, actor, { id: siteKey(id), fresh: made.key });
      listed = undefined;
      return site;
    },
    change: (site, { settings = {}, isLive }, actor) =>
      changed(site, actor, (before) => {
        const { change, was } = changeIn(before.settings, settings);
        const turns = isLive !== undefined && isLive !== before.isLive;
        if (!turns && Object.keys(change).length === 0) return undefined;
        const ends = (turns && !isLive) || change.origins !== undefined;
        const after = { ...before, settings: { ...before.settings, ...change }, isLive: isLive ?? before.isLive, generation: before.generation + (ends ? 1 : 0) };
        return { after, said: { type: 'site-changed', v: 1, site, change, before: was, ...(turns && { isLive }) } };
      }),
    async remove(site, actor) {
      const known = await read(site);
      if (known === undefined) throw new Failure('not-found');
      await audit.commit([{ do: 'remove', kind: 'site', id: site }], { type: 'site-removed', v: 1, site, name: known.settings.name }, actor, { id: siteKey(site) });
      forgetAll(site);
    },
    async makeKey(site, actor) {
      const made = { id: newId(), createdAt: clock.now(), key: randomBytes(KEY_BYTES).toString('base64url') };
      await changed(site, actor, (before) => {
        if (before.secrets.length >= MOST_KEYS) throw new Failure('queue-full', { detail: `A site has at most ${MOST_KEYS} keys. Remove one first.` });
        return { after: withSecrets(before, [...before.secrets, made]), said: { type: 'site-key-made', v: 1, site, key: made.id } };
      });
      return made;
    },
    async removeKey(site, key, actor) {
      await changed(site, actor, (before) => {
        const left = before.secrets.filter(({ id }) => id !== key);
        if (left.length === before.secrets.length) throw new Failure('not-found');
        return { after: { ...withSecrets(before, left), generation: before.generation + 1 }, said: { type: 'site-key-removed', v: 1, site, key } };
      });
    },
  };
}

function withSecrets(site: KnownSite, secrets: KnownSite['secrets']): KnownSite {
  return { ...site, secrets, keys: secrets.map(({ id, createdAt }) => ({ id, createdAt })) };
}

/** The key that what concerns a site is under. */
export function siteKey(site: SiteId): string {
  return `site:${site}`;
}
