import { rmSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { refusalOf, FAILURES } from '../../contracts/failures.ts';
import { z } from '../../contracts/zod.ts';
import type { BackupBegun, RecordBackup } from '../journal/backup-record.ts';

/** Asked by the command line of the process that has the data folder. */
const Question = z.strictObject({ ask: z.literal('record-backup'), begun: z.strictObject({ by: z.string().max(300), name: z.string().max(40), place: z.string().max(4_096), keyBackupDays: z.int().optional() }) });
const Reply = z.strictObject({ ok: z.boolean(), says: z.string() });

const MOST_BYTES = 32_768;
/** A store that is away is given up after less. */
const ANSWER_WITHIN_MS = 60_000;
const MOST_AT_ONCE = 8;

/**
 * Listens in the data folder, where whoever may read all of it may ask, and nobody else: one question a connection, one line each. A socket that a process left behind that was killed is taken away; nobody
 * else can have it, because the folder belongs to this process alone. Rejects where the system has no such sockets, or the name of the folder is too long for one.
 */
export async function listenLocally(folder: string, recordBackup: RecordBackup): Promise<{ close(): Promise<void> }> {
  const path = pathIn(folder);
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket)).on('error', () => socket.destroy()); // whoever asked is gone, and what was asked is done all the same
    void answer(socket, recordBackup);
  });
  server.maxConnections = MOST_AT_ONCE;
  rmSync(path, { force: true });
  server.listen(path);
  await once(server, 'listening');
  await chmod(path, 0o600);
  return {
    async close() {
      server.close();
      for (const socket of open) socket.destroy();
      await Promise.resolve();
    },
  };
}

async function answer(socket: Socket, recordBackup: RecordBackup): Promise<void> {
  const said = await lineOf(socket).then((line) => Question.safeParse(JSON.parse(line)), () => undefined).catch(() => undefined);
  if (said?.success !== true) return void socket.end(`${JSON.stringify({ ok: false, says: FAILURES['invalid-command'].text })}\n`);
  const reply = await recordBackup(said.data.begun).then(
    () => ({ ok: true, says: '' }),
    (error: unknown) => {
      const { code, text } = refusalOf(error);
      return { ok: false, says: text ?? FAILURES[code].text };
    },
  );
  socket.end(`${JSON.stringify(reply)}\n`);
}

/** Has it put on record by the process that has the data folder. `false`: there is none that listens. Throws a sentence when it did not. */
export async function askLocally(folder: string, begun: BackupBegun): Promise<boolean> {
  const socket = connect(pathIn(folder));
  try {
    await once(socket, 'connect');
  } catch {
    return false; // nothing runs on the folder, or what does cannot be asked: whoever asks finds out which
  }
  socket.on('error', () => undefined); // the line that is waited for does not come then
  socket.end(`${JSON.stringify({ ask: 'record-backup', begun } satisfies z.infer<typeof Question>)}\n`);
  const reply = await lineOf(socket).then((line) => Reply.parse(JSON.parse(line)), () => undefined).catch(() => undefined);
  socket.destroy();
  if (reply === undefined) throw new Error(`what runs on ${folder} did not answer, so it is not known whether that is on record. Ask again.`);
  if (!reply.ok) throw new Error(reply.says);
  return true;
}

/** All that the other side says until it has said it. Rejects when that is too much, takes too long, or is nothing. */
async function lineOf(socket: Socket): Promise<string> {
  socket.setTimeout(ANSWER_WITHIN_MS, () => socket.destroy(new Error('it took too long')));
  let said = '';
  for await (const bytes of socket.iterator({ destroyOnReturn: false })) {
    said += String(bytes);
    if (said.endsWith('\n')) return said;
    if (said.length > MOST_BYTES) break;
  }
  throw new Error('this is no line');
}

function pathIn(folder: string): string {
  return join(folder, 'local.sock');
}
