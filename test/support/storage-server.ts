import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { filesIn } from './archive-files.ts';
import { newFaultyServer, refusal, type Asked, type FaultyServer, type Reply } from './faulty-server.ts';

export const BUCKET = 'archive-of-tests';

/**
 * Files behind the routes of Cloud Storage that the sink asks for: create, list and read. It knows preconditions and checksums, and hands out no way to change or remove. It does not
 * cover sign-in, roles, retention and lifecycle, resumable uploads, and how fast or in which order the real one lists.
 */
export interface StorageServer extends FaultyServer {
  /** What the bucket holds. */
  readonly folder: string;
  /** What is said to whoever would write over something: that the precondition fails, or that it is forbidden. */
  refusesWith: 412 | 403;
  /** Puts other bytes in the place of an object, as somebody does who may. */
  overwrite(name: string, bytes: Buffer | undefined): void;
}

export async function newStorageServer(): Promise<StorageServer> {
  const folder = mkdtempSync(join(tmpdir(), 'bucket-'));
  const generations = new Map<string, number>();
  let last = 0;
  const write = (name: string, bytes: Buffer): void => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
    generations.set(name, (last += 1));
  };
  const metadata = (name: string): object => {
    const bytes = readFileSync(join(folder, name));
    return { kind: 'storage#object', name, bucket: BUCKET, generation: String(generations.get(name) ?? 0), metageneration: '1', size: String(bytes.length), crc32c: crc32c(bytes) };
  };
  const upload = ({ url, headers, body }: Asked): Reply => {
    const name = url.searchParams.get('name') ?? (JSON.parse(partsOf(headers['content-type'] ?? '', body)[0]!.toString()) as { name: string }).name;
    if (url.searchParams.get('ifGenerationMatch') === '0' && existsSync(join(folder, name))) return server.refusesWith === 403 ? refusal(403, 'storage.objects.delete is missing', 'forbidden') : refusal(412, 'At least one of the pre-conditions you specified did not hold.', 'conditionNotMet');
    write(name, partsOf(headers['content-type'] ?? '', body)[1]!);
    return { status: 200, body: JSON.stringify(metadata(name)) };
  };
  const list = ({ url: { searchParams } }: Asked): Reply => {
    const [prefix, start, most] = [searchParams.get('prefix') ?? '', searchParams.get('startOffset') ?? '', Number(searchParams.get('maxResults') ?? 1_000)];
    const names = [...filesIn(folder).keys()].filter((name) => name.startsWith(prefix) && name >= start).toSorted((a, b) => (a < b ? -1 : 1));
    const items = names.slice(0, most).map(metadata);
    return { status: 200, body: JSON.stringify({ kind: 'storage#objects', items, ...(names.length > most && { nextPageToken: 'there-are-more' }) }) };
  };
  const download = ({ url }: Asked): Reply => {
    const name = decodeURIComponent(url.pathname.split('/').at(-1) ?? '');
    if (!existsSync(join(folder, name))) return refusal(404, `No such object: ${BUCKET}/${name}`, 'notFound');
    const body = readFileSync(join(folder, name));
    return { status: 200, body, headers: { 'content-type': 'application/octet-stream', 'x-goog-hash': `crc32c=${crc32c(body)}`, 'x-goog-generation': String(generations.get(name) ?? 0) } };
  };
  const look = ({ url }: Asked): Reply => {
    const name = decodeURIComponent(url.pathname.split('/').at(-1) ?? '');
    return existsSync(join(folder, name)) ? { status: 200, body: JSON.stringify(metadata(name)) } : refusal(404, `No such object: ${BUCKET}/${name}`, 'notFound');
  };
  const routes: Record<string, (asked: Asked) => Reply> = { upload, list, download, look };
  const what = ({ method, url: { pathname, searchParams } }: Asked): string => {
    if (method === 'POST' && pathname === `/upload/storage/v1/b/${BUCKET}/o`) return 'upload';
    if (method === 'GET' && pathname === `/storage/v1/b/${BUCKET}/o`) return 'list';
    if (method !== 'GET' || !pathname.startsWith(`/storage/v1/b/${BUCKET}/o/`)) return `${method} ${pathname}`;
    return searchParams.get('alt') === 'media' ? 'download' : 'look';
  };
  const faulty = await newFaultyServer(what, async (asked) => routes[what(asked)]?.(asked) ?? refusal(404, 'nothing like that is here', 'notFound'));
  const end = faulty[Symbol.asyncDispose].bind(faulty);
  const server: StorageServer = Object.assign(faulty, {
    folder,
    refusesWith: 412 as const,
    overwrite(name: string, bytes: Buffer | undefined) {
      if (bytes === undefined) rmSync(join(folder, name));
      else write(name, bytes);
    },
    async [Symbol.asyncDispose]() {
      await end();
      rmSync(folder, { recursive: true });
    },
  });
  return server;
}

/** The bodies of the parts of a multipart request. */
function partsOf(type: string, body: Buffer): Buffer[] {
  const boundary = `--${/boundary="?([^";]+)"?/u.exec(type)?.[1]}`;
  const parts: Buffer[] = [];
  for (let start = body.indexOf(boundary); start >= 0; ) {
    const end = body.indexOf(`\r\n${boundary}`, start + boundary.length);
    if (end < 0) break;
    parts.push(body.subarray(body.indexOf('\r\n\r\n', start) + 4, end));
    start = end + 2;
  }
  return parts;
}

/** RFC 3720, in base64 as Cloud Storage has it. */
function crc32c(bytes: Buffer): string {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (0x82f63b78 & -(crc & 1));
  }
  const result = Buffer.alloc(4);
  result.writeUInt32BE((crc ^ 0xffffffff) >>> 0);
  return result.toString('base64');
}
