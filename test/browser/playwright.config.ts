import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from '@playwright/test';

const chromium = process.env['CHROMIUM_PATH'] ?? (existsSync('/usr/bin/chromium') ? '/usr/bin/chromium' : undefined);

export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.ts',
  forbidOnly: true,
  retries: 0,
  // Each test has a deployment of its own, so that none waits for another of its file.
  fullyParallel: true,
  // They wait most of the time, for replies that grow at a human pace.
  workers: 6,
  // What is slow on a machine that is full is not wrong; only what never comes has to wait so long.
  timeout: 180_000,
  expect: { timeout: 30_000 },
  outputDir: join(import.meta.dirname, '../../.cache/playwright'),
  reporter: [['list'], ['json', { outputFile: join(import.meta.dirname, '../../.cache/playwright.json') }]],
  use: { ...(chromium !== undefined && { launchOptions: { executablePath: chromium } }), locale: 'en-GB', timezoneId: 'UTC' },
});
