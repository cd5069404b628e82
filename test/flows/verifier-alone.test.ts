import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { builtinModules } from 'node:module';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../server/cli.ts';
import { newServerProcess, NODE_ENVIRONMENT } from '../support/process.ts';
import { joined, linesIn, type Files } from '../support/archive-files.ts';
import { sentPackage } from '../support/sent-package.ts';
import { newAccount, Tab } from '../support/tab.ts';

const top = join(import.meta.dirname, '../..');
const built = join(top, 'client/dist/verify.mjs');

let zip: string;
let files: Files;
/** Of somebody who was given things: nothing of the product is in it, nor above it. */
let elsewhere: string;

beforeAll(async () => {
  execFileSync(process.execPath, ['infra/run.mjs', 'build'], { cwd: top, env: NODE_ENVIRONMENT, stdio: 'pipe' }); // in the environment of tests the page would be one for development
  ({ zip, files } = await sentPackage());
});
beforeEach(() => void (elsewhere = mkdtempSync(join(tmpdir(), 'elsewhere-'))));
afterEach(() => rmSync(elsewhere, { recursive: true }));

/** Runs a program there, with nothing of this environment but where programs are. */
async function ran(program: string, ...args: string[]): Promise<{ code: number | null; said: string }> {
  const child = spawn(program, args, { cwd: elsewhere, env: { PATH: process.env['PATH'], HOME: elsewhere, TMPDIR: elsewhere }, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (said += data.toString()));
  await once(child, 'close');
  return { code: child.exitCode, said };
}

/** The file may read nothing but this folder, and start nothing. */
const verified = (...args: string[]): Promise<{ code: number | null; said: string }> => ran(process.execPath, '--permission', `--allow-fs-read=${elsewhere}`, 'verify.mjs', ...args);

/** Puts the records of a conversation there, with another moment in the second of them, and resolves with the id of that record. */
function putAltered(name: string): string {
  const lines = linesIn([...files].find(([file]) => file.endsWith('records.ndjson'))![1]);
  const of = lines.map((line) => JSON.parse(line) as { record?: { chain: string; number: number; at: number } });
  const at = of.findIndex(({ record }) => record?.number === 2);
  const { record, ...more } = of[at]!;
  writeFileSync(join(elsewhere, name), joined(lines.with(at, JSON.stringify({ ...more, record: { ...record!, at: record!.at + 1 } }))));
  return `${record!.chain}:2`;
}

describe('[RE8] the verifier as one file', () => {
  it('needs nothing but Node: it imports no other file and no package, and loads none later', () => {
    const code = readFileSync(built, 'utf8');
    const named = [...code.matchAll(/^\s*(?:import|export)\b[^;'"]*["']([^"']+)["']/gmu)].map(([, name]) => name!);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !name.startsWith('node:') || !builtinModules.includes(name.replace(/^node:(?!sqlite)/u, '')))).toEqual([]);
    expect(code).not.toMatch(/\bimport\(|\brequire\(|\bimport\.meta\b/u);
  });

  it('says that an export is intact where nothing else of the product is, and names a record that was altered', async () => {
    copyFileSync(built, join(elsewhere, 'verify.mjs'));
    copyFileSync(zip, join(elsewhere, 'package.zip'));
    expect(await verified('package.zip')).toEqual({ code: 0, said: expect.stringMatching(/^Intact: \d+ records in 2 chains/u) });
    const altered = putAltered('records.ndjson');
    expect(await verified('records.ndjson')).toEqual({ code: 1, said: expect.stringContaining(`altered: record ${altered} was altered`) });
    expect(await verified()).toEqual({ code: 2, said: expect.stringContaining('Usage: node verify.mjs') });
  });

  it('is had from the server, and checks its data folder, its archive and a backup of it; of a database it says what checks that', async () => {
    await using server = await newServerProcess();
    await using tab = await new Tab(await newAccount(server.url)).ready();
    await tab.begin('Hello');
    await tab.until(() => tab.view?.conversation.titledBy === 'model');
    const reply = await fetch(`${server.url}/verify.mjs`);
    expect(Object.fromEntries(reply.headers)).toMatchObject({ 'content-type': 'text/javascript; charset=utf-8', 'content-disposition': 'attachment; filename="verify.mjs"', 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff' });
    writeFileSync(join(elsewhere, 'verify.mjs'), await reply.text());
    const backups = join(elsewhere, 'backups');
    expect(await run(['backup', backups], () => undefined, { GORUNCHAT_DATA: server.folder })).toBe(0);
    await server.signal('SIGTERM');
    const content = join(backups, 'content', readdirSync(join(backups, 'content'))[0]!);
    for (const place of [server.folder, join(server.folder, 'archive'), content]) expect(await ran(process.execPath, 'verify.mjs', place)).toEqual({ code: 0, said: expect.stringMatching(/^Intact: \d+ records in 2 chains/u) });
    expect(await ran(process.execPath, 'verify.mjs', 'mongodb://localhost/gorunchat')).toEqual({ code: 2, said: expect.stringContaining('a MongoDB database is checked with a copy of the product') });
  });

  it('is a package for npm too, whose command runs where there is no network and no other package', async () => {
    const npm = (...args: string[]): Promise<{ code: number | null; said: string }> => ran('npm', ...args);
    expect(await npm('pack', join(top, 'infra/verifier'), '--pack-destination', elsewhere)).toMatchObject({ code: 0 });
    const [packed] = readdirSync(elsewhere).filter((name) => name.endsWith('.tgz'));
    copyFileSync(zip, join(elsewhere, 'package.zip'));
    const command = ['exec', '--yes', '--offline', `./${packed}`, '--'];
    expect(await npm(...command, 'verify', 'package.zip')).toEqual({ code: 0, said: expect.stringMatching(/^Intact: \d+ records in 2 chains/u) });
    const altered = putAltered('records.ndjson');
    expect(await npm(...command, 'verify', 'records.ndjson')).toMatchObject({ code: 1, said: expect.stringContaining(`record ${altered} was altered`) });
    expect(await npm(...command, 'start')).toMatchObject({ code: 2, said: expect.stringContaining('one command: gorunchat verify') });
  });

  it('has the version of the product, and is the only package that is made of it', async () => {
    const of = (file: string): { version: string; dependencies?: object } => JSON.parse(readFileSync(join(top, file), 'utf8')) as { version: string };
    expect(of('infra/verifier/package.json')).toMatchObject({ version: of('package.json').version });
    expect(of('infra/verifier/package.json')).not.toHaveProperty('dependencies');
    expect(await ran('npm', 'pack', top)).toMatchObject({ code: 1, said: expect.stringContaining('npm pack ./infra/verifier') });
  });
});
