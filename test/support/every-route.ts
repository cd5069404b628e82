import type { Case, HoldScope } from '../../contracts/cases.ts';
import type { CaseAccess } from '../../contracts/access.ts';
import type { CaseExport } from '../../contracts/exports.ts';
import type { ConversationId, FileId } from '../../contracts/ids.ts';
import { ROUTES, type RouteName } from '../../contracts/routes.ts';
import type { Config } from '../../server/config.ts';
import { newId } from '../../server/ids.ts';
import { chosen, order, until, wantedOf } from './packages.ts';
import { PIXEL } from './pixel.ts';
import { ask, give, hold, openCase } from './reviewer.ts';
import { newSite, SITE } from './site.ts';
import { newAccount, type Account } from './tab.ts';

export type CoveredRoute = { [N in RouteName]: (typeof ROUTES)[N]['covered'] extends true ? N : never }[RouteName];
export type OpenRoute = Exclude<RouteName, CoveredRoute>;

/** How a route is asked; by an administrator, unless by somebody else. */
export interface Request {
  readonly by?: Account;
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly body?: object | Buffer;
  /** Of a visitor. */
  readonly token?: string;
}

/** Two reviewers with a case, and somebody whom it is about. */
interface Review {
  readonly reviewer: Account;
  readonly other: Account;
  readonly mara: Account;
  readonly opened: Case;
}

/** What requests are about: an administrator with a conversation, and a site with a visitor, who has one, too. */
export interface There {
  readonly account: Account;
  /** Of the administrator. */
  readonly conversation: ConversationId;
  /** Another sign-in of the administrator. */
  readonly session: string;
  readonly site: string;
  /** A key of the site that is not the one with which `identity` was signed. */
  readonly siteKey: string;
  readonly token: string;
  readonly keep: string;
  readonly identity: string;
  readonly visitor: string;
  readonly visited: ConversationId;
  /** An image that is nowhere yet. */
  readonly file: FileId;
}

type Example = (there: There) => Request | Promise<Request>;

/** Asks as the contract says. */
export function request({ account }: Pick<There, 'account'>, name: RouteName, { by = account, params = {}, query = '', body, token }: Request): Promise<Response> {
  const { method, path } = ROUTES[name];
  const type: Record<string, string> = body === undefined ? {} : { 'content-type': Buffer.isBuffer(body) ? 'image/png' : 'application/json' };
  const sent = body === undefined ? {} : { body: Buffer.isBuffer(body) ? new Uint8Array(body) : JSON.stringify(body) };
  const filled = path.replaceAll(/:(\w+)|\*/gu, (whole, param: string | undefined) => params[param ?? whole] ?? '');
  return fetch(by.url + filled + query, { method, headers: { origin: by.url, cookie: by.cookie, ...type, ...(token !== undefined && { authorization: `Bearer ${token}` }) }, ...sent });
}

async function review({ account }: There): Promise<Review> {
  const [reviewer, other, mara] = await Promise.all(['reviewer', 'other', 'mara.the.other'].map((name) => newAccount(account.url, `${name}@example.org`)) as [Promise<Account>, Promise<Account>, Promise<Account>]);
  await give(account, reviewer, 'reviewer');
  await give(account, other, 'reviewer');
  return { reviewer, other, mara, opened: await openCase(reviewer) };
}

const REASON = { reason: 'Named in the letter' };
const of = ({ id }: Case) => ({ case: id, ...REASON });
const somebody = async ({ account }: There): Promise<Record<string, string>> => ({ user: (await newAccount(account.url)).person.id });
const ofCase = async (there: There, body: (review: Review) => object): Promise<Request> => {
  const seen = await review(there);
  return { by: seen.reviewer, body: body(seen) };
};
const its = ({ site }: There): Request => ({ params: { site } });
const listOf = async (there: There): Promise<Request> => {
  const { reviewer, opened } = await review(there);
  return { by: reviewer, params: { case: opened.id } };
};
/** Of what a reviewer has asked for, which another one decides on, or they themselves. */
const access = async (there: There, by: 'reviewer' | 'other'): Promise<Request> => {
  const { [by]: who, reviewer, opened } = await review(there);
  const asked = await ask<CaseAccess>(reviewer, 'askAccess', {}, { ...of(opened), hours: 8 });
  return { by: who, params: { access: asked.id }, body: REASON };
};
const ordered = async (there: There, by: 'reviewer' | 'other', state: CaseExport['state']): Promise<Request> => {
  const { [by]: who, reviewer, opened } = await review(there);
  const one = await order(reviewer, opened, chosen(there.conversation));
  await until(reviewer, one, state);
  return { by: who, params: { export: one.id }, body: REASON };
};
const mustGo = async (there: There, name: CoveredRoute): Promise<void> => {
  const { status } = await request(there, name, await COVERED[name](there));
  if (status !== 200) throw new Error(`${name} was answered with ${status}`);
};

/** Every route that changes or shows what has to be on record, as it is asked: another one that has no example does not compile. What has to be there first is there when an example was made. */
export const COVERED: Readonly<Record<CoveredRoute, Example>> = {
  register: () => ({ body: { email: 'jens@example.org', password: 'correct horse', name: 'Jens' } }),
  signIn: () => ({ body: { email: 'admin@example.org', password: 'correct horse' } }),
  signOut: () => ({}),
  signOutEverywhere: () => ({}),
  signOutOthers: () => ({}),
  changePassword: () => ({ body: { current: 'correct horse', password: 'another horse' } }),
  endSession: ({ session }) => ({ params: { session } }),
  people: () => ({}),
  cases: async (there) => ({ by: (await review(there)).reviewer }),
  accesses: listOf,
  exports: listOf,
  retention: () => ({}),
  blockedVisitors: its,
  settings: () => ({ body: { theme: 'dark' } }),
  rename: () => ({ body: { name: 'Mara the Second' } }),
  setKey: () => ({ params: { provider: 'local' }, body: { key: 'sk-another-0123456789', expiresInDays: 1 } }),
  removeKey: () => ({ params: { provider: 'local' } }),
  removeKeys: () => ({}),
  upload: ({ file }) => ({ params: { conversation: newId<ConversationId>() }, query: `?name=a.png&file=${file}`, body: PIXEL }),
  inbox: () => ({}),
  blockVisitor: ({ visited }) => ({ params: { conversation: visited }, body: { isBlocked: true } }),
  unblockVisitor: async (there) => (await mustGo(there, 'blockVisitor'), { params: { site: there.site, visitor: there.visitor } }),
  notes: ({ visited }) => ({ params: { conversation: visited } }),
  inboxFile: async (there) => (await mustGo(there, 'visitorUpload'), { params: { conversation: there.visited, file: there.file } }),
  makeSite: () => ({ body: { ...SITE, name: 'Another' } }),
  changeSite: ({ site }) => ({ params: { site }, body: { settings: { title: 'Ask somebody else' }, isLive: false } }),
  removeSite: its,
  makeSiteKey: its,
  removeSiteKey: ({ site, siteKey }) => ({ params: { site, key: siteKey } }),
  visit: ({ site, keep, identity }) => ({ params: { site }, body: { keep, identity } }),
  visitorUpload: ({ site, visited, file, token }) => ({ params: { site, conversation: visited }, query: `?name=a.png&file=${file}`, body: PIXEL, token }),
  auditLog: () => ({}),
  auditExport: () => ({ query: '?format=csv' }),
  auditFollow: () => ({ query: '?after=0' }),
  changeLogKey: () => ({}),
  setRole: async (there) => ({ params: await somebody(there), body: { role: 'reviewer' } }),
  removePerson: async (there) => ({ params: await somebody(there) }),
  signOutPerson: async (there) => ({ params: await somebody(there) }),
  openCase: (there) => ofCase(there, () => ({ name: 'Doe v. Kiln', ...REASON })),
  closeCase: async (there) => {
    const { reviewer, opened } = await review(there);
    return { by: reviewer, params: { case: opened.id }, body: REASON };
  },
  placeHold: async (there) => {
    const { reviewer, opened, mara } = await review(there);
    return { by: reviewer, params: { case: opened.id }, body: { scope: { of: { type: 'person', id: mara.person.id }, from: null, to: null } satisfies HoldScope, ...REASON } };
  },
  releaseHold: async (there) => {
    const { reviewer, opened, mara } = await review(there);
    const { holds: [placed] } = await hold(reviewer, opened, { type: 'person', id: mara.person.id });
    return { by: reviewer, params: { case: opened.id, hold: placed!.id }, body: REASON };
  },
  names: (there) => ofCase(there, ({ opened }) => of(opened)),
  find: (there) => ofCase(there, ({ opened }) => ({ ...of(opened), of: [{ type: 'person', id: there.account.person.id }], from: null, to: null, models: [], words: '' })),
  readForCase: (there) => ofCase(there, ({ opened }) => ({ ...of(opened), conversation: there.conversation, at: null })),
  askAccess: (there) => ofCase(there, ({ opened }) => ({ ...of(opened), hours: 8 })),
  grantAccess: (there) => access(there, 'other'),
  refuseAccess: (there) => access(there, 'other'),
  withdrawAccess: (there) => access(there, 'reviewer'),
  orderExport: (there) => ofCase(there, ({ opened }) => wantedOf(opened, chosen(there.conversation))),
  approveExport: (there) => ordered(there, 'other', 'waiting'),
  refuseExport: (there) => ordered(there, 'other', 'waiting'),
  cancelExport: (there) => ordered(there, 'reviewer', 'ready'),
  downloadExport: (there) => ordered(there, 'reviewer', 'ready'),
};

/** Where it takes two to decide. */
export const SETTINGS: Partial<Readonly<Record<CoveredRoute, Partial<Config>>>> = { approveExport: { secondApprover: 'exports' }, refuseExport: { secondApprover: 'exports' } };

/** Why a route needs no record. */
type Shows =
  /** What is theirs who ask, and nobody else’s; and up to where they have seen it. */
  | 'their own'
  /** How the deployment and its sites are set up: nothing that anybody is or wrote. */
  | 'how it is set up'
  /** Hashes, signatures and sums. */
  | 'numbers';

/** Every other route, with what it shows: another one that is not said to be one of these does not compile. */
export const OPEN: Readonly<Record<OpenRoute, readonly [shows: Shows, example: Example]>> = {
  welcome: ['their own', () => ({})],
  sessions: ['their own', () => ({})],
  securityNotices: ['their own', () => ({})],
  seeSecurity: ['their own', () => ({ body: { upTo: 1_000 } })],
  conversations: ['their own', () => ({})],
  conversation: ['their own', ({ conversation }) => ({ params: { conversation } })],
  search: ['their own', () => ({ query: '?words=hello' })],
  models: ['their own', () => ({})],
  keys: ['their own', () => ({})],
  file: ['their own', async (there) => (await mustGo(there, 'upload'), { params: { file: there.file } })],
  visitorFile: ['their own', async (there) => {
    const file = newId<FileId>();
    await mustGo({ ...there, file }, 'visitorUpload');
    return { params: { site: there.site, file }, token: there.token };
  }],
  shownSite: ['how it is set up', its],
  challenge: ['numbers', async ({ account }) => ({ params: { site: (await newSite(account, { challenge: true })).id } })],
  sites: ['how it is set up', () => ({})],
  siteModels: ['how it is set up', () => ({})],
  siteNumbers: ['numbers', its],
  exportProgress: ['numbers', async (there) => {
    const { by, params } = await ordered(there, 'reviewer', 'ready');
    return { by, params };
  }],
  auditFeeds: ['numbers', () => ({})],
  logCheckpoint: ['numbers', () => ({})],
  logWitnesses: ['numbers', () => ({})],
  logCopies: ['numbers', () => ({})],
  masterKey: ['numbers', () => ({})],
  logInclusion: ['numbers', () => ({ query: '?chain=audit&number=1' })],
  logConsistency: ['numbers', () => ({ query: '?from=1' })],
  logTile: ['numbers', () => ({ params: { '*': '0/000.p/1' } })],
};
