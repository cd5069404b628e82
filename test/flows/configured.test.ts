import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { AuditEntry, Told } from '../../contracts/records.ts';
import { systemClock } from '../../server/clock.ts';
import { readConfig, type Config } from '../../server/config.ts';
import { openAudit } from '../../server/journal/audit.ts';
import { recordConfiguration } from '../../server/journal/configured.ts';
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

it('[RE8] a start with other settings than the last one is on record, with what they were, and one with the same is not', async () => {
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

it('[RE1] where it cannot be put on record the product does not start, says so, and starts with it once that can be', async () => {
  await using world = await newWorld();
  const wanted = saying('secondApprover: exports\n');
  await world.server.restart(saying('showHolds: true\n'));
  world.plan.current = once('refuse', records('configuration-changed'));
  await expect(world.server.restart(wanted)).rejects.toThrow('Its settings are others than at the last start, and that could not be put on record, so they do not apply. Nothing was changed. Start it again once the database can be written.');
  await world.server.restart();
  expect((await world.entries()).map(({ said }) => said)).toMatchObject([{ change: { secondApprover: 'exports' }, before: { showHolds: true } }, { change: { showHolds: true }, before: {} }]);
});

it.each(['lose-reply', 'lose-commit'] as const)('[RE1] it is on record once when the answer of the store is lost (%s)', async (fault) => {
  await using world = await newWorld();
  world.plan.current = once(fault, records('configuration-changed'));
  await world.server.restart(saying('showHolds: true\n')).catch(() => world.server.restart());
  expect(await world.entries()).toHaveLength(1);
});

it('[RE8] instances that are started with it at once put it on record once', async () => {
  await using world = await newWorld();
  const keys = openKeys(world.store, masterKey(join(world.server.folder, 'master.key'), undefined));
  const told: Told = { showHolds: true };
  await Promise.all([1, 2, 3].map((one) => recordConfiguration({ store: world.store, keys, audit: openAudit(world.store, keys, systemClock) }, told, `instance ${one}`)));
  expect(await world.entries()).toHaveLength(1);
  await Promise.all(['on', 'off'].map((name) => recordConfiguration({ store: world.store, keys, audit: openAudit(world.store, keys, systemClock) }, { name }, name)));
  const [last, second] = (await world.entries()).map(({ said }) => said as { change: Told; before: Told });
  expect(last!.before).toEqual(second!.change); // neither has passed the other
});
