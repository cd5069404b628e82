import { expect, it } from 'vitest';
import { solve } from '../../client/state/challenge.ts';
import type { SiteId } from '../../contracts/ids.ts';
import type { Challenge, Site, SiteSettings, Solution } from '../../contracts/sites.ts';
import { CHALLENGE_MS, openChallenges } from '../../server/accounts/challenges.ts';
import { openKeys } from '../../server/journal/keys.ts';
import { newKey } from '../../server/journal/seal.ts';
import type { Store } from '../../server/store/store.ts';
import { faultyStore, once } from '../support/faults.ts';
import { codeOf } from '../support/refusal.ts';
import { newServer } from '../support/server.ts';
import { askVisit, changeSite, newIdentity, newSite, newSiteKey, SHOP, visit } from '../support/site.ts';
import { newAccount } from '../support/tab.ts';

const ELSEWHERE = 'https://other.example.org';

async function newWorld(settings: Partial<SiteSettings> = { challenge: true }) {
  const held: { store?: Store } = {};
  const server = await newServer({ config: { hasDemo: true }, wrap: (store) => (held.store = store) });
  const admin = await newAccount(server.url);
  const site = await newSite(admin, { origins: [SHOP, ELSEWHERE], ...settings });
  return { server, admin, site, store: held.store as Store, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

type World = Awaited<ReturnType<typeof newWorld>>;

async function solved({ server }: World, { id }: Site, origin = SHOP): Promise<Solution> {
  const reply = await fetch(`${server.url}/api/widget/${id}/challenge`, { headers: { origin } });
  return solve((await reply.json()) as Challenge);
}

/** A nonce that is none, for the same challenge. */
function unsolved(solution: Solution): Solution {
  return { ...solution, nonce: `${solution.nonce}x` };
}

it('[SI9] where the site asks for it somebody new and anonymous has to bring work that was done, and nobody else', async () => {
  await using world = await newWorld();
  const { server, admin, site } = world;
  expect(await codeOf(askVisit(server.url, site.id, {}, SHOP))).toBe('challenge-needed');
  expect(await codeOf(askVisit(server.url, site.id, { keep: 'nonsense' }, SHOP))).toBe('challenge-needed');
  const given = await visit(server.url, site.id, { solution: await solved(world, site) }, SHOP);
  const again = await visit(server.url, site.id, { keep: given.keep }, SHOP);
  expect(again.visitor).toBe(given.visitor);
  const { key } = await newSiteKey(admin, site.id);
  expect(await codeOf(askVisit(server.url, site.id, { identity: await newIdentity(key) }, SHOP))).toBeUndefined();
  await changeSite(admin, site.id, { settings: { challenge: false } });
  expect(await codeOf(askVisit(server.url, site.id, {}, SHOP))).toBeUndefined();
});

it('[SI9] work counts once, only on its site, for pages of its origin, and unaltered', async () => {
  await using world = await newWorld();
  const { server, admin, site } = world;
  const ask = (solution: Solution, origin = SHOP, id = site.id): Promise<unknown> => codeOf(askVisit(server.url, id, { solution }, origin));
  const other = await newSite(admin, { origins: [SHOP], challenge: true });
  const mine = await solved(world, site);
  expect(await ask(unsolved(mine))).toBe('challenge-needed');
  expect(await ask(mine, ELSEWHERE)).toBe('challenge-needed');
  expect(await ask(mine, SHOP, other.id)).toBe('challenge-needed');
  expect(await ask({ ...mine, challenge: (await visit(server.url, site.id, { solution: await solved(world, site) }, SHOP)).keep })).toBe('challenge-needed');
  const answers = await Promise.all([1, 2, 3].map(() => ask(mine)));
  expect([undefined, 'challenge-needed'].map((code) => answers.filter((one) => one === code).length)).toEqual([1, 2]);
  await server.restart();
  expect(await ask(mine)).toBe('challenge-needed');
});

it('[SI9] work that comes later than two minutes counts no more, and what was used is remembered as long as it could count', async () => {
  await using world = await newWorld();
  const { store } = world;
  const clock = { at: Date.now(), now: () => clock.at }; // the server removes what could count no more by its own
  const challenges = openChallenges(store, openKeys(store, newKey()), clock as never);
  const site = 'site_shop' as SiteId;
  const take = (solution: Solution): Promise<unknown> => challenges.take(site, SHOP, solution).then(() => 'taken', (error: { code: string }) => error.code);
  const [first, second] = await Promise.all([1, 2].map(async () => solve(await challenges.give(site, SHOP)))) as [Solution, Solution];
  clock.at += CHALLENGE_MS - 2_000;
  expect(await take(first)).toBe('taken');
  await challenges.removeSpent();
  expect(await take(first)).toBe('challenge-needed');
  clock.at += 4_000;
  expect(await take(second)).toBe('challenge-needed');
  clock.at += CHALLENGE_MS;
  const spent = () => store.find({ kind: 'spent-challenge', index: 'byEnd', where: [], limit: 10 });
  expect((await spent()).items).toHaveLength(1);
  await challenges.removeSpent();
  expect((await spent()).items).toHaveLength(0);
});

it('[SI9] when it cannot be remembered that work was used nobody is let in with it', async () => {
  await using world = await newWorld();
  const { site } = world;
  const store = faultyStore(world.store, once('refuse', (changes) => changes.some(({ kind }) => kind === 'spent-challenge')));
  const challenges = openChallenges(store, openKeys(store, newKey()), { now: Date.now } as never);
  const solution = await solve(await challenges.give(site.id, SHOP));
  await expect(challenges.take(site.id, SHOP, solution)).rejects.toThrow('record-unavailable');
  await expect(challenges.take(site.id, SHOP, solution)).resolves.toBeUndefined();
});
