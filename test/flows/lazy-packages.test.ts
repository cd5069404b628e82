import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { newServerProcess, NODE_ENVIRONMENT } from '../support/process.ts';

/** Has a process say on its output which packages it loads, as it does. */
const TELLS = `--import data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  import { writeSync } from 'node:fs';
  registerHooks({
    load(url, context, next) {
      const name = /node_modules\\/((?:@[^/]+\\/)?[^/]+)/u.exec(url)?.[1];
      if (name !== undefined) writeSync(1, 'loads ' + name + '\\n');
      return next(url, context);
    },
  });
`)}`;

/** What only some deployments use, or only something that is rarely done. */
const LATER = ['openai', '@anthropic-ai/sdk', '@google/genai', 'age-encryption', 'nodemailer', '@google-cloud/storage', '@google-cloud/bigquery', '@google-cloud/kms', '@duckdb/node-api', 'mongodb', 'ioredis', '@opentelemetry/sdk-trace'];

it('a deployment without settings starts without the packages of what it does not use', async () => {
  await using server = await newServerProcess(undefined, { NODE_OPTIONS: TELLS });
  const loaded = new Set([...server.output.matchAll(/^loads (.+)$/gmu)].map(([, name]) => name));
  expect(loaded).toContain('fastify');
  expect(LATER.filter((name) => loaded.has(name))).toEqual([]);
});

it('the package of a provider for which the deployment has a key is loaded before the first turn', async () => {
  await using server = await newServerProcess(undefined, { NODE_OPTIONS: TELLS, OPENAI_API_KEY: 'sk-of-tests' });
  await expect.poll(() => server.output).toContain('loads openai\n');
});

it('a provider whose package could not be loaded once is loaded the next time, under the same key', () => {
  const catalog = join(import.meta.dirname, '../../server/providers/catalog.ts');
  const program = `
    import { registerHooks } from 'node:module';
    let isFull = true;
    registerHooks({ load(url, context, next) { if (isFull && url.includes('/node_modules/openai/')) throw new Error('too many open files'); return next(url, context); } });
    const { openCatalog } = await import(${JSON.stringify(catalog)});
    const settings = { id: 'own', name: 'Own', kind: 'openai', ownKeys: false, key: 'sk-of-tests', headers: {}, models: [{ name: 'm' }], fetch: false, baseUrl: undefined, titleModel: undefined };
    const { serve } = openCatalog([settings], { demoWordsPerSecond: 1 });
    const turn = () => serve('own/m', async () => undefined).then(() => 'served', (error) => error.message);
    const first = await turn();
    isFull = false;
    console.log([first, await turn(), await turn()].join());
  `;
  const said = execFileSync(process.execPath, ['--input-type=module', '--eval', program], { env: NODE_ENVIRONMENT });
  expect(said.toString()).toBe('too many open files,served,served\n');
});
