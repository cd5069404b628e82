import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { AuditEntry, Told } from '../../contracts/records.ts';
import { systemClock } from '../../server/clock.ts';
import { readConfig, type Config } from '../../server/config.ts';
import { DEPLOYMENT, openAudit } from '../../server/journal/audit.ts';
import { recordConfiguration } from '../../server/journal/configured.ts';
import { ITSELF } from '../../server/journal/journal.ts';
import { masterKey, openKeys } from '../../server/journal/keys.ts';
import type { Store } from '../../server/store/store.ts';
import { faultyStore, once, type FaultPlan } from '../support/faults.ts';
import { records } from '../support/recording.ts';
import { newServer, type TestServer } from '../support/server.ts';
import { newSettingsFile } from '../support/settings-file.ts';
import { newAccount, type Account } from '../support/tab.ts';

/** What the product makes of this file, as far as it is told. */
function saying(yaml: string, environment: Record<string, string> = {}): Pick<Config, 'told' | 'secondApprover' | 'retention'> {
  using file = newSettingsFile(yaml);
  const { told, secondApprover, retention } = readConfig({ ...file.environment, ...environment });
  return { told, secondApprover, retention };
}

interface World extends AsyncDisposable {
  readonly server: TestServer;
  readonly admin: Account;
  readonly store: Store;
  readonly plan: { current: FaultPlan };
  entries(): Promise<AuditEntry[]>;
}

async function newWorld(): Promise<World> {
  const held: { store?: Store } = {};
  const plan: World['plan'] = { current: () => undefined };
  const server = await newServer({ wrap: (store) => faultyStore((held.store = store), (changes, fence) => plan.current(changes, fence)) });
  const admin = await newAccount(server.url);
  return {
    server, admin, plan,
    get store() {
      return held.store as Store;
    },
    entries: async () => ((await (await fetch(`${server.url}/api/audit?types=configuration-changed`, { headers: { cookie: admin.cookie } })).json()) as { entries: AuditEntry[] }).entries,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

it('[RE28] a start with other settings than the last one is on record, with what they were, and one with the same is not', async () => {
  await using world = await newWorld();
  expect(await world.entries()).toEqual([]);
  await world.server.restart(saying('secondApprover: reading\nretention:\n  ordinary: { keepDays: 400 }\n'));
  await world.server.restart();
  await world.server.restart(saying('retention:\n  ordinary: { keepDays: 30 }\n'));
  const [last, first, ...more] = await world.entries();
  expect(more).toEqual([]);
  expect(first).toMatchObject({ actor: { user: null }, result: 'done', said: { by: expect.stringMatching(/^.+ at .+$/u), change: { 'secondApprover': 'reading', 'retention.ordinary.keepDays': 400 }, before: {} } });
  expect(last!.said).toMatchObject({ change: { 'retention.ordinary.keepDays': 30 }, before: { 'secondApprover': 'reading', 'retention.ordinary.keepDays': 400 } });
});

it('[RE1] [RE28] where it cannot be put on record the product does not start, says so, and starts with it once that can be', async () => {
  await using world = await newWorld();
  const wanted = saying('secondApprover: exports\n');
  await world.server.restart(saying('showHolds: true\n'));
  world.plan.current = once('refuse', records('configuration-changed'));
  await expect(world.server.restart(wanted)).rejects.toThrow(/^Its settings are not those that are on record, or that could not be found out, and no others apply before they are there\. Nothing was changed\./u);
  await world.server.restart();
  expect((await world.entries()).map(({ said }) => said)).toMatchObject([{ change: { secondApprover: 'exports' }, before: { showHolds: true } }, { change: { showHolds: true }, before: {} }]);
});

it.each(['lose-reply', 'lose-commit'] as const)('[RE1] it is on record once when the answer of the store is lost (%s)', async (fault) => {
  await using world = await newWorld();
  world.plan.current = once(fault, records('configuration-changed'));
  await world.server.restart(saying('showHolds: true\n')).catch(() => world.server.restart());
  expect(await world.entries()).toHaveLength(1);
});

it('[RE28] instances that are started with it at once put it on record once', async () => {
  await using world = await newWorld();
  const keys = openKeys(world.store, masterKey(join(world.server.folder, 'master.key'), undefined));
  await Promise.all([1, 2, 3].map((one) => recordConfiguration({ store: world.store, keys, audit: openAudit(world.store, keys, systemClock) }, () => ({ showHolds: true }), `instance ${one}`)));
  expect(await world.entries()).toHaveLength(1);
  await Promise.all(['on', 'off'].map((name) => recordConfiguration({ store: world.store, keys, audit: openAudit(world.store, keys, systemClock) }, () => ({ name }), name)));
  const [last, second] = (await world.entries()).map(({ said }) => said as { change: Told; before: Told });
  expect(last!.before).toEqual(second!.change); // neither has passed the other
});

it('[RE28] what was told last and cannot be read any more counts as told nothing, and keeps no start', async () => {
  await using world = await newWorld();
  await world.server.restart(saying('showHolds: true\n'));
  const { version } = (await world.store.get('settings', DEPLOYMENT.id))!;
  const keys = openKeys(world.store, masterKey(join(world.server.folder, 'master.key'), undefined));
  await openAudit(world.store, keys, systemClock).commit([{ do: 'put', kind: 'settings', id: DEPLOYMENT.id, version, body: { sealed: 'AAAA' } }], { type: 'signing-key-made', v: 1, key: 'of a test' }, ITSELF, DEPLOYMENT);
  await world.server.restart();
  await world.server.restart();
  expect((await world.entries()).map(({ said }) => said)).toMatchObject([{ change: { showHolds: true }, before: {} }, { change: { showHolds: true }, before: {} }]);
});

it('[RE28] what may be a secret is named under the key of the deployment: the same for the same, and for another deployment another', async () => {
  const webhook = async (pin: string, ...worlds: World[]): Promise<unknown[]> => Promise.all(worlds.map(async (world) => {
    await world.server.restart(saying(`feeds: { webhook: { url: "http://127.0.0.1:9/in?pin=${pin}" } }\n`));
    const [last] = await world.entries();
    return (last!.said as { change: Told }).change['feeds.webhook.url'];
  }));
  await using one = await newWorld();
  await using other = await newWorld();
  const [first, second] = await webhook('4711', one, other);
  expect(first).toMatch(/^http:\/\/127\.0\.0\.1:9\/… \([0-9a-f]{8}\)$/u);
  expect(second).not.toBe(first);
  expect(await webhook('4712', one)).not.toEqual([first]);
  await one.server.restart(saying(''));
  expect(await webhook('4711', one)).toEqual([first]);
});
