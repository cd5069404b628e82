import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';

const chromium = process.env['CHROMIUM_PATH'] ?? (existsSync('/usr/bin/chromium') ? '/usr/bin/chromium' : undefined);

const top = join(import.meta.dirname, '..');

export default defineConfig({
  root: top,
  test: {
    // Most of the time goes into waiting for disks, leases and processes, so four files run beside each other even on two cores.
    maxWorkers: 4,
    projects: [
      {
        test: {
          name: 'node',
          root: top,
          include: ['{contracts,machines,server,test}/**/*.test.ts'],
          exclude: ['**/node_modules/**', '.cache/**'],
          globalSetup: ['test/support/mongo.ts'],
          testTimeout: 60_000,
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
