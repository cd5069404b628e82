// npm run faults -- --cases 20 --seed 1 --instances 2     or     npm run faults -- --simulated 5000
// Real processes, a real Redis and a real database, one seeded history after another while everything goes wrong that can. Says what was found; a failing seed repeats with --seed N --cases 1.
import { parseArgs } from 'node:util';
import { MongoClient } from 'mongodb';
import { newProcesses, type Instance } from '../support/cluster.ts';
import { findMongo } from '../support/mongo.ts';
import type { Dice } from '../support/random.ts';
import { newAccount, Tab } from '../support/tab.ts';
import { newCountedModel } from './counted-model.ts';
import { faultsIn, markOf, runHistory } from './history.ts';
import { faultsOnRecord } from './journal.ts';
import { calm, mayInterrupt, outage, OUTAGE_NAMES } from './outages.ts';
import { simulate } from './simulated/run.ts';
import { MECHANISMS } from './simulated/store.ts';

const { values } = parseArgs({
  options: { cases: { type: 'string', default: '10' }, seed: { type: 'string', default: '1' }, instances: { type: 'string', default: '2' }, without: { type: 'string' }, simulated: { type: 'string' } },
});
for (const name of ['cases', 'seed', 'instances', 'simulated'] as const) {
  const given = values[name];
  if (given === undefined || (/^\d{1,6}$/u.test(given) && Number(given) > 0)) continue;
  process.stderr.write(`--${name} takes a number from 1 to 999999.\n`);
  process.exit(2);
}
const without = MECHANISMS.find((one) => one === values.without);
if (values.without !== without) {
  process.stderr.write(`--without takes one of ${MECHANISMS.join(', ')}: the mechanism that is taken out, to see that its absence is found.\n`);
  process.exit(2);
}

if (values.simulated !== undefined) process.exit(await simulate(Number(values.simulated), Number(values.seed), without));

const mongo = await findMongo();
const uri = mongo.uri.replace(/^(mongodb(?:\+srv)?:\/\/[^/?]+)\/?([^?]*)/u, `$1/faults-${process.pid}`);
const database = await MongoClient.connect(uri);
const model = await newCountedModel(400);
const processes = await newProcesses(uri, Number(values.instances), { ...model.environment, ...(without !== undefined && { WITHOUT: without }) }, 'linked');
Tab.checksPositions = without !== 'position';
const found: { seed: number; happened: string[]; faults: string[] }[] = [];
const counts = { calls: 0, messages: 0, outages: 0, tabs: 0 };
try {
  for (let seed = Number(values.seed); seed < Number(values.seed) + Number(values.cases); seed++) {
    const { happened, faults, messages, tabs } = await runCase(seed);
    counts.messages += messages;
    counts.tabs += tabs;
    counts.calls += model.callsFor(markOf(seed, 0));
    counts.outages += happened.length;
    if (faults.length > 0) found.push({ seed, happened, faults });
    process.stderr.write(`seed ${seed}: ${messages} messages, ${tabs} tabs, ${happened.join('; ') || 'nothing happened'}: ${faults.length === 0 ? 'as it must be' : faults.join(' | ')}\n`);
  }
} finally {
  await processes[Symbol.asyncDispose]();
  await model[Symbol.asyncDispose]();
  await database.db().dropDatabase().catch(() => undefined); // an outage of the database itself
  await database.close();
  await mongo.stop();
}

async function runCase(seed: number) {
  const happened: string[] = [];
  const broken: string[] = [];
  try {
    const account = await newAccount((processes.instances[0] as Instance).url);
    const outcome = await runHistory(seed, 14, { account, model: model.id, url: (dice) => (dice.pick(processes.instances) as Instance).url, crash: (dice, meanwhile) => crash(dice, meanwhile, happened, broken) });
    const faults = [...broken, ...(await faultsIn(outcome, 40_000, mayInterrupt(happened))), ...(await faultsOnRecord(database.db(), outcome.conversation, model.callsFor(markOf(seed, 0))))];
    for (const tab of outcome.tabs) await tab[Symbol.asyncDispose]();
    return { happened, faults, messages: outcome.acknowledged.length, tabs: outcome.tabs.length };
  } catch (error) {
    return { happened, faults: [...broken, `a history that never settles: ${String(error).slice(0, 300)}`], messages: 0, tabs: 0 };
  }
}

async function crash(dice: Dice, meanwhile: () => void, happened: string[], broken: string[]): Promise<void> {
  const name = dice.pick(OUTAGE_NAMES);
  happened.push(name);
  await outage(name, processes, dice, meanwhile).catch(async (error: unknown) => {
    broken.push(`outage: ${name}: ${String(error)}`);
    await calm(processes); // what one outage leaves behind must not be found in the next history
  });
  for (const instance of processes.instances.filter(({ isRunning }) => !isRunning)) {
    broken.push('an instance has ended by itself');
    await instance.start();
  }
}

const kinds: Record<string, RegExp> = { 'gaps: messages lost': /^lost: /u, 'duplicates: messages doubled': /^doubled|^not acknowledged/u, 'tabs that differ': /shows another/u, 'gaps: text lost': /^lost text/u, 'text wrong': /beginning of|whole text|reply to nothing/u, 'histories that never settle': /never settles/u, 'things that do not fit': /do not fit/u, 'stale writes accepted': /^stale write|^record/u, 'calls repeated unknowingly': /^call /u, 'turns lost or ended twice': /^turn /u, 'outages that do not end well': /^outage|^an instance/u };
const all = found.flatMap(({ faults }) => faults);
process.stdout.write(`\n${values.cases} histories on ${values.instances} instances${without === undefined ? '' : ` without the ${without}`}: ${counts.messages} messages acknowledged, ${counts.calls} calls at the model, ${counts.outages} outages, ${counts.tabs} tabs at the end\n`);
for (const [name, pattern] of Object.entries(kinds)) process.stdout.write(`  ${name.padEnd(30)} ${all.filter((one) => pattern.test(one)).length}\n`);
for (const { seed } of found) process.stdout.write(`  again: npm run faults -- --cases 1 --seed ${seed} --instances ${values.instances}${without === undefined ? '' : ` --without ${without}`}\n`);
process.exitCode = found.length === 0 ? 0 : 1;
