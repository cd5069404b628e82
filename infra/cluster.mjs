// Runs several instances of the product on this machine, on consecutive ports, until a signal ends them all:  npm run cluster -- --instances 3 --port 3080
// MONGODB_URI and REDIS_URL name what they share; what is not named is started as the tests start it, and forgets everything at the end.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const top = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = process.env.GORUNCHAT_DATA || join(top, 'data/cluster');
const say = (text) => process.stdout.write(`${text}\n`);

function optionsOf() {
  try {
    const { values } = parseArgs({ options: { instances: { type: 'string', default: String(availableParallelism()) }, port: { type: 'string', default: process.env.PORT || '3080' } } });
    const [count, port] = [Number(values.instances), Number(values.port)];
    if (Number.isInteger(count) && count >= 1 && count <= 64 && Number.isInteger(port) && port >= 1 && port + count <= 65_536) return { count, port };
    throw new Error(`There can be 1 to 64 instances, on ports up to 65535; asked for were ${values.instances} from port ${values.port}.`);
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    return process.exit(2);
  }
}

/** The key that all instances share, kept for the next start: what is in a database of one's own must be readable then. */
function sharedKey() {
  if (process.env.GORUNCHAT_MASTER_KEY) return process.env.GORUNCHAT_MASTER_KEY;
  const file = join(folder, 'master.key');
  if (!existsSync(file)) writeFileSync(file, randomBytes(32).toString('hex'), { mode: 0o600 });
  return readFileSync(file, 'utf8').trim();
}

/** What ends the servers that were started here. */
const servers = [];
/** Every instance, whether it answers yet or not. */
const instances = [];

async function findMongo() {
  const named = process.env.MONGODB_URI || process.env.MONGO_URI;
  if (named) return named;
  const { startMongo } = await import('../test/support/mongo.ts');
  say('Starting a MongoDB …');
  const server = await startMongo();
  servers.push(() => server.stop());
  return server.uri;
}

async function findRedis() {
  const named = process.env.REDIS_URL || process.env.REDIS_URI;
  if (named) return named;
  const { newRedis } = await import('../test/support/redis.ts');
  say('Starting a Redis …');
  const server = await newRedis();
  servers.push(() => server[Symbol.asyncDispose]());
  return server.url;
}

/** Resolves with the instance once it answers; rejects when it ended instead. What it says is passed on with its number before it. */
function startInstance(number, port, shared) {
  const data = join(folder, String(number));
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const child = spawn(process.execPath, [join(top, 'server/main.ts')], { cwd: top, env: { ...process.env, ...shared, PORT: String(port), GORUNCHAT_DATA: data }, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise((resolve) => child.once('close', (code, signal) => resolve(signal ?? `code ${code}`)));
  instances.push({ number, child, ended });
  const runs = new Promise((resolve) => {
    for (const [from, to] of [[child.stdout, process.stdout], [child.stderr, process.stderr]]) {
      let rest = '';
      from.setEncoding('utf8').on('data', (text) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop();
        for (const line of lines) to.write(`[${number}] ${line}\n`);
        if (lines.some((line) => line.includes('runs at'))) resolve();
      });
    }
  });
  const failed = ended.then((how) => Promise.reject(new Error(`Instance ${number} did not start (${how}).`)));
  return Promise.race([runs, failed]);
}

let isEnding = false;
/** The instances first and beside each other, as they are told to leave; then what they share. */
async function endAll(code) {
  if (isEnding) return;
  isEnding = true;
  for (const { child } of instances) child.kill('SIGTERM');
  await Promise.all(instances.map(({ ended }) => ended));
  await sharing.catch(() => undefined); // what is still being started ends as well
  for (const end of servers) await Promise.resolve(end()).catch((error) => process.stderr.write(`${error.message}\n`));
  process.exit(code);
}

async function share() {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return { MONGODB_URI: await findMongo(), REDIS_URL: await findRedis(), GORUNCHAT_MASTER_KEY: sharedKey() };
}

const { count, port } = optionsOf();
const sharing = share();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void endAll(0));
// Whoever started this may be killed without a word.
const parent = process.ppid;
setInterval(() => process.ppid === parent || void endAll(1), 500).unref();

try {
  const shared = await sharing;
  // One after another: the first one makes what the database needs.
  for (let number = 1; number <= count && !isEnding; number++) await startInstance(number, port + number - 1, shared);
  for (const { number, child, ended } of instances) void ended.then((how) => isEnding || say(`Instance ${number} (pid ${child.pid}) ended: ${how}.`));
  void Promise.all(instances.map(({ ended }) => ended)).then(() => endAll(1));
  const list = instances.map(({ number, child }) => `  ${number}  http://localhost:${port + number - 1}  pid ${child.pid}`);
  if (!isEnding) say(`\nThese instances are one deployment:\n${list.join('\n')}\nKill one with kill -9 and see its tabs go on with another. Ctrl C ends all.`);
} catch (error) {
  if (!isEnding) process.stderr.write(`${error.message}\n`);
  await endAll(1);
}
