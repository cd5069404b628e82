import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { deployment } from './deployment.ts';
import type { Found } from './figures.ts';
import { reportOf } from './report.ts';
import type { Run } from './run.ts';
import { delivery } from './scenarios/delivery.ts';
import { failover } from './scenarios/failover.ts';
import { firstToken, firstTokenSealed } from './scenarios/first-token.ts';
import { idle, idleOnInstances, visitors } from './scenarios/idle.ts';
import { instances } from './scenarios/instances.ts';
import { live } from './scenarios/live.ts';
import { manyTabs } from './scenarios/many-tabs.ts';
import { replay } from './scenarios/replay.ts';
import { sealing } from './scenarios/sealing.ts';
import { slowTab } from './scenarios/slow-tab.ts';
import { storm, stormOnInstances } from './scenarios/storm.ts';
import { tableOf } from './table.ts';

const SCENARIOS: Record<string, (run: Run) => Promise<Found>> = { 'first-token': firstToken, 'first-token-sealed': firstTokenSealed, delivery, 'many-tabs': manyTabs, replay, idle, 'idle-instances': idleOnInstances, visitors, 'slow-tab': slowTab, instances, live, failover, storm, 'storm-instances': stormOnInstances, sealing };
const HELP = `npm run load                                  everything on this machine, each scenario beside its comparator
npm run load -- --only delivery,replay        some of: ${Object.keys(SCENARIOS).join(', ')}
npm run load -- --quick                       once instead of three times, and smaller
npm run load -- --url https://chat.example.org [--url …] [--streams 10] [--tabs 2] [--model demo/demo]
    a running deployment of your own, each --url an instance of it. Signs in as GORUNCHAT_EMAIL with GORUNCHAT_PASSWORD, has short
    conversations (three rounds; a model that costs money is paid for), and deletes them. At most 25 conversations (what one person may ask in a minute) and 4 tabs each.

A table on the output, the samples in .cache/load.json, plots in .cache/load.html.
`;

function refuse(text: string): never {
  process.stderr.write(`${text}\n\n${HELP}`);
  process.exit(2);
}

function given(): ReturnType<typeof parse> {
  try {
    return parse();
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

function parse() {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ options: { help: { type: 'boolean', default: false }, only: text, quick: { type: 'boolean', default: false }, url: { ...text, multiple: true }, streams: text, tabs: text, model: text } });
  if (values.url === undefined && [values.streams, values.tabs, values.model].some((value) => value !== undefined)) throw new Error('--streams, --tabs and --model go with --url.');
  if (values.url !== undefined && values.only !== undefined) throw new Error('--only names scenarios of this machine; it does not go with --url.');
  return values;
}

const values = given();
if (values.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
const names = values.only?.split(',') ?? Object.keys(SCENARIOS);
const unknown = names.filter((name) => SCENARIOS[name] === undefined);
if (unknown.length > 0) refuse(`There is no scenario ${unknown.join(', ')}.`);

function count(name: 'streams' | 'tabs', most: number, otherwise: number): number {
  const number = Number(values[name] ?? otherwise);
  return Number.isInteger(number) && number >= 1 && number <= most ? number : refuse(`--${name} takes a whole number from 1 to ${most}.`);
}

const began = performance.now();
const runOf = (name: string): Run => ({
  isQuick: values.quick,
  repeats: values.quick ? 1 : 3,
  say: (text) => void process.stderr.write(`${((performance.now() - began) / 1_000).toFixed(0).padStart(4)} s  ${name}: ${text}\n`),
});

async function measure(): Promise<Found[]> {
  if (values.url !== undefined) {
    const { GORUNCHAT_EMAIL: email, GORUNCHAT_PASSWORD: password } = process.env;
    if (!email || !password) refuse('--url needs an account there: set GORUNCHAT_EMAIL and GORUNCHAT_PASSWORD.');
    const wrong = values.url.find((url) => !/^https?:\/\/[^/]+\/?$/u.test(url) || !URL.canParse(url));
    if (wrong !== undefined) refuse(`${wrong} is not the address of a deployment, such as https://chat.example.org.`);
    const urls = values.url.map((url) => new URL(url).origin);
    return [await deployment({ urls, email, password, model: values.model ?? 'demo/demo', streams: count('streams', 25, values.quick ? 4 : 10), tabs: count('tabs', 4, 2) }, runOf('deployment'))];
  }
  const found: Found[] = [];
  for (const name of names) found.push(await (SCENARIOS[name] as (run: Run) => Promise<Found>)(runOf(name)));
  return found;
}

const found = await measure().catch((error: unknown) => {
  if (values.url === undefined) throw error; // a mistake of ours
  process.stderr.write(`The deployment could not be measured: ${String(error instanceof Error ? error.message : error).split('\n', 1)[0]}\n`);
  return process.exit(1);
});
const setting = { node: process.version, cores: availableParallelism(), isQuick: values.quick, at: new Date().toISOString(), command: ['npm run load', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' ') };
const cache = join(import.meta.dirname, '../../.cache');
mkdirSync(cache, { recursive: true });
writeFileSync(join(cache, 'load.json'), JSON.stringify({ ...setting, found }, undefined, 1));
writeFileSync(join(cache, 'load.html'), reportOf(setting, found));
process.stdout.write(`\n${tableOf(found)}\n\n${values.quick ? '' : 'Three numbers are the least, the median and the most of the repeats. '}Node ${process.version}, ${setting.cores} cores. Plots: .cache/load.html\n`);
