import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Deployment } from './deployment.ts';
import type { Found } from './figures.ts';
import { reportOf } from './report.ts';
import type { Run } from './run.ts';
import { HERE, ONLY_HERE, THERE } from './scenarios.ts';
import { tableOf } from './table.ts';

const HELP = `npm run load                                  everything on this machine, each scenario beside its comparator
npm run load -- --only delivery,replay        some of: ${Object.keys(HERE).join(', ')}
npm run load -- --quick                       once instead of three times, and smaller
npm run load -- --repeats 5                   so often instead of three times
npm run load -- --url https://chat.example.org [--url …] [--only …] [--streams 10] [--tabs 2] [--crowd 50] [--model demo/demo]
    a running deployment of your own, each --url an instance of it: ${Object.keys(THERE).join(', ')}. Signs in as
    GORUNCHAT_EMAIL with GORUNCHAT_PASSWORD, has short conversations (three rounds; a model that costs money is paid for), and
    deletes them. At most 25 conversations (what one person may ask in a minute) with 4 tabs each, and a crowd of 80 tabs.
    Only on this machine:
${Object.entries(ONLY_HERE).map(([name, why]) => `      ${name.padEnd(20)}${why}`).join('\n')}

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
  const { values } = parseArgs({ options: { help: { type: 'boolean', default: false }, only: text, quick: { type: 'boolean', default: false }, repeats: text, url: { ...text, multiple: true }, streams: text, tabs: text, crowd: text, model: text } });
  if (values.url === undefined && [values.streams, values.tabs, values.crowd, values.model].some((value) => value !== undefined)) throw new Error('--streams, --tabs, --crowd and --model go with --url.');
  return values;
}

const values = given();
if (values.help) {
  process.stdout.write(HELP);
  process.exit(0);
}

/** The scenarios that were asked for, among these. */
function chosen<S>(all: Record<string, S>): [string, S][] {
  return (values.only?.split(',') ?? Object.keys(all)).map((name) => {
    const scenario = all[name];
    if (scenario !== undefined) return [name, scenario];
    return refuse(name in HERE ? `The scenario ${name} ${ONLY_HERE[name as keyof typeof ONLY_HERE]}.` : `There is no scenario ${name}.`);
  });
}

function count(name: 'streams' | 'tabs' | 'crowd' | 'repeats', most: number, otherwise: number): number {
  const number = Number(values[name] ?? otherwise);
  return Number.isInteger(number) && number >= 1 && number <= most ? number : refuse(`--${name} takes a whole number from 1 to ${most}.`);
}

function deploymentAt(addresses: readonly string[]): Deployment {
  const { GORUNCHAT_EMAIL: email, GORUNCHAT_PASSWORD: password } = process.env;
  if (!email || !password) refuse('--url needs an account there: set GORUNCHAT_EMAIL and GORUNCHAT_PASSWORD.');
  const wrong = addresses.find((url) => !/^https?:\/\/[^/]+\/?$/u.test(url) || !URL.canParse(url));
  if (wrong !== undefined) refuse(`${wrong} is not the address of a deployment, such as https://chat.example.org.`);
  const urls = addresses.map((url) => new URL(url).origin);
  return { urls, email, password, model: values.model ?? 'demo/demo', streams: count('streams', 25, values.quick ? 4 : 10), tabs: count('tabs', 4, 2), crowd: count('crowd', 80, values.quick ? 20 : 50) };
}

const began = performance.now();
const repeats = count('repeats', 99, values.quick ? 1 : 3);
const runOf = (name: string): Run => ({
  isQuick: values.quick,
  repeats,
  say: (text) => void process.stderr.write(`${((performance.now() - began) / 1_000).toFixed(0).padStart(4)} s  ${name}: ${text}\n`),
});

async function measure(): Promise<Found[]> {
  const found: Found[] = [];
  if (values.url === undefined) {
    for (const [name, scenario] of chosen(HERE)) found.push(await scenario(runOf(name)));
    return found;
  }
  const scenarios = chosen(THERE);
  const there = deploymentAt(values.url);
  for (const [name, scenario] of scenarios) found.push(await scenario(there, runOf(name)));
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
