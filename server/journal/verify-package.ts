// Runs without any dependency, as verify.ts does.
import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { MANIFEST, MANIFEST_NOTE, manifestText, recordsPath, STATEMENT } from './paths.ts';
import { readNote } from './signed-note.ts';
import { ExportCheck } from './verify-export.ts';
import { StatementCheck } from './verify-statement.ts';
import type { Finding, KeptElsewhere, Verdict } from './verify.ts';
import { isZip, plainFolder, zipFolder, type Folder } from './verify-zip.ts';

/** Characters of a line: a record is far below that. */
const MOST_LINE = 64 * 1024 * 1024;
const MOST_MANIFEST_BYTES = 256 * 1024 * 1024;

interface Manifest {
  readonly package: 'gorunchat';
  readonly keys: readonly string[];
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly sha256: string }[];
}

/** Whether this is a package, packed or not. */
export function isPackage(place: string): boolean {
  return isZip(place) || (existsSync(place) && statSync(place).isDirectory() && existsSync(join(place, MANIFEST)) && existsSync(join(place, MANIFEST_NOTE)));
}

/**
 * Reads a package from its manifest on. It is intact when the manifest is signed and names every file as it is and no other one is there, the statement of completeness is whole, and each conversation that it
 * says is in here is, with as many records as it says, every one of them proved as in an export. Holds no more than the manifest and a line.
 */
export async function verifyPackage(place: string, { keys = [], checkpoints = [] }: KeptElsewhere = {}): Promise<Verdict> {
  const findings: Finding[] = [];
  const find = (kind: Finding['kind'], says: string): void => void findings.push({ chain: 'package', number: 1, kind, says });
  const folder = isZip(place) ? zipFolder(place) : plainFolder(place);
  const manifest = await manifestIn(folder, keys, find);
  if (manifest === undefined) return { records: 0, chains: 0, findings };
  const trusted = keys.length > 0 ? keys : manifest.keys;
  compareNames(folder, manifest, find);
  const statement = new StatementCheck(trusted, find);
  const checks = new Map<string, ExportCheck>();
  for (const { path, bytes, sha256 } of manifest.files) {
    const conversation = conversationIn(path);
    const check = conversation === undefined ? undefined : new ExportCheck(trusted, checkpoints);
    if (conversation !== undefined && check !== undefined) checks.set(conversation, check);
    const found = await readOf(folder, path, path === STATEMENT ? (line) => statement.line(line) : check && ((line) => check.line(line)), find);
    if (found !== undefined && (found.bytes !== bytes || found.sha256 !== sha256)) find('altered', `${path} is not the file that the manifest names`);
  }
  statement.check();
  return compare(manifest, statement, checks, findings, find);
}

/** What the statement says is in here against what is. */
function compare(manifest: Manifest, statement: StatementCheck, checks: ReadonlyMap<string, ExportCheck>, findings: Finding[], find: (kind: Finding['kind'], says: string) => void): Verdict {
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

async function manifestIn(folder: Folder, keys: readonly string[], find: (kind: Finding['kind'], says: string) => void): Promise<Manifest | undefined> {
  try {
    const text = await textOf(folder, MANIFEST);
    const manifest = JSON.parse(text) as Manifest;
    if (manifest.package !== 'gorunchat' || !Array.isArray(manifest.files)) throw new Error('it is no manifest of GoRunChat');
    const signed = readNote(await textOf(folder, MANIFEST_NOTE), keys.length > 0 ? keys : manifest.keys);
    if (signed !== manifestText(createHash('sha256').update(text).digest('hex'))) throw new Error('it is not the one that was signed');
    return manifest;
  } catch (error) {
    find('unreadable', `the manifest does not hold: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

function compareNames({ names }: Folder, { files }: Manifest, find: (kind: Finding['kind'], says: string) => void): void {
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

/** Size and hash of a file, whose lines are given on as they come. */
async function readOf(folder: Folder, path: string, onLine: ((line: string) => void) | undefined, find: (kind: Finding['kind'], says: string) => void): Promise<{ bytes: number; sha256: string } | undefined> {
  const hash = createHash('sha256');
  const decoder = new TextDecoder();
  let [bytes, rest] = [0, ''];
  try {
    for await (const part of folder.read(path)) {
      hash.update(part);
      bytes += part.length;
      if (onLine === undefined) continue;
      const lines = (rest + decoder.decode(part, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > MOST_LINE) throw new Error('a line of it is too long');
      for (const line of lines) onLine(line);
    }
    if (rest !== '') onLine?.(rest);
    return { bytes, sha256: hash.digest('hex') };
  } catch (error) {
    find('missing', `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

async function textOf(folder: Folder, name: string): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of folder.read(name)) {
    parts.push(part);
    bytes += part.length;
    if (bytes > MOST_MANIFEST_BYTES) throw new Error(`${name} is too large`);
  }
  return Buffer.concat(parts).toString();
}
