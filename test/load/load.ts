import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { tableOf, type Found } from './figures.ts';
import type { Run } from './run.ts';
import { delivery } from './scenarios/delivery.ts';
import { failover } from './scenarios/failover.ts';
import { firstToken } from './scenarios/first-token.ts';
import { idle } from './scenarios/idle.ts';
import { instances } from './scenarios/instances.ts';
import { live } from './scenarios/live.ts';
import { replay } from './scenarios/replay.ts';
import { slowTab } from './scenarios/slow-tab.ts';
import { storm } from './scenarios/storm.ts';

const SCENARIOS: Record<string, (run: Run) => Promise<Found>> = { 'first-token': firstToken, delivery, replay, idle, 'slow-tab': slowTab, instances, live, failover, storm };

const { values } = parseArgs({ options: { only: { type: 'string' }, quick: { type: 'boolean', default: false } } });
const names = values.only?.split(',') ?? Object.keys(SCENARIOS);
const unknown = names.filter((name) => SCENARIOS[name] === undefined);
if (unknown.length > 0) {
  process.stderr.write(`There is no scenario ${unknown.join(', ')}. There are: ${Object.keys(SCENARIOS).join(', ')}.\n`);
  process.exit(2);
}

const began = performance.now();
const found: Found[] = [];
for (const name of names) {
  const say = (text: string): void => void process.stderr.write(`${((performance.now() - began) / 1_000).toFixed(0).padStart(4)} s  ${name}: ${text}\n`);
  found.push(await (SCENARIOS[name] as (run: Run) => Promise<Found>)({ isQuick: values.quick, repeats: values.quick ? 1 : 3, say }));
}

const setting = { node: process.version, cores: availableParallelism(), isQuick: values.quick };
const file = join(import.meta.dirname, '../../.cache/load.json');
mkdirSync(join(file, '..'), { recursive: true });
writeFileSync(file, JSON.stringify({ ...setting, found }, undefined, 1));
process.stdout.write(`\n${tableOf(found)}\n\nThree numbers are the least, the median and the most of the repeats. Node ${process.version}, ${setting.cores} cores.\n`);
