import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const chromium = process.env['CHROMIUM_PATH'] ?? (existsSync('/usr/bin/chromium') ? '/usr/bin/chromium' : undefined);

const top = join(import.meta.dirname, '..');

/** How long a test, and what it looks at again and again, may take: what is slow on a machine that is full is not wrong, and only what never comes has to wait so long. */
const patient = { testTimeout: 240_000, hookTimeout: 240_000, expect: { poll: { timeout: 30_000 } } };

/** What takes longest is begun first, so that nothing waits for it alone at the end: by turns what waits for leases, outages and processes, and what computes. The others follow as Vitest has them. */
const LONG = [
  'flows/cut-off.mongo', 'fuzz/histories', 'flows/verifiers-agree', 'flows/altered-archives', 'flows/altered-packages', 'flows/restore', 'ports/store.sqlite', 'flows/outages.mongo', 'flows/rotation', 'flows/off-the-record', 'flows/takeover-again.mongo', 'fuzz/holds',
  'flows/takeover-between.mongo', 'flows/canary-outside', 'flows/full-copies.mongo', 'flows/restore-again', 'flows/takeover-kept.mongo', 'flows/exports', 'flows/crash', 'flows/witness', 'flows/takeover-erasure.mongo', 'flows/master-key', 'flows/copies',
  'flows/takeover-phases.mongo', 'flows/startup', 'flows/accesses', 'flows/takeover.mongo', 'flows/restore-in-place', 'flows/takeover-leaving.mongo', 'flows/removal', 'flows/restore.mongo',
  'flows/traces.mongo', 'flows/leaving.mongo', 'fuzz/holds.mongo', 'flows/retention', 'flows/rotation.mongo', 'flows/hold-races', 'flows/backups', 'flows/metrics', 'flows/many-tabs', 'flows/visitors',
  'flows/known-visitors', 'flows/kept-responses', 'flows/holds', 'flows/handoff', 'fuzz/instances.mongo', 'flows/many-copies.mongo', 'flows/many-copies', 'flows/shipping.mongo',
];
const placeOf = ({ moduleId }: TestSpecification): number => LONG.findIndex((name) => moduleId.endsWith(`test/${name}.test.ts`));

/** Flows that do not care which pair of adapters they run on: they run on both. `npm run test:cluster` runs them on MongoDB and Redis alone. */
const FLOWS = [
  'accesses', 'addresses', 'audit', 'backups', 'bad-input', 'canary', 'canary-outside', 'challenge', 'configured', 'delete-races', 'everybody', 'export-clearing', 'export-crash',
  'exports', 'fail-closed', 'feeds', 'files', 'handoff', 'handoff-races', 'hold-races', 'holds', 'known-visitors', 'later-version', 'log-keys', 'lost-titles', 'many-tabs',
  'master-key', 'off-the-record', 'packages', 'protocol', 'providers', 'reconciled', 'removal', 'reordered', 'replayed-tokens', 'restore', 'restore-again', 'restore-unrecorded',
  'resume', 'retention', 'review', 'rotation', 'security', 'send-turn', 'shown-holds', 'statement-races', 'temporary', 'tiles', 'unasked', 'unrecorded', 'visitor-models', 'visitors', 'whole-case',
  'witness', 'witness-refuses', 'wrong-keys',
];

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return [...sorted.filter((file) => placeOf(file) >= 0).toSorted((a, b) => placeOf(a) - placeOf(b)), ...sorted.filter((file) => placeOf(file) < 0)];
  }
}

export default defineConfig({
  root: top,
  test: {
    // Most of the time goes into waiting for disks, leases and processes, so six files run beside each other even on two cores.
    maxWorkers: 6,
    sequence: { sequencer: LongFirst },
    projects: [
      {
        test: {
          name: 'node',
          root: top,
          include: ['{contracts,machines,server,test}/**/*.test.ts'],
          exclude: ['**/node_modules/**', '.cache/**'],
          globalSetup: ['test/support/mongo.ts'],
          ...patient,
        },
      },
      {
        test: {
          // What people see is the same on the other pair of adapters.
          name: 'cluster',
          root: top,
          include: [`test/flows/{${FLOWS.join()}}.test.ts`],
          env: { ON_MONGODB_AND_REDIS: 'yes' },
          globalSetup: ['test/support/mongo.ts'],
          setupFiles: ['test/support/shared.ts'],
          ...patient,
        },
      },
      {
        // Found before the first test runs: a package that is found later would reload the page in the middle of a run.
        optimizeDeps: { entries: ['**/*.ts', '!dist'] },
        test: {
          name: 'client',
          root: join(top, 'client'),
          include: ['**/*.test.ts'],
          ...patient,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright(chromium === undefined ? {} : { launchOptions: { executablePath: chromium } }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
});
