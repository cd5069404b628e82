// Runs without any dependency, as everything of `gorunchat verify` does.
import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Counted } from '../../../contracts/proofs/statement.ts';
import type { KeptElsewhere, Verdict } from '../../../contracts/proofs/verdict.ts';
import { archivesIn, verifyArchive } from './archive.ts';
import { copiedIn, fillFrom, inFile, isCopied, type ReadKind } from './copied.ts';
import { verifyDatabase } from './database.ts';
import { verifyExport } from './export.ts';
import { isPackage, verifyPackage } from './package.ts';
import { ofAnotherMoment, witnessedIn } from './witnessed.ts';

/** What follows `verify`, as its usage has it. */
export const VERIFY_OPTIONS = `    --checkpoint FILE   also against a checkpoint that was kept elsewhere
    --key KEY           trust only this public key of the log
    --witness KEY       only what begins with a checkpoint that this witness has cosigned, one of those
                        with --checkpoint or of those that the data folder keeps
`;

/** Gives `use` what a MongoDB database holds as of one moment. Throws a sentence where it cannot be read. */
export type ReadDatabase = (uri: string, use: (read: ReadKind) => Promise<void>) => Promise<void>;
type Say = (text: string) => void;

export interface VerifyCommand {
  readonly say: Say;
  readonly usage: string;
  readonly readDatabase: ReadDatabase;
  /** The database that is looked at where no place is named. */
  readonly database: string | undefined;
}

const MOST_SAID = 100;

/** How a file begins: that of lines with `{`, that of age with its name. */
function beginsWith(place: string, words: string): boolean {
  if (!existsSync(place) || statSync(place).isDirectory()) return false;
  const file = openSync(place, 'r');
  try {
    const first = Buffer.alloc(words.length);
    return readSync(file, first, 0, words.length, 0) === words.length && first.toString() === words;
  } finally {
    closeSync(file);
  }
}

function inWords({ subject, from, to, conversations, included, records }: Counted): string {
  const day = (at: number): string => new Date(at).toISOString();
  const period = from === null && to === null ? '' : `, ${from === null ? 'up' : `from ${day(from)}`} ${to === null ? 'on' : `to ${day(to)}`}`;
  return `${subject.type === 'person' ? 'Person' : 'Site'} ${subject.id}${period}: ${included} of ${conversations} conversations are in it (${records} records in all of them).\n`;
}

interface ToVerify {
  readonly place: string;
  readonly checkpoints: readonly string[];
  readonly keys: readonly string[];
  readonly witnesses: readonly string[];
}

/** `gorunchat verify`. Resolves with the exit code: 0 intact, 1 something was found, 2 it could not be asked or read that way. */
export async function verify(args: readonly string[], { say, usage, readDatabase, database }: VerifyCommand): Promise<number> {
  try {
    const { positionals, values } = parseArgs({ args: [...args], allowPositionals: true, options: { checkpoint: { type: 'string', multiple: true }, key: { type: 'string', multiple: true }, witness: { type: 'string', multiple: true } } });
    const [named = database, ...more] = positionals;
    if (named === undefined || named === '' || more.length > 0) return (say(usage), 2);
    const checkpoints = (values.checkpoint ?? []).map((file) => readFileSync(file, 'utf8'));
    const check = (place: string): Promise<number> => verifyThere({ place, checkpoints, keys: values.key ?? [], witnesses: values.witness ?? [] }, say);
    return await (isDatabaseAddress(named) ? inFile((file) => readDatabase(named, (read) => fillFrom(read, file)), check) : atHand(named, check));
  } catch (error) {
    say(`This could not be verified: ${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
}

export const isDatabaseAddress = (place: string): boolean => /^mongodb(\+srv)?:\/\//u.test(place);

/** A place that can be read as files are: what is in a backup of a MongoDB database is put into a file for as long as `use` takes. */
export async function atHand<T>(place: string, use: (place: string) => Promise<T>): Promise<T> {
  const isAnother = beginsWith(place, '{') || existsSync(join(place, 'gorunchat.db')) || archivesIn(place).length > 0 || (await isPackage(place)); // whatever somebody has put beside it
  return isAnother || !isCopied(place) ? use(place) : inFile((file) => fillFrom(copiedIn(place), file), use);
}

async function verifyThere({ place, checkpoints, keys, witnesses }: ToVerify, say: Say): Promise<number> {
  if (witnesses.length > 0 && beginsWith(place, '{')) throw new Error('what is one file cannot be held against what a witness has cosigned. Check the package that it is from.');
  const { witnessed, findings: unwitnessed } = witnessedIn(place, witnesses, checkpoints);
  const { findings: found, records, chains, log, counted = [], under, isHeldAgainst } = await verdictOn(place, { checkpoints: [...new Set([...checkpoints, ...witnessed.map(({ note }) => note)])], keys }, say);
  const ofOther = isHeldAgainst === undefined ? [] : witnessed.filter(({ size }) => size !== under?.size).map((one) => ofAnotherMoment(one, under?.size));
  const findings = [...unwitnessed, ...found, ...ofOther];
  for (const finding of findings.slice(0, MOST_SAID)) say(`${finding.kind}: ${finding.says}\n`);
  if (findings.length > MOST_SAID) say(`… and ${findings.length - MOST_SAID} more\n`);
  say(findings.length === 0 ? `Intact: ${records} records in ${chains} chains.\n` : `Not intact: ${findings.length} found in ${records} records of ${chains} chains.\n`);
  for (const one of counted) say(inWords(one));
  if (findings.length === 0) for (const { witness, size, at } of witnessed) say(`${witness} has cosigned the first ${size} records, on ${new Date(at).toISOString()}.\n`);
  if (log !== undefined) say(`The log holds ${log.sealed} records under its signed checkpoint${log.unsealed === 0 ? '' : `; ${log.unsealed} more have no place in it yet, and only their own chain vouches for them`}.\n`);
  return findings.length === 0 ? 0 : 1;
}

/** Of what can be read as files are; `say` is told what the verdict does not say. Throws a sentence where it cannot be read. */
export async function verdictOn(place: string, kept: KeptElsewhere, say: Say): Promise<Verdict> {
  if (beginsWith(place, 'age-encryption.org/')) throw new Error(`it is encrypted. Whoever has the key opens it first: age --decrypt -i KEY.txt -o PACKAGE.zip ${place}`);
  if (await isPackage(place)) return verifyPackage(place, kept);
  if (beginsWith(place, '{')) return verifyExport(place, kept);
  const archives = archivesIn(place);
  const last = archives.pop();
  if (last === undefined) return verifyDatabase(place, kept);
  const verdict = await verifyArchive(last, kept);
  if (archives.length === 0) return verdict;
  // What was copied before a restore is another history, so what was kept elsewhere is held against the one that goes on.
  say(`${last} is what was copied since the last restore; what was copied before it is checked as well.\n`);
  const earlier = await Promise.all(archives.map((archive) => verifyArchive(archive, { keys: kept.keys ?? [] })));
  return { ...verdict, findings: [...earlier.flatMap(({ findings }) => findings), ...verdict.findings] };
}
