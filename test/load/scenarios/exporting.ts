import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import type { CaseExport, ExportScope } from '../../../contracts/exports.ts';
import type { UserId } from '../../../contracts/ids.ts';
import { newId } from '../../../server/ids.ts';
import { verifyPackage } from '../../../server/journal/verify/package.ts';
import { freePort, NODE_ENVIRONMENT, said } from '../../support/process.ts';
import { ask, asked, give, openCase } from '../../support/reviewer.ts';
import { newAccount, type Account } from '../../support/tab.ts';
import { compare, state, type Found } from '../figures.ts';
import type { Run } from '../run.ts';
import { writeConversations } from '../written.ts';

const PER_CONVERSATION = 1_000;
/** The heap of each thread, as a container of 256 MiB would have it: without, what a process has in memory says how lazily garbage is collected. */
const BOUNDED = ['--max-old-space-size=64', '--max-semi-space-size=4'];

interface Measured {
  /** Most that the process of the server has ever had in memory, bytes; before anything was ordered, and at the end. */
  readonly before: number;
  readonly most: number;
  readonly madeSeconds: number;
  readonly sentSeconds: number;
  readonly verifiedSeconds: number;
  readonly bytes: number;
}

/** What making and sending a package of 100,000 messages, in every form, takes of memory and time, beside one of a tenth of that: memory is not to grow with it. */
export async function exporting({ isQuick, repeats, say }: Run): Promise<Found> {
  const messages = isQuick ? 10_000 : 100_000;
  const samples: { readonly large: Measured; readonly small: Measured }[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const small = await measure(messages / 10);
    const large = await measure(messages);
    say(`repeat ${repeat + 1}/${repeats}: ${mib(large.most).toFixed(0)} MiB at most, made in ${large.madeSeconds.toFixed(1)} s, sent in ${large.sentSeconds.toFixed(1)} s (${mib(large.bytes).toFixed(0)} MiB), verified in ${large.verifiedSeconds.toFixed(1)} s; a tenth of it: ${mib(small.most).toFixed(0)} MiB at most`);
    samples.push({ large, small });
  }
  const of = (figure: (one: Measured) => number): number[] => samples.map(({ large }) => figure(large));
  return {
    name: 'exporting',
    setting: `${messages.toLocaleString('en')} messages in conversations of ${PER_CONVERSATION.toLocaleString('en')}, as NDJSON, CSV, HTML, EML and RSMF, on SQLite in one process with a heap of 64 MiB a thread; the comparator is the same with a tenth of the messages`,
    rows: [
      state('most memory of the server (VmHWM), above what it had before', 'MiB', of(({ most, before }) => mib(most - before))),
      state('most memory of the server', 'MiB', of(({ most }) => mib(most)), { atMost: 256 }),
      compare('most memory of the server, beside a tenth of the messages', 'MiB', of(({ most }) => mib(most)), samples.map(({ small }) => mib(small.most)), { atMost: 1.5 }),
      state('most memory before anything was ordered', 'MiB', of(({ before }) => mib(before))),
      state('messages made into a package', '1/s', of(({ madeSeconds }) => messages / madeSeconds)),
      state('the package, packed', 'MiB', of(({ bytes }) => mib(bytes))),
      state('put together and sent', 'MiB/s', of(({ bytes, sentSeconds }) => mib(bytes) / sentSeconds)),
      state('messages verified, one thread', '1/s', of(({ verifiedSeconds }) => messages / verifiedSeconds)),
    ],
    samples,
  };
}

const mib = (bytes: number): number => bytes / 1_048_576;

async function measure(messages: number): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'exporting-'));
  try {
    const owner = newId<UserId>();
    await writeConversations(folder, owner, messages / PER_CONVERSATION, PER_CONVERSATION);
    const port = await freePort();
    const env = { ...NODE_ENVIRONMENT, PORT: String(port), GORUNCHAT_DATA: folder, GORUNCHAT_ARCHIVE: 'off', GORUNCHAT_DUCKDB: 'off', LOG_LEVEL: 'error' };
    const child = spawn(process.execPath, [...BOUNDED, join(import.meta.dirname, '../../../server/main.ts')], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      await said(child, 'runs at');
      return await exportAll(`http://127.0.0.1:${port}`, owner, messages, join(folder, 'package.zip'), () => Number(/VmHWM:\s+(\d+) kB/u.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) * 1_024);
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function exportAll(url: string, owner: UserId, messages: number, file: string, memory: () => number): Promise<Measured> {
  const admin = await newAccount(url, 'admin@example.org');
  const reviewer = await newAccount(url, 'reviewer@example.org');
  await give(admin, reviewer, 'reviewer');
  const opened = await openCase(reviewer);
  for (let size = 0; size < messages; await wait(500)) ({ size } = await ask<{ size: number }>(admin, 'logCheckpoint').catch(() => ({ size: 0 })));
  const before = memory();
  const scope: ExportScope = { type: 'whole', of: [{ type: 'person', id: owner }], from: null, to: null };
  const begun = performance.now();
  const one = await ask<CaseExport>(reviewer, 'orderExport', {}, { case: opened.id, reason: 'Measured', scope, forms: ['csv', 'html', 'eml', 'rsmf'], recipient: null });
  await made(reviewer, one);
  const sending = performance.now();
  const reply = await asked(reviewer, 'downloadExport', { export: one.id }, { reason: 'Measured' });
  await pipeline(Readable.fromWeb(reply.body as never), createWriteStream(file));
  const verifying = performance.now();
  const { findings, records } = await verifyPackage(file);
  if (findings.length > 0 || records < messages) throw new Error(`the package is not intact: ${findings[0]?.says ?? `${records} records`}`);
  return { before, most: memory(), madeSeconds: (sending - begun) / 1_000, sentSeconds: (verifying - sending) / 1_000, verifiedSeconds: (performance.now() - verifying) / 1_000, bytes: statSync(file).size };
}

async function made(reviewer: Account, { id }: CaseExport): Promise<void> {
  for (;;) {
    const { state } = await ask<Pick<CaseExport, 'state'>>(reviewer, 'exportProgress', { export: id });
    if (state === 'ready') return;
    if (state !== 'making') throw new Error(`the export is ${state}`);
    await wait(500);
  }
}
