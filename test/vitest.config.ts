import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const chromium = process.env['CHROMIUM_PATH'] ?? (existsSync('/usr/bin/chromium') ? '/usr/bin/chromium' : undefined);

const top = join(import.meta.dirname, '..');

/** How long what is looked at again and again may take on a machine that is full. */
const expect = { poll: { timeout: 10_000 } };

/** What waits longest for disks, leases and processes: begun first, so that nothing waits for it alone at the end. The others follow as Vitest has them. */
const LONG = ['flows/cut-off.mongo', 'flows/outages.mongo', 'fuzz/histories', 'flows/takeover-phases.mongo', 'flows/takeover.mongo', 'flows/crash', 'fuzz/instances.mongo', 'flows/many-tabs', 'ports/store.sqlite', 'flows/kept-responses'];
const isLong = ({ moduleId }: TestSpecification): boolean => LONG.some((name) => moduleId.endsWith(`test/${name}.test.ts`));

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
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
          testTimeout: 60_000,
          expect,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          // What people see is the same on the other pair of adapters.
          name: 'cluster',
          root: top,
          include: ['test/flows/{audit,bad-input,challenge,fail-closed,handoff,holds,many-tabs,protocol,reordered,resume,review,send-turn,visitors}.test.ts'],
          env: { ON_MONGODB_AND_REDIS: 'yes' },
          globalSetup: ['test/support/mongo.ts'],
          setupFiles: ['test/support/shared.ts'],
          testTimeout: 60_000,
          expect,
          hookTimeout: 60_000,
        },
      },
      {
        // Found before the first test runs: a package that is found later would reload the page in the middle of a run.
        optimizeDeps: { entries: ['**/*.ts', '!dist'] },
        test: {
          name: 'client',
          root: join(top, 'client'),
          include: ['**/*.test.ts'],
          expect,
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
