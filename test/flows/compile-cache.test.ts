import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { newServerProcess } from '../support/process.ts';

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'compiled-'));
});
afterEach(() => rmSync(cache, { recursive: true }));

const compiled = (): string[] => readdirSync(cache, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map(({ name }) => name).toSorted();

it('a server that is killed has kept what Node compiled for all its threads: one that ends in order adds nothing', async () => {
  await using server = await newServerProcess(undefined, { NODE_COMPILE_CACHE: cache });
  expect(await fetch(`${server.url}/livez`).then(({ status }) => status)).toBe(200); // it is asked after its cache was written
  await server.kill();
  const kept = compiled();
  await server.start();
  await server.signal('SIGTERM');
  expect(kept.length).toBeGreaterThan(0);
  expect(compiled()).toEqual(kept);
});
