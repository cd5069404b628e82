import { hexOf, joined } from './bytes.ts';
import { ExportCheck } from './export-check.ts';
import { checkpointIn, isOfSameMoment, signedTextIn, type Checkpoint } from './note.ts';
import { MANIFEST, MANIFEST_NOTE, manifestText, recordsPath, STATEMENT } from './package-paths.ts';
import type { Primitives } from './primitives.ts';
import { StatementCheck } from './statement-check.ts';
import type { Find, Finding, KeptElsewhere, Verdict } from './verdict.ts';
import type { Folder } from './zip.ts';

/** Characters of a line: a record is far below that. */
const MOST_LINE = 64 * 1024 * 1024;
const MOST_MANIFEST_BYTES = 256 * 1024 * 1024;

interface Manifest {
  readonly package: 'gorunchat';
  readonly keys: readonly string[];
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly sha256: string }[];
}

/** Is told, after each piece, how many bytes of all were read. An `Ended` that it throws ends the check. */
export type Watch = (bytes: number, of: number) => Promise<void> | void;

/** Whoever looked on wants no verdict any more. */
export class Ended extends Error {}

/** How a package is checked: with what, against what was kept elsewhere, and who looks on. */
export interface PackageAsked extends KeptElsewhere {
  readonly primitives: Primitives;
  readonly watch?: Watch;
}

/**
 * Reads a package from its manifest on. It is intact when the manifest is signed and names every file as it is and no other one is there, the statement of completeness is whole, and each conversation that it
 * says is in here is, with as many records as it says, every one of them proved as in an export. Holds no more than the manifest and a line.
 */
export async function checkPackage(folder: Folder, { primitives, keys = [], checkpoints = [], watch }: PackageAsked): Promise<Verdict> {
  const findings: Finding[] = [];
  const find: Find = (kind, says) => void findings.push({ chain: 'package', number: 1, kind, says });
  const manifest = await manifestIn(folder, primitives, keys, find);
  if (manifest === undefined) return { records: 0, chains: 0, findings };
  const trusted = keys.length > 0 ? keys : manifest.keys;
  compareNames(folder, manifest, find);
  const statement = new StatementCheck(primitives, trusted, find);
  const checks = new Map<string, ExportCheck>();
  const read = reader(folder, { primitives, watch, of: manifest.files.reduce((sum, { bytes }) => sum + bytes, 0) }, find);
  for (const { path, bytes, sha256 } of manifest.files) {
    const conversation = conversationIn(path);
    const check = conversation === undefined ? undefined : new ExportCheck(primitives, trusted, checkpoints);
    if (conversation !== undefined && check !== undefined) checks.set(conversation, check);
    const found = await read(path, path === STATEMENT ? (line) => statement.line(line) : check && ((line) => check.line(line)));
    if (found !== undefined && (found.bytes !== bytes || found.sha256 !== sha256)) find('altered', `${path} is not the file that the manifest names`);
  }
  statement.check();
  const { checkpoint: under } = statement;
  return { ...compare(manifest, statement, checks, findings, find), under, keys: manifest.keys, isHeldAgainst: under !== undefined && checks.size > 0 && checkpoints.some((note) => isOf(note, under, { primitives, keys: trusted })) };
}

/** Whether this note is a checkpoint that the one of the package was held against. */
function isOf(note: string, under: Checkpoint, { primitives, keys }: { primitives: Primitives; keys: readonly string[] }): boolean {
  try {
    return isOfSameMoment(checkpointIn(primitives, note, keys), under);
  } catch {
    return false; // said as a finding by the check of each conversation
  }
}

/** What the statement says is in here against what is. */
function compare(manifest: Manifest, statement: StatementCheck, checks: ReadonlyMap<string, ExportCheck>, findings: Finding[], find: Find): Verdict {
  let records = 0;
  const hashes = new Map(manifest.files.map(({ path, sha256 }) => [path, sha256]));
  for (const [id, check] of checks) {
    const verdict = check.verdict();
    records += verdict.records;
    findings.push(...verdict.findings.map((finding) => ({ ...finding, says: `${recordsPath(id)}: ${finding.says}` })));
    const said = statement.included.get(id);
    if (said === undefined) find('swapped', `conversation ${id} is in the package, and the statement does not say so`);
    else if (!check.isOf(id, said.records, said.last) || check.note !== statement.note) find('altered', `conversation ${id} is not as the statement says`);
    for (const { path, sha256 } of check.beside) if (hashes.get(path) !== sha256) find('missing', `${path} is not the file that a record names`);
  }
  for (const id of statement.included.keys()) if (!checks.has(id)) find('missing', `conversation ${id} is in the statement, and not in the package`);
  return { records, chains: checks.size, findings, counted: statement.counted };
}

async function manifestIn(folder: Folder, primitives: Primitives, keys: readonly string[], find: Find): Promise<Manifest | undefined> {
  try {
    const bytes = await bytesIn(folder, MANIFEST);
    const text = textOf(bytes);
    const manifest = JSON.parse(text) as Manifest;
    if (manifest.package !== 'gorunchat' || !Array.isArray(manifest.files)) throw new Error('it is no manifest of GoRunChat');
    const signed = signedTextIn(primitives, textOf(await bytesIn(folder, MANIFEST_NOTE)), keys.length > 0 ? keys : manifest.keys);
    if (signed !== manifestText(hexOf(primitives.sha256().update(bytes).digest()))) throw new Error('it is not the one that was signed');
    return manifest;
  } catch (error) {
    find('unreadable', `the manifest does not hold: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

function compareNames({ names }: Folder, { files }: Manifest, find: Find): void {
  const named = new Set([MANIFEST, MANIFEST_NOTE, ...files.map(({ path }) => path)]);
  const there = new Set<string>();
  for (const name of names) {
    if (!named.has(name)) find('altered', `${name} is in the package, and the manifest does not name it`);
    if (there.has(name)) find('swapped', `${name} is in the package twice`);
    there.add(name);
  }
}

function conversationIn(path: string): string | undefined {
  const id = /^conversations\/([A-Za-z0-9_-]{22})\/records\.ndjson$/u.exec(path)?.[1];
  return id !== undefined && recordsPath(id) === path ? id : undefined;
}

type Read = (path: string, onLine: ((line: string) => void) | undefined) => Promise<{ bytes: number; sha256: string } | undefined>;

/** Reads size and hash of a file, whose lines are given on as they come. */
function reader(folder: Folder, { primitives, watch, of }: { primitives: Primitives; watch: Watch | undefined; of: number }, find: Find): Read {
  let all = 0;
  return async (path, onLine) => {
    const hash = primitives.sha256();
    const decoder = new TextDecoder();
    let [bytes, rest] = [0, ''];
    try {
      for await (const part of folder.read(path)) {
        hash.update(part);
        bytes += part.length;
        await watch?.((all += part.length), of);
        if (onLine === undefined) continue;
        const lines = (rest + decoder.decode(part, { stream: true })).split('\n');
        rest = lines.pop() ?? '';
        if (rest.length > MOST_LINE) throw new Error('a line of it is too long');
        for (const line of lines) onLine(line);
      }
      if (rest !== '') onLine?.(rest);
      return { bytes, sha256: hexOf(hash.digest()) };
    } catch (error) {
      if (error instanceof Ended) throw error;
      find('missing', `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  };
}

/** With a mark of byte order, if there is one: it was not there when this was signed. */
function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

async function bytesIn(folder: Folder, name: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of folder.read(name)) {
    parts.push(part);
    bytes += part.length;
    if (bytes > MOST_MANIFEST_BYTES) throw new Error(`${name} is too large`);
  }
  return joined(parts);
}
