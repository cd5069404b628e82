import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generationsIn, linesOf } from '../../contracts/proofs/generations.ts';
import { z } from '../../contracts/zod.ts';

/** What this version writes. A change of it that an older version cannot read is a higher number. */
const FORMAT = 1;
const NAME = 'manifest.json';

const Copied = z.object({ name: z.string().regex(/^[\w-][\w.-]*$/u), bytes: z.int().min(0), sha256: z.string() });

/** What a part of a backup says of itself. */
export const Manifest = z.object({
  format: z.int(),
  part: z.enum(['content', 'keys']),
  /** The version of GoRunChat that made it, in words. */
  product: z.string(),
  adapter: z.enum(['sqlite', 'mongo']),
  layout: z.record(z.string(), z.int()),
  /** Both parts of one backup have the same, and it stands in the order of time. */
  name: z.string(),
  /** When it was begun: all that had been answered by then is in it. */
  at: z.int(),
  files: z.array(Copied),
  /** The signed checkpoint that is the last one in the content, and says of both parts which restores they came through; `null` when nothing had been signed yet. */
  checkpoint: z.object({ size: z.int(), at: z.int(), note: z.string(), keys: z.array(z.string()).readonly() }).nullable(),
});
export type Manifest = z.infer<typeof Manifest>;

/** Writes the manifest of a folder over the files that are in it, and makes them and itself durable. */
export async function describe(folder: string, part: Omit<Manifest, 'format' | 'files'>): Promise<void> {
  const files: Manifest['files'] = [];
  for (const name of readdirSync(folder).toSorted()) {
    await using file = await open(join(folder, name), 'r+');
    await file.sync();
    files.push({ name, ...(await hashOf(join(folder, name))) });
  }
  await writeFile(join(folder, NAME), `${JSON.stringify({ format: FORMAT, ...part, files } satisfies Manifest, null, 2)}\n`, { mode: 0o600, flush: true });
}

/** What the manifest of a folder says, and its own hash. Throws a sentence when there is none, or when it is of a newer version. */
export function readManifest(folder: string): Manifest & { readonly sha256: string } {
  const path = join(folder, NAME);
  if (!existsSync(path)) throw new Error(`${folder} is no part of a backup: it has no ${NAME}.`);
  const bytes = readFileSync(path);
  const format = (parse(bytes.toString()) as { format?: unknown } | undefined)?.format;
  if (typeof format === 'number' && format > FORMAT) throw new Error(`The backup ${folder} was made by a newer version of GoRunChat. Restore it with that version.`);
  const read = Manifest.safeParse(parse(bytes.toString()));
  if (!read.success) throw new Error(`${path} cannot be read: it was changed, or is not whole.`);
  return { ...read.data, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** Whether both are of one line: they came through the same restores, so that what the later one lacks was erased and not merely begun elsewhere. */
export function areOfOneLine(one: Manifest, other: Manifest): boolean {
  return lineOf(one) === lineOf(other);
}

function lineOf({ checkpoint }: Manifest): string {
  return linesOf(generationsIn(checkpoint?.note.split('\n') ?? [])).join('\n');
}

/** Holds every file against the manifest. Throws a sentence that names the first that is missing, too many, or not what it was. */
export async function checkFiles(folder: string, { files }: Manifest): Promise<void> {
  const there = readdirSync(folder).filter((name) => name !== NAME);
  const unknown = there.find((name) => !files.some((file) => file.name === name));
  if (unknown !== undefined) throw new Error(`${join(folder, unknown)} is not of this backup.`);
  for (const { name, bytes, sha256 } of files) {
    if (!there.includes(name)) throw new Error(`${join(folder, name)} is missing.`);
    const found = await hashOf(join(folder, name));
    if (found.bytes !== bytes || found.sha256 !== sha256) throw new Error(`${join(folder, name)} is not what it was when the backup was made.`);
  }
}

async function hashOf(path: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: hash.digest('hex') };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // said by whoever asked
  }
}
