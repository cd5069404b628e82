import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ConfigProblems, readConfig } from '../../server/config.ts';
import { END_WITHIN_MS } from '../../server/start-up.ts';
import { freePort } from '../support/process.ts';

interface Service {
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly image: string;
  readonly command?: readonly string[];
  readonly ports?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly stop_grace_period?: string;
}

const top = join(import.meta.dirname, '../..');
const FILES = ['compose.yaml', 'compose.cluster.yaml'];
const dockerfile = readFileSync(join(top, 'infra/Dockerfile'), 'utf8');

function servicesOf(file: string): Record<string, Service> {
  return (parse(readFileSync(join(top, 'infra', file), 'utf8')) as { services: Record<string, Service> }).services;
}

function ours(file: string): Service {
  return Object.values(servicesOf(file)).find(({ build }) => build !== undefined) as Service;
}

/** What a compose file gives when the environment beside it has only what must be there. */
function filled(value: string): string {
  return value.replaceAll(/\$\{\w+:-([^}]*)\}/gu, '$1').replaceAll(/\$\{\w+:\?[^}]*\}/gu, 'ab'.repeat(32));
}

/** Every variable that is looked for when these are there. */
function readWith(environment: Record<string, string>): Set<string> {
  const asked = new Set<string>();
  readConfig(new Proxy(environment, { get: (target, name) => (asked.add(String(name)), target[String(name)]) }), tmpdir());
  return asked;
}

describe.each(FILES)('%s', (file) => {
  it('sets no variable that nobody reads, and starts with what it must be given alone', () => {
    const environment = Object.fromEntries(Object.entries(ours(file).environment ?? {}).map(([name, value]) => [name, filled(value)]));
    const asked = readWith(environment);
    expect(Object.keys(environment).filter((name) => !asked.has(name))).toEqual([]);
    for (const name of Object.keys(environment)) expect(name).toMatch(/^[A-Z_]+$/u);
  });

  it('builds from files that are there', () => {
    const { context, dockerfile: name } = ours(file).build as NonNullable<Service['build']>;
    expect(existsSync(join(top, 'infra', context, name))).toBe(true);
  });
});

it.each(FILES)('%s kills an instance only after it has had the time that it may take to end', (file) => {
  const { environment = {}, stop_grace_period: grace = '' } = ours(file);
  const { handOverMs } = readConfig(Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, filled(value)])), tmpdir());
  expect(grace).toMatch(/^\d+s$/u);
  expect(Number.parseInt(grace, 10) * 1_000).toBeGreaterThan(handOverMs + END_WITHIN_MS);
});

it('the image sets no variable that nobody reads, and is made of files that are there', () => {
  const [, line = ''] = /^ENV (.*)$/mu.exec(dockerfile) ?? [];
  const names = line.split(' ').map((pair) => pair.split('=')[0] as string).filter((name) => name !== 'NODE_ENV');
  const asked = readWith({});
  expect(names.filter((name) => !asked.has(name))).toEqual([]);
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gmu)].flatMap(([, sources = '']) => sources.split(' '));
  expect(copied.length).toBeGreaterThan(5);
  expect(copied.filter((source) => !existsSync(join(top, source)))).toEqual([]);
});

it('the image comes with what Node compiles for a start: the command that makes it starts the product, ends it in order, and leaves that alone', async () => {
  const [, command = ''] = /^RUN (export GORUNCHAT_DATA=(?:.*\\\n)*.*)$/mu.exec(dockerfile) ?? [];
  const [, folder = ''] = /^ENV NODE_COMPILE_CACHE=(\S+)$/mu.exec(dockerfile) ?? [];
  expect(dockerfile.slice(dockerfile.indexOf(command))).toContain(`chown -R root:root ${basename(folder)} && chmod -R a+rX ${basename(folder)}`);
  const own = mkdtempSync(join(tmpdir(), 'image-'));
  const compiled = join(own, 'compiled');
  const child = spawn('sh', ['-c', command.replaceAll('/tmp/first', join(own, 'first'))], { cwd: top, env: { PATH: process.env['PATH'], PORT: String(await freePort()), NODE_COMPILE_CACHE: compiled }, stdio: 'ignore' });
  await once(child, 'exit');
  const left = readdirSync(own);
  const count = readdirSync(compiled, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;
  rmSync(own, { recursive: true });
  expect([child.exitCode, left]).toEqual([0, ['compiled']]);
  expect(count).toBeGreaterThan(100);
});

it('alone, it is reached from this machine only; together, through the proxy only', () => {
  expect(ours('compose.yaml').ports).toEqual([expect.stringMatching(/^127\.0\.0\.1:/u)]);
  const published = Object.entries(servicesOf('compose.cluster.yaml')).filter(([, { ports }]) => ports !== undefined).map(([name]) => name);
  expect(published).toEqual(['caddy']);
});

it('several instances do not start without a master key of their own, and their database ends what a killed one left within seconds', () => {
  const { gorunchat, mongo, redis } = servicesOf('compose.cluster.yaml') as Record<'gorunchat' | 'mongo' | 'redis', Service>;
  expect(gorunchat.environment?.['GORUNCHAT_MASTER_KEY']).toMatch(/^\$\{GORUNCHAT_MASTER_KEY:\?/u);
  const { GORUNCHAT_MASTER_KEY: _, ...others } = Object.fromEntries(Object.entries(gorunchat.environment ?? {}).map(([name, value]) => [name, filled(value)]));
  expect(() => readConfig(others, tmpdir())).toThrow(ConfigProblems);
  const limit = mongo.command?.find((one) => one.startsWith('transactionLifetimeLimitSeconds='))?.split('=')[1];
  expect(Number(limit)).toBeLessThanOrEqual(5);
  expect(redis.command).toEqual(['redis-server', '--save', '', '--appendonly', 'no']);
});
