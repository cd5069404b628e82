// Sets up what is missing, then runs one task of package.json. Plain JavaScript for Node >= 20.19 without imports from the project: it runs before anything is installed.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { outcome } from './outcome.mjs';

const NODE = '24.21.0';
const top = join(dirname(fileURLToPath(import.meta.url)), '..');
const cache = join(top, '.cache');
const [task = 'start', ...rest] = process.argv.slice(2);

function fail(text) {
  process.stderr.write(`${text}\n`);
  process.exit(1);
}

/** The folder of a Node that is new enough: this one, or one fetched from the npm registry. */
function nodeFolder() {
  if (Number(process.versions.node.split('.')[0]) >= 24) return dirname(process.execPath);
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  if (platform !== 'linux' && platform !== 'win') fail('GoRunChat needs Node 24 or newer. Install it from nodejs.org or with your package manager (brew install node@24), then run this again.');
  const name = `node-${platform}-${process.arch}`;
  const home = join(cache, `node-${NODE}`);
  const folder = join(home, 'node_modules', name, 'bin');
  if (!existsSync(folder)) {
    process.stderr.write(`Fetching Node ${NODE} (this Node is ${process.versions.node}) …\n`);
    mkdirSync(home, { recursive: true });
    runNpm(process.execPath, ['install', '--prefix', home, '--no-save', '--ignore-scripts', '--engine-strict=false', '--no-audit', '--no-fund', `${name}@${NODE}`]);
  }
  return folder;
}

function runNpm(node, args) {
  const npm = process.env.npm_execpath;
  const [command, given] = npm ? [node, [npm, ...args]] : ['npm', args];
  const { status } = spawnSync(command, given, { cwd: top, stdio: ['ignore', 'ignore', 'inherit'], env: process.env, shell: npm === undefined && process.platform === 'win32' });
  if (status !== 0) fail(`npm ${args[0]} failed; what it said stands above.`);
}

/** A hash over the contents of files and folders, built output left out. */
function hashOf(...places) {
  const hash = createHash('sha256');
  const add = (place) => {
    const path = join(top, place);
    if (!existsSync(path)) return;
    if (!statSync(path).isDirectory()) hash.update(place).update(readFileSync(path));
    else for (const name of readdirSync(path).sort()) if (name !== 'dist' && name !== 'node_modules') add(`${place}/${name}`);
  };
  places.forEach(add);
  return hash.digest('hex');
}

/** Does the work when what it depends on has changed since it was last done. */
function once(stamp, hash, isThere, work) {
  const file = join(cache, `${stamp}.stamp`);
  if (isThere && existsSync(file) && readFileSync(file, 'utf8') === hash) return;
  mkdirSync(cache, { recursive: true });
  rmSync(file, { force: true });
  work();
  writeFileSync(file, hash);
}

/** What the tests need of Debian's and is not there, installed while npm installs what it has. Resolves when that has ended, well or not: whoever needs it finds out. */
function debianPackages() {
  if (!/^test(:|$)/.test(task) || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return Promise.resolve();
  const missing = [['chromium', process.env.CHROMIUM_PATH], ['redis-server'], ['zstd']].filter(([name, other]) => !other && !existsSync(`/usr/bin/${name}`)).map(([name]) => name);
  if (missing.length === 0) return Promise.resolve();
  process.stderr.write(`Installing ${missing.join(', ')} for the tests …\n`);
  const child = spawn('sh', ['-c', 'apt-get update >/dev/null 2>&1; exec apt-get install -y "$@" >/dev/null', 'sh', ...missing], { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  return new Promise((resolve) => child.on('exit', resolve).on('error', resolve));
}

const MEMORY = '/dev/shm';
const ENOUGH_BYTES = 4 * 1024 ** 3;

/** What the tests write goes into memory where there is enough of it: they kill processes, not machines, and would wait for a disk most of the time. */
function writeIntoMemory() {
  if (!/^test(:|$)/.test(task) || process.env.TMPDIR || !existsSync(MEMORY)) return;
  const { bavail, bsize } = statfsSync(MEMORY);
  if (bavail * bsize < ENOUGH_BYTES) return;
  process.env.TMPDIR = mkdtempSync(join(MEMORY, 'gorunchat-test-'));
  process.on('exit', () => rmSync(process.env.TMPDIR, { recursive: true, force: true }));
}

const debian = debianPackages();
const bin = nodeFolder();
process.env.PATH = `${bin}${delimiter}${process.env.PATH}`;
// What Node has compiled once it need not compile again: the product starts in two thirds of the time.
process.env.NODE_COMPILE_CACHE ??= join(cache, 'compile');
const node = join(bin, process.platform === 'win32' ? 'node.exe' : 'node');
once('packages', hashOf('package-lock.json'), existsSync(join(top, 'node_modules')), () => {
  process.stderr.write('Installing packages …\n');
  runNpm(node, ['ci', '--ignore-scripts', '--no-audit', '--no-fund']);
});

function tool(name, ...args) {
  const file = { tsc: 'typescript/bin/tsc', oxlint: 'oxlint/bin/oxlint', vite: 'vite/bin/vite.js', vitest: 'vitest/vitest.mjs', playwright: '@playwright/test/cli.js' }[name];
  return spawnSync(node, [join(top, 'node_modules', file), ...args], { cwd: top, stdio: 'inherit', env: process.env }).status ?? 1;
}

function buildClient() {
  once('client', hashOf('client', 'contracts', 'server/journal', 'server/byte-lines.ts', 'package-lock.json'), existsSync(join(top, 'client/dist/verify.mjs')), () => {
    process.stderr.write('Building the client …\n');
    if (tool('vite', 'build', 'client', '--config', 'client/vite.config.ts', '--logLevel', 'warn') !== 0) fail('The client could not be built.');
  });
}

/** Installs a package of Debian's when there is neither this program nor anybody to ask. True when the program is there. */
function installed(program, debian, forWhat) {
  if (existsSync(program)) return true;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false;
  process.stderr.write(`Installing ${forWhat} for the tests …\n`);
  spawnSync('apt-get', ['update'], { stdio: 'ignore' });
  return spawnSync('apt-get', ['install', '-y', debian], { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }).status === 0;
}

/** A Chromium for the tests: CHROMIUM_PATH, Debian's, or Playwright's own. */
function findChromium() {
  if (process.env.CHROMIUM_PATH || installed('/usr/bin/chromium', 'chromium', 'Chromium')) return;
  if (tool('playwright', 'install', 'chromium') !== 0) fail('The tests need Chromium: install it, or name one with CHROMIUM_PATH=/path/to/chromium.');
}

/** A Redis for the tests: the one on the path, or Debian's. Each test file starts its own server with it. */
function findRedis() {
  const isThere = spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0;
  if (!isThere && !installed('/usr/bin/redis-server', 'redis-server', 'Redis')) fail('The tests need redis-server and redis-cli on the path: install Redis 7 or newer.');
}

/** Runs commands of Node beside each other until one ends; then the others are ended too, and its end is ours. Signals are passed on; a second one does no harm. */
function follow(...commands) {
  return followAs({}, ...commands);
}

/** With `detached`, Ctrl C reaches the command through us alone, so that it can end its own in order. */
async function followAs(options, ...commands) {
  const children = commands.map((args) => spawn(node, args, { cwd: top, stdio: 'inherit', env: process.env, ...options }));
  const endAll = (signal) => children.forEach((child) => child.kill(signal));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => endAll(signal));
  // npm may signal a shell between it and us; when that is gone, so is whoever started us.
  const parent = process.ppid;
  setInterval(() => process.ppid === parent || endAll('SIGTERM'), 500).unref();
  const ends = children.map((child) => new Promise((resolve) => child.on('exit', (code, signal) => resolve(code ?? (signal ? 1 : 0)))));
  const first = await Promise.race(ends);
  for (const child of children) child.kill('SIGTERM');
  await Promise.all(ends);
  return first;
}

const vitest = ['run', '--config', 'test/vitest.config.ts'];
const results = { unit: join(cache, 'vitest.json'), browser: join(cache, 'playwright.json') };

/** Everything that CI checks, and the count of all runners in one line. */
function runTests() {
  findChromium();
  findRedis();
  buildClient();
  const checks = [['The types do not fit.', tool('tsc', '-b', 'test')], ['The lint rules are broken.', tool('oxlint', '--type-aware', '--deny-warnings')]];
  for (const file of Object.values(results)) rmSync(file, { force: true });
  const unit = tool('vitest', ...vitest, '--reporter=default', '--reporter=json', `--outputFile.json=${results.unit}`);
  const browser = tool('playwright', 'test', '--config', 'test/browser/playwright.config.ts');
  const { passed, failed, names } = outcome(results, top);
  const broken = checks.filter(([, status]) => status !== 0).map(([text]) => text);
  if (unit !== 0 && failed === 0) broken.push('The unit tests did not end well.');
  if (browser !== 0 && failed === 0) broken.push('The browser tests did not end well.');
  for (const text of broken) process.stderr.write(`${text}\n`);
  const line = [...names.map((name) => `failed: ${name}\n`), `${passed} passed, ${failed + broken.length} failed\n`].join('');
  writeFileSync(join(cache, 'result.txt'), line);
  process.stdout.write(line);
  return failed + broken.length === 0 ? 0 : 1;
}

const tasks = {
  start: () => (buildClient(), follow(['server/main.ts', ...rest])),
  dev: () => follow(['--watch', 'server/main.ts'], [join(top, 'node_modules/vite/bin/vite.js'), 'client', '--config', 'client/vite.config.ts']),
  cluster: () => (buildClient(), process.env.REDIS_URL || process.env.REDIS_URI || findRedis(), followAs({ detached: process.platform !== 'win32' }, ['infra/cluster.mjs', ...rest])),
  build: () => (buildClient(), 0),
  verifier: () => (buildClient(), mkdirSync(join(top, 'infra/verifier/dist'), { recursive: true }), copyFileSync(join(top, 'client/dist/verify.mjs'), join(top, 'infra/verifier/dist/verify.mjs')), 0),
  prepack: () => fail('Of the product, the verifier is what is given to others as a package: npm pack ./infra/verifier'),
  typecheck: () => tool('tsc', '-b', 'test'),
  lint: () => tool('oxlint', '--type-aware', '--deny-warnings', ...rest),
  test: runTests,
  'test:unit': () => (findChromium(), findRedis(), tool('vitest', ...vitest, ...rest)),
  'test:ports': () => (findRedis(), tool('vitest', ...vitest, '--project', 'node', 'test/ports', ...rest)),
  'test:cluster': () => (findRedis(), tool('vitest', ...vitest, '--project', 'cluster', ...rest)),
  'test:browser': () => (findChromium(), findRedis(), buildClient(), tool('playwright', 'test', '--config', 'test/browser/playwright.config.ts', ...rest)),
  load: () => (findRedis(), follow(['test/load/load.ts', ...rest])),
  faults: () => (findRedis(), follow(['test/fuzz/faults.ts', ...rest])),
  verify: () => follow(['server/cli.ts', 'verify', ...rest]),
  gorunchat: () => follow(['server/cli.ts', ...rest]),
  backup: () => follow(['server/cli.ts', 'backup', ...rest]),
  restore: () => follow(['server/cli.ts', 'restore', ...rest]),
  diagrams: () => follow(['test/diagrams.ts', ...rest]),
};
await debian;
writeIntoMemory();
if (tasks[task] === undefined) fail(`There is no task '${task}'. There are: ${Object.keys(tasks).join(', ')}.`);
process.exit(await tasks[task]());
