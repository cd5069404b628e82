import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Failure, FAILURES } from '../contracts/failures.ts';
import { systemClock } from './clock.ts';
import type { Config } from './config.ts';
import type { Restored } from './conversations/restoring.ts';
import type { BackupBegun } from './journal/backup-record.ts';
import type { Since } from './journal/erased-since.ts';
import { archivesIn } from './journal/verify/archive.ts';
import { atHand, isDatabaseAddress, verdictOn, verify, VERIFY_OPTIONS, type ReadDatabase } from './journal/verify/command.ts';
import { whoAsks } from './start-up.ts';
import type { Copies } from './store/copies.ts';
import type { Store } from './store/store.ts';

const USAGE = `Usage: gorunchat <command>

  start                 run the product (see the README for what can be set)
  verify <data folder, archive, backup, package, or mongodb://…>
                        check that no record was altered, lost, swapped or cut off; without a place, of the
                        database that MONGODB_URI names
${VERIFY_OPTIONS}  backup <folder>       copy all data there, also while the product runs, once that is on record
  wrap-master-key <key> say how the master key is given wrapped by this key of Google Cloud KMS
                        (projects/…/locations/…/keyRings/…/cryptoKeys/…)
  restore <folder>      make the data anew of the latest backup there; the product must not run
    --backup NAME       of this one instead
    --erased-since PLACE
                        erase again what was erased since, as the copy outside, another data folder, another
                        database or a list of conversations has it
    --replace           put what is in the data folder aside, and erase again what was erased in it
`;

type Say = (text: string) => void;

/** One command line for operators. Resolves with the exit code: 0 well, 1 something was found or refused, 2 it could not be asked that way. */
export async function run(args: readonly string[], say: Say, environment: Environment = process.env): Promise<number> {
  const [command, ...rest] = args;
  if (command === 'verify') return await verify(rest, { say, usage: USAGE, readDatabase, database: environment['MONGODB_URI'] ?? environment['MONGO_URI'] });
  if (command === 'wrap-master-key') return await wrapAsAsked(rest, say, environment);
  if (command === 'backup') return await backUpAsAsked(rest, say, environment);
  if (command === 'restore') return await restoreAsAsked(rest, say, environment);
  if (command === 'start' && rest.length === 0) {
    const { runProduct } = await import('./main.ts');
    await runProduct();
    return 0;
  }
  say(USAGE);
  return 2;
}

type Environment = Readonly<Record<string, string | undefined>>;

const readDatabase: ReadDatabase = async (uri, use) => (await import('./store/mongo/copies.ts')).documentsIn(uri, use);

/** The settings; what is wrong with them is said, and is thrown as a sentence. */
async function configOf(environment: Environment): Promise<Config> {
  const { ConfigProblems, readConfig } = await import('./config.ts');
  try {
    return readConfig(environment);
  } catch (error) {
    if (!(error instanceof ConfigProblems)) throw error;
    throw new Error(`the configuration is not right:\n${error.problems.map((problem) => `  ${problem}`).join('\n')}`, { cause: error });
  }
}

/** Of the store that these settings name. */
async function copiesOf({ dataFolder, cluster }: Config, aside?: string): Promise<Copies> {
  if (cluster !== undefined) {
    if (aside !== undefined) throw new Error('the data of a database is put aside by naming another one: give MONGODB_URI a new name, and the old one with --erased-since.');
    const [{ databaseCopies }, { mongoStore }] = await Promise.all([import('./store/mongo/copies.ts'), import('./store/mongo.ts')]);
    return databaseCopies({ uri: cluster.mongoUrl, open: () => mongoStore({ uri: cluster.mongoUrl, restores: true, report: () => undefined }) });
  }
  const [{ folderCopies }, { sqliteStore }] = await Promise.all([import('./store/sqlite/copies.ts'), import('./store/sqlite.ts')]);
  return folderCopies({ folder: dataFolder, aside, open: (folder) => sqliteStore({ folder }) });
}

async function backUpAsAsked(args: readonly string[], say: Say, environment: Environment): Promise<number> {
  const [folder, ...more] = args;
  if (folder === undefined || more.length > 0 || folder.startsWith('-')) return (say(USAGE), 2);
  try {
    const config = await configOf(environment);
    const { backUp } = await import('./journal/backup.ts');
    const record = (name: string): Promise<void> => recordBackup(config, { by: whoAsks(), name, place: resolve(folder), keyBackupDays: config.keyBackupDays });
    const { name, removed } = await backUp(await copiesOf(config), { folder, at: Date.now(), product: productVersion(), keyBackupDays: config.keyBackupDays, record });
    say(`Backup ${name} is in ${join(folder, 'content', name)}, its keys are in ${join(folder, 'keys', name)}. The master key is in neither: keep it elsewhere, nothing can be read without it.\n`);
    if (removed.length > 0) say(`Keys older than ${config.keyBackupDays} days were removed: ${removed.join(', ')}. What these backups hold can be read with later keys only, and what was erased by then not at all.\n`);
    return 0;
  } catch (error) {
    say(`No backup was made: ${sentenceOf(error)}\n`);
    return 1;
  }
}

/**
 * By the process that has the data folder, where there is one; else the store is opened as a start would, and so is a database, beside whatever runs on it. Throws a sentence where that could not be, with the
 * reason.
 */
async function recordBackup(given: Config, begun: BackupBegun): Promise<void> {
  try {
    const isFolder = given.cluster === undefined;
    if (isFolder && !existsSync(join(given.dataFolder, 'gorunchat.db'))) throw new Error(`There is no data in ${given.dataFolder}. Name the folder with GORUNCHAT_DATA.`);
    const { askLocally } = await import('./gateway/local.ts');
    if (isFolder && (await askLocally(given.dataFolder, begun))) return;
    const [{ unlock }, { withMasterKey }, { openAudit }, { backupRecorder }] = await Promise.all([import('./accounts/unlocking.ts'), import('./main.ts'), import('./journal/audit.ts'), import('./journal/backup-record.ts')]);
    const config = await withMasterKey(given);
    needsMasterKey(config);
    const store = await openStore(config);
    try {
      const { keys, instances } = await unlock(store, config, () => systemClock.now());
      await backupRecorder(openAudit(store, keys, systemClock))(begun).finally(() => instances.leave());
    } finally {
      await store.close();
    }
  } catch (error) {
    throw new Error(`it could not be put on record, and nothing is copied without that: ${sentenceOf(error)}`, { cause: error });
  }
}

async function openStore({ dataFolder, cluster }: Config): Promise<Store> {
  if (cluster === undefined) return (await import('./store/sqlite.ts')).sqliteStore({ folder: dataFolder });
  return (await import('./store/mongo.ts')).mongoStore({ uri: cluster.mongoUrl, report: () => undefined });
}

function needsMasterKey({ dataFolder, masterKey }: Config): void {
  const file = join(dataFolder, 'master.key');
  if (masterKey === undefined && !existsSync(file)) throw new Error(`the master key is needed. Put it into ${file}, or give it with GORUNCHAT_MASTER_KEY.`);
}

async function wrapAsAsked(args: readonly string[], say: Say, environment: Environment): Promise<number> {
  const [key, ...more] = args;
  if (key === undefined || more.length > 0 || !key.startsWith('projects/')) return (say(USAGE), 2);
  try {
    const [{ keyServiceOf, withMasterKey }, { wrapMasterKey }, { masterKey }] = await Promise.all([import('./main.ts'), import('./journal/key-service.ts'), import('./journal/master-keys.ts')]);
    const config = await withMasterKey(await configOf(environment));
    const file = join(config.dataFolder, 'master.key');
    if (config.masterKey === undefined && !existsSync(file)) throw new Error(`there is no master key in ${file}. Start the product once, which makes one, or give one with GORUNCHAT_MASTER_KEY.`);
    const line = await wrapMasterKey(masterKey(file, config.masterKey).toString('hex'), key, keyServiceOf(config));
    say(`Give this line with GORUNCHAT_MASTER_KEY, or put it into ${file}, in place of what is there. It is the same master key, which is nowhere but in memory from then on:\n\n${line}\n`);
    return 0;
  } catch (error) {
    say(`The master key was not wrapped: ${sentenceOf(error)}\n`);
    return 1;
  }
}

function restoreAsked(args: readonly string[]): { folder: string; name: string | undefined; places: readonly string[]; replace: boolean } | undefined {
  try {
    const { positionals, values } = parseArgs({ args: [...args], allowPositionals: true, options: { 'backup': { type: 'string' }, 'erased-since': { type: 'string', multiple: true }, 'replace': { type: 'boolean' } } });
    const [folder, ...more] = positionals;
    return folder === undefined || more.length > 0 ? undefined : { folder, name: values.backup, places: values['erased-since'] ?? [], replace: values.replace === true };
  } catch {
    return undefined; // how it is asked is said instead
  }
}

async function restoreAsAsked(args: readonly string[], say: Say, environment: Environment): Promise<number> {
  const asked = restoreAsked(args);
  if (asked === undefined) return (say(USAGE), 2);
  const { folder, name, places, replace } = asked;
  try {
    const { withMasterKey } = await import('./main.ts');
    const config = await withMasterKey(await configOf(environment));
    const at = Date.now();
    const { nameOf } = await import('./journal/lineage.ts');
    const copies = await copiesOf(config, replace ? `before-restore-${nameOf(at)}` : undefined);
    const since = await sinceBackup(config, places, replace);
    const [{ restore }, { removeAgain }, { givenMasterKeys }] = await Promise.all([import('./conversations/restoring.ts'), import('./accounts/removing-again.ts'), import('./journal/master-keys.ts')]);
    needsMasterKey(config);
    const verify = (content: string, checkpoints: readonly string[]) => atHand(content, async (place) => (await verdictOn(place, { checkpoints }, say)).findings);
    sayRestored(await restore(copies, { folder, name, at, by: whoAsks(), masters: givenMasterKeys(config.dataFolder, config), since, removeAgain, verify }), since, say);
    return 0;
  } catch (error) {
    say(`Nothing was restored: ${sentenceOf(error)}\n`);
    return 1;
  }
}

/** What was named, and what is at hand: what is replaced, and the copy outside. */
async function sinceBackup({ dataFolder, archiveFolder, cluster }: Config, places: readonly string[], isReplacing: boolean): Promise<Since[]> {
  const { erasedSince } = await import('./journal/erased-since.ts');
  const known = [...(cluster === undefined && isReplacing ? [dataFolder] : []), ...(archiveFolder !== undefined && archivesIn(archiveFolder).length > 0 ? [archiveFolder] : [])];
  const read: Since[] = [];
  for (const place of new Set([...places, ...known])) read.push(isDatabaseAddress(place) ? await erasedIn(place) : await erasedSince(place));
  return read;
}

async function erasedIn(uri: string): Promise<Since> {
  const { erasedInDatabase } = await import('./store/mongo/copies.ts');
  return { place: uri.replace(/\/\/[^/@]*@/u, '//'), ...(await erasedInDatabase(uri)) }; // a name and a password stand before the @
}

function sayRestored({ name, at, keys, generation, erased, removed, aside }: Restored, since: readonly Since[], say: Say): void {
  say(`The backup ${name} was restored, as it was on ${new Date(at).toISOString()}, with the keys of ${keys}. What came later is gone. This is generation ${generation}, and that is on record.\n`);
  const known = ['its keys', ...since.map(({ place }) => place)].join(', ');
  say(`Erased again: ${erased} ${erased === 1 ? 'conversation' : 'conversations'} that had been erased since, as far as that is known from ${known}.\n`);
  if (removed.people > 0) say(`Removed again: ${removed.people} ${removed.people === 1 ? 'person' : 'people'} who had been removed since. What is theirs is erased once the product runs.\n`);
  if (removed.people > 0 && !removed.hasAdmin) say('No administrator is left: whoever signs up next is one. Where the product listens beyond this machine, the code for it is said at the start.\n');
  if (since.length === 0) say('It could not be checked what was erased and who was removed since the backup: nothing that knows was named with --erased-since, and no copy outside was there. What somebody had erased since, and the keys of this backup still open, can be read again.\n');
  if (aside !== undefined) say(`What was there before is in ${aside}, with its keys. Remove it when you need it no more: what was erased since the restore can still be read there.\n`);
  say('Sign-outs, roles, blocked visitors and keys are as they were at the backup: look through them.\n');
}

function productVersion(): string {
  return (JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as { version: string }).version;
}

function sentenceOf(error: unknown): string {
  if (error instanceof Failure) return error.detail ?? FAILURES[error.code].text;
  return error instanceof Error ? error.message : String(error);
}

if (import.meta.main) {
  const code = await run(process.argv.slice(2), (text) => process.stdout.write(text));
  if (process.argv[2] !== 'start' || code !== 0) process.exitCode = code;
}
