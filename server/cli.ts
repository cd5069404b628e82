import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Counted } from './journal/exports/plan.ts';
import { verifyExport } from './journal/verify-export.ts';
import { isPackage, verifyPackage } from './journal/verify-package.ts';
import { isArchive, verifyArchive } from './journal/verify-archive.ts';
import { verifyDatabase, type KeptElsewhere, type Verdict } from './journal/verify.ts';

const USAGE = `Usage: gorunchat <command>

  start                 run the product (see the README for what can be set)
  verify <data folder, archive, or package>
                        check that no record was altered, lost, swapped or cut off
    --checkpoint FILE   also against a checkpoint that was kept elsewhere
    --key KEY           trust only this public key of the log
`;

/** One command line for operators. Resolves with the exit code: 0 well, 1 something was found, 2 it could not be asked that way. */
export async function run(args: readonly string[], say: (text: string) => void): Promise<number> {
  const [command, ...rest] = args;
  if (command === 'verify') return await verify(rest, say);
  if (command === 'start' && rest.length === 0) {
    const { runProduct } = await import('./main.ts');
    await runProduct();
    return 0;
  }
  say(USAGE);
  return 2;
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

function verifyPlace(place: string, kept: KeptElsewhere): Verdict | Promise<Verdict> {
  if (beginsWith(place, 'age-encryption.org/')) throw new Error('it is encrypted. Whoever has the key opens it first: age --decrypt -i KEY.txt -o PACKAGE.zip ' + place);
  if (isPackage(place)) return verifyPackage(place, kept);
  if (beginsWith(place, '{')) return verifyExport(place, kept);
  return isArchive(place) ? verifyArchive(place, kept) : verifyDatabase(place, kept);
}

function inWords({ subject, from, to, conversations, included, records }: Counted): string {
  const day = (at: number): string => new Date(at).toISOString();
  const period = from === null && to === null ? '' : `, ${from === null ? 'up' : `from ${day(from)}`} ${to === null ? 'on' : `to ${day(to)}`}`;
  return `${subject.type === 'person' ? 'Person' : 'Site'} ${subject.id}${period}: ${included} of ${conversations} conversations are in it (${records} records in all of them).\n`;
}

async function verify(args: readonly string[], say: (text: string) => void): Promise<number> {
  try {
    const { positionals, values } = parseArgs({ args: [...args], allowPositionals: true, options: { checkpoint: { type: 'string', multiple: true }, key: { type: 'string', multiple: true } } });
    const [place] = positionals;
    if (place === undefined || positionals.length > 1) return (say(USAGE), 2);
    const checkpoints = (values.checkpoint ?? []).map((file) => readFileSync(file, 'utf8'));
    const kept = { checkpoints, keys: values.key ?? [] };
    const { records, chains, findings, log, counted = [] } = await verifyPlace(place, kept);
    for (const finding of findings.slice(0, MOST_SAID)) say(`${finding.kind}: ${finding.says}\n`);
    if (findings.length > MOST_SAID) say(`… and ${findings.length - MOST_SAID} more\n`);
    say(findings.length === 0 ? `Intact: ${records} records in ${chains} chains.\n` : `Not intact: ${findings.length} found in ${records} records of ${chains} chains.\n`);
    for (const one of counted) say(inWords(one));
    if (log !== undefined) say(`The log holds ${log.sealed} records under its signed checkpoint${log.unsealed === 0 ? '' : `; ${log.unsealed} more have no place in it yet, and only their own chain vouches for them`}.\n`);
    return findings.length === 0 ? 0 : 1;
  } catch (error) {
    say(`This could not be verified: ${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
}

if (import.meta.main) {
  const code = await run(process.argv.slice(2), (text) => process.stdout.write(text));
  if (process.argv[2] !== 'start' || code !== 0) process.exitCode = code;
}
