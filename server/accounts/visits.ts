import { createHmac } from 'node:crypto';
import { SignJWT, type JWTPayload } from 'jose';
import { Failure } from '../../contracts/failures.ts';
import type { SiteId, UserId } from '../../contracts/ids.ts';
import type { Actor } from '../../contracts/records.ts';
import type { BlockedVisitor, Solution } from '../../contracts/sites.ts';
import { Attributes } from '../../contracts/vouched.ts';
import type { Clock } from '../clock.ts';
import { newId } from '../ids.ts';
import { DEPLOYMENT, type Audit } from '../journal/audit.ts';
import type { Keys } from '../journal/keys.ts';
import type { Change, Store } from '../store/store.ts';
import type { Challenges } from './challenges.ts';
import type { KnownVisitors } from './known-visitors.ts';
import { openSigningKey, verified } from './signing-key.ts';
import type { KnownSite } from './sites.ts';

/** How long a visitor's token may be used before the page has to renew it. */
export const VISIT_MS = 10 * 60_000;
/** How long somebody who comes back is known again. */
const KEPT_MS = 30 * 24 * 3_600_000;
/** A site's server and this one need not have the same time to the second. */
const SKEW_S = 60;
const LONGEST_IDENTITY_S = 24 * 3_600;
/** Of the site's name for its user; what is longer is no name. */
const SUBJECT_CHARACTERS = 200;
const NAME_CHARACTERS = 100;
/** Of those who are kept out of a site, as many are told. */
const MOST_BLOCKED = 200;

/** Somebody on a site's page. Holds for pages of this origin, until then, and while the site stays of this generation. */
export interface Visitor {
  readonly id: UserId;
  readonly site: SiteId;
  readonly origin: string;
  /** The page that shows the chat, which the site has to allow as long as this is used: of a frame not `origin`, which is the deployment's own. Absent where the deployment's own page stands alone. */
  readonly page?: string;
  readonly generation: number;
  /** Of a user whom the site vouches for: under which name it knows them, what to call them, and what else it tells. */
  readonly subject?: string;
  readonly name?: string;
  readonly attributes?: Attributes;
  readonly expiresAt: number;
}

/** As whom a visitor goes on record. */
export function namesOf({ id, site, subject, name, attributes }: Pick<Visitor, 'id' | 'site' | 'subject' | 'name' | 'attributes'>): Pick<Actor, 'site' | 'subject' | 'vouched'> & { readonly user: UserId } {
  return { user: id, site, ...(subject !== undefined && { subject, vouched: { ...(name !== undefined && { name }), ...(attributes && { attributes }) } }) };
}

/** Tokens of visitors: signed, short-lived, bound to a site, its generation and an origin. Nothing of them is stored. */
export interface Visits {
  /**
   * For an origin that the site allows. `identity`: a JWT of the site; `keep`: of an earlier visit. Throws `identity-refused`, and `site-closed` for who is blocked; a `keep` that holds no more begins a
   * new visitor, which takes a `solution` where the site asks for one (`challenge-needed`). With both, `was` is the anonymous visitor that the user was;
   * who has begun something, or may have (`unsettled`), is on record as that user from now on: `isKnown`, and their conversations are the caller's to give, their connections the caller's to end. Throws `record-unavailable` when that could not be put on record; then nothing has happened.
   */
  begin(site: KnownSite, origin: string, asked: AskedVisit, actor: Actor): Promise<Begun>;
  /** Whether somebody may still write: not who is blocked, nor under the name that was theirs before the site said who they are. */
  mayCome(visitor: UserId): Promise<boolean>;
  /** Keeps a visitor out of a site from now on, or lets them in again; the connections that are open are the caller's to end. */
  block(site: SiteId, visitor: UserId, isBlocked: boolean, actor: Actor): Promise<void>;
  isBlocked(visitor: UserId): Promise<boolean>;
  /** Who is kept out of a site, the latest 200 first. */
  blockedOf(site: SiteId): Promise<BlockedVisitor[]>;
  /** `undefined` unless the token was made here and has not run out. Whether its site still has that generation is for the caller to see. */
  read(token: string): Promise<Visitor | undefined>;
}

/** What a page brings. */
export interface AskedVisit {
  readonly keep?: string | undefined;
  readonly identity?: string | undefined;
  readonly solution?: Solution | undefined;
  /** The page that shows the chat, as in `Visitor`. */
  readonly page?: string | undefined;
  /** Something that the visitor of `keep` sent has no answer yet. */
  readonly unsettled?: boolean | undefined;
}

export interface Begun {
  readonly visitor: Visitor;
  readonly token: string;
  readonly keep: string;
  readonly was?: UserId | undefined;
  readonly isKnown: boolean;
}

type Use = 'visit' | 'keep';

/** What has to be known of visitors beside their tokens. */
export interface VisitsWorld {
  readonly knownVisitors: KnownVisitors;
  readonly challenges: Challenges;
}

/** Visits, signed with a key of the deployment that the first of them makes. */
export function openVisits(store: Store, keys: Keys, audit: Audit, clock: Clock, { knownVisitors, challenges }: VisitsWorld): Visits {
  const secret = openSigningKey(store, keys, 'visits');
  const sign = async (visitor: Visitor, use: Use): Promise<string> => {
    const { id, site, origin, page, generation, subject, name, attributes, expiresAt } = visitor;
    const claims = { site, gen: generation, use, ...(page !== undefined && { page }), ...(subject !== undefined && { as: subject }), ...(name !== undefined && { name }), ...(attributes && { attributes }) };
    return new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).setSubject(id).setAudience(origin).setExpirationTime(Math.floor(expiresAt / 1_000)).sign(await secret());
  };
  const read = async (token: string, use: Use): Promise<Visitor | undefined> => {
    const payload = await verified(token, [await secret()], { currentDate: new Date(clock.now()) });
    return payload !== undefined && payload['use'] === use ? visitorOf(payload) : undefined;
  };
  const identityOf = async (site: KnownSite, identity: string): Promise<Pick<Visitor, 'id' | 'subject' | 'name' | 'attributes'> & { until: number }> => {
    const now = clock.now();
    const payload = await verified(identity, site.secrets.map(({ key }) => Buffer.from(key, 'base64url')), { currentDate: new Date(now), clockTolerance: SKEW_S });
    const { sub, exp, aud, name, attributes } = payload ?? {};
    const isWhole = typeof sub === 'string' && sub !== '' && sub.length <= SUBJECT_CHARACTERS && exp !== undefined && exp - now / 1_000 <= LONGEST_IDENTITY_S + SKEW_S;
    if (!isWhole || (aud !== undefined && ![aud].flat().includes(site.id))) throw new Failure('identity-refused');
    const told = attributesOf(attributes);
    const id = createHmac('sha256', await secret()).update(`visitor\n${site.id}\n${sub}`).digest('base64url').slice(0, 22) as UserId;
    // Whose clock is behind is believed for as long as the clocks may differ.
    const until = exp * 1_000 > now ? exp * 1_000 : now + SKEW_S * 1_000;
    return { id, subject: sub.toWellFormed(), ...(typeof name === 'string' && { name: name.slice(0, NAME_CHARACTERS).toWellFormed() }), ...(told && { attributes: told }), until };
  };
  const isOut = async (visitor: UserId): Promise<boolean> => (await store.get('blocked', visitor)) !== undefined;
  /** Somebody anonymous whom a `keep` of this site and origin stands for. */
  const anonymousOf = async (site: SiteId, origin: string, keep: string | undefined): Promise<UserId | undefined> => {
    const before = keep === undefined ? undefined : await read(keep, 'keep');
    return before?.site === site && before.origin === origin && before.subject === undefined ? before.id : undefined;
  };
  /** Whether this anonymous visitor may be that user: nothing comes over from who is blocked, or turned out to be somebody else. */
  const mayBe = async (visitor: UserId, user: UserId): Promise<boolean> => !(await isOut(visitor)) && [undefined, user].includes(await knownVisitors.of(visitor));
  const hasBegun = async (visitor: UserId): Promise<boolean> => (await store.find({ kind: 'conversation', index: 'byOwner', where: [visitor, false], limit: 1 })).items.length > 0;
  /** Puts on record that they are the same where there is, or may be, something to go over: of who has begun nothing, nothing is known. */
  const become = async (site: SiteId, visitor: UserId, user: UserId, asked: AskedVisit, actor: Actor): Promise<Pick<Begun, 'was' | 'isKnown'>> => {
    if (!(await mayBe(visitor, user))) return { isKnown: false };
    if (asked.unsettled !== true && !(await hasBegun(visitor))) return { was: visitor, isKnown: false };
    const isKnown = (await knownVisitors.know(site, visitor, user, actor)) === user;
    return { isKnown, ...(isKnown && { was: visitor }) };
  };
  const newVisitor = async ({ id, settings }: KnownSite, origin: string, solution: Solution | undefined): Promise<UserId> => {
    if (settings.challenge) await challenges.take(id, origin, solution);
    return newId<UserId>();
  };
  return {
    read: (token) => read(token, 'visit'),
    mayCome: async (visitor) => !(await isOut(visitor)) && (await knownVisitors.of(visitor)) === undefined,
    isBlocked: isOut,
    async blockedOf(site) {
      const { items } = await store.find({ kind: 'blocked', index: 'bySite', where: [site], order: 'down', limit: MOST_BLOCKED });
      return items.map(({ id, body: { at } }) => ({ visitor: id as UserId, at }));
    },
    async block(site, visitor, isBlocked, actor) {
      const there = await store.get('blocked', visitor);
      if ((there !== undefined) === isBlocked) return;
      if (there !== undefined && there.body.site !== site) throw new Failure('not-found');
      const change: Change = isBlocked ? { do: 'put', kind: 'blocked', id: visitor, body: { site, at: clock.now() } } : { do: 'remove', kind: 'blocked', id: visitor };
      await audit.commit([change], { type: 'visitor-blocked', v: 1, site, visitor, isBlocked }, actor, DEPLOYMENT);
    },
    async begin(site, origin, asked, actor) {
      const { id: siteId, generation } = site;
      const now = clock.now();
      const known = asked.identity === undefined ? undefined : await identityOf(site, asked.identity);
      const before = await anonymousOf(siteId, origin, asked.keep);
      const { until = Number.POSITIVE_INFINITY, ...who } = known ?? { id: before !== undefined && (await knownVisitors.of(before)) === undefined ? before : await newVisitor(site, origin, asked.solution) };
      if (await isOut(who.id)) throw new Failure('site-closed');
      const by: Actor = { ...actor, ...namesOf({ ...who, site: siteId }) };
      const became = known !== undefined && before !== undefined ? await become(siteId, before, known.id, asked, by) : { isKnown: false };
      const visitor: Visitor = { site: siteId, origin, ...(asked.page !== undefined && { page: asked.page }), generation, ...who, expiresAt: Math.min(now + VISIT_MS, until) };
      return { visitor, ...became, token: await sign(visitor, 'visit'), keep: await sign({ ...visitor, expiresAt: now + KEPT_MS }, 'keep') };
    },
  };
}

/** Numbers and truth values are as good as the words for them. Throws `identity-refused` for what cannot be shown. */
function attributesOf(told: unknown): Attributes | undefined {
  if (told === undefined) return undefined;
  const isMap = typeof told === 'object' && told !== null && !Array.isArray(told);
  const asWords = isMap ? Object.fromEntries(Object.entries(told).map(([name, value]: [string, unknown]) => [name, typeof value === 'number' || typeof value === 'boolean' ? String(value) : value])) : told;
  const read = Attributes.safeParse(asWords);
  if (!read.success) throw new Failure('identity-refused', { detail: '`attributes` has to be an object of at most 20 short texts.' });
  return Object.keys(read.data).length === 0 ? undefined : read.data;
}

function visitorOf({ sub, aud, exp = 0, ...claims }: JWTPayload): Visitor {
  const { site, gen, page, as, name, attributes } = claims as { site: SiteId; gen: number; page?: string; as?: string; name?: string; attributes?: Attributes };
  return { id: sub as UserId, site, origin: String(aud), ...(page !== undefined && { page }), generation: gen, ...(as !== undefined && { subject: as }), ...(name !== undefined && { name }), ...(attributes && { attributes }), expiresAt: exp * 1_000 };
}
