import { SignJWT } from 'jose';
import { siteModel } from '../../contracts/site-model.ts';
import type { Site, SiteKey, SiteSettings, Solution, Visit } from '../../contracts/sites.ts';
import type { SiteId } from '../../contracts/ids.ts';
import { LANGUAGES } from '../../contracts/languages.ts';
import { DEMO, Tab, type Account } from './tab.ts';

/** Where the pages of the site in tests stand. */
export const SHOP = 'https://shop.example.org';

export const SITE: SiteSettings = {
  name: 'Kite & Kiln shop', origins: [SHOP], model: DEMO, instructions: 'You sell coffee.', title: 'Ask Kite & Kiln', greeting: 'Hello! What would you like to know?',
  starters: ['Where is my order?', 'Which coffee for filter?'], accent: null, theme: 'host', languages: [...LANGUAGES], uploads: false, handoff: true, answers: ['I look for it.'], limits: { visitor: 1_000, address: 10_000, site: 100_000 }, challenge: false, hours: '', tellsText: false,
  privacy: { note: 'You are writing with an AI. It can be wrong.', address: '', asks: false },
};

async function ask<T>(account: Account, method: string, path: string, body?: object): Promise<T> {
  const headers = { origin: account.url, cookie: account.cookie, ...(body && { 'content-type': 'application/json' }) };
  const reply = await fetch(account.url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  if (!reply.ok) throw new Error(`${reply.status} ${await reply.text()}`);
  return (await reply.json()) as T;
}

/** A site, made by an admin. */
export function newSite(admin: Account, settings: Partial<SiteSettings> = {}): Promise<Site> {
  return ask(admin, 'POST', '/api/sites', { ...SITE, ...settings });
}

export function changeSite(admin: Account, site: SiteId, change: { settings?: Partial<SiteSettings>; isLive?: boolean }): Promise<Site> {
  return ask(admin, 'PUT', `/api/sites/${site}`, change);
}

export function newSiteKey(admin: Account, site: SiteId): Promise<SiteKey & { key: string }> {
  return ask(admin, 'POST', `/api/sites/${site}/keys`);
}

type AskedVisit = { keep?: string; identity?: string; solution?: Solution; page?: string; unsettled?: boolean };

/** What a page asks for its visitor. */
export function askVisit(url: string, site: SiteId, body: AskedVisit = {}, origin = url): Promise<Response> {
  return fetch(`${url}/api/widget/${site}/visit`, { method: 'POST', headers: { origin, 'content-type': 'application/json' }, body: JSON.stringify(body) });
}

export async function visit(url: string, site: SiteId, body: AskedVisit = {}, origin = url): Promise<Visit> {
  const reply = await askVisit(url, site, body, origin);
  if (!reply.ok) throw new Error(`${reply.status} ${await reply.text()}`);
  return (await reply.json()) as Visit;
}

/** A tab of a visitor on a page of this origin. */
export function newVisitorTab(url: string, site: SiteId, { visitor, token }: Visit, origin = SHOP): Tab {
  const person = { id: visitor, email: '', name: '', role: 'member' as const };
  return new Tab({ url, cookie: '', person }, url, origin, { token, model: siteModel(site) });
}

/** Who a site's server says somebody is, signed with a key of the site. */
export const newIdentity = (key: string, claims: { sub?: string; name?: string; exp?: string | number; aud?: string; attributes?: unknown } = {}, alg = 'HS256'): Promise<string> => {
  const { sub = 'customer-7', exp = '5m', aud, name = 'Elin Berg', attributes } = claims;
  const jwt = new SignJWT({ name, ...(attributes !== undefined && { attributes }) }).setProtectedHeader({ alg }).setSubject(sub).setExpirationTime(exp);
  return (aud === undefined ? jwt : jwt.setAudience(aud)).sign(Buffer.from(key, 'base64url'));
};
