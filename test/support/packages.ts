import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import type { Case } from '../../contracts/cases.ts';
import type { CaseExport, ExportForm, ExportScope } from '../../contracts/exports.ts';
import { run } from '../../server/cli.ts';
import { zipFile } from '../../server/journal/verify/zip.ts';
import { ask, asked } from './reviewer.ts';
import type { Account } from './tab.ts';

/** How an order differs from the plainest one. */
export interface Wanted {
  readonly forms?: readonly ExportForm[];
  readonly recipient?: string | null;
}

export const chosen = (...conversations: readonly string[]): ExportScope => ({ type: 'chosen', conversations: [...conversations] }) as ExportScope;

export const wantedOf = ({ id }: Pick<Case, 'id'>, scope: ExportScope, { forms = [], recipient = null }: Wanted = {}) => ({ case: id, reason: 'Named in the letter', scope, forms, recipient });

export const order = (by: Account, of: Pick<Case, 'id'>, scope: ExportScope, wanted: Wanted = {}): Promise<CaseExport> => ask<CaseExport>(by, 'orderExport', {}, wantedOf(of, scope, wanted));

export const step = (by: Account, name: 'approveExport' | 'refuseExport' | 'cancelExport', id: string): Promise<CaseExport> => ask<CaseExport>(by, name, { export: id }, { reason: 'As agreed' });

export async function shown(by: Account, { id, case: of }: Pick<CaseExport, 'id' | 'case'>): Promise<CaseExport> {
  const { exports } = await ask<{ exports: CaseExport[] }>(by, 'exports', { case: of });
  return exports.find((one) => one.id === id)!;
}

/** Resolves once it is in this state. */
export async function until(by: Account, one: Pick<CaseExport, 'id' | 'case'>, state: CaseExport['state']): Promise<CaseExport> {
  await vi.waitUntil(async () => (await ask<Pick<CaseExport, 'state'>>(by, 'exportProgress', { export: one.id })).state === state, { timeout: 60_000, interval: 100 });
  return shown(by, one);
}

export const downloaded = (by: Account, { id }: Pick<CaseExport, 'id'>): Promise<Response> => asked(by, 'downloadExport', { export: id }, { reason: 'For counsel' });

/** A file of a test's own with these bytes. */
export function saved(name: string, bytes: string | Uint8Array): string {
  const file = join(mkdtempSync(join(tmpdir(), 'package-')), name);
  writeFileSync(file, bytes);
  return file;
}

/** Orders a package and resolves with the file once it was downloaded. */
export async function packageOf(by: Account, of: Pick<Case, 'id'>, scope: ExportScope, wanted: Wanted = {}): Promise<string> {
  const ready = await until(by, await order(by, of, scope, wanted), 'ready');
  const reply = await downloaded(by, ready);
  const bytes = new Uint8Array(await reply.arrayBuffer());
  if (!reply.ok) throw new Error(Buffer.from(bytes).toString());
  return saved(`package.zip${wanted.recipient == null ? '' : '.age'}`, bytes);
}

/** A file in a package. */
export async function contentOf(zip: string, name: string): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of (await zipFile(zip)).read(name)) parts.push(part);
  return Buffer.concat(parts);
}

export async function verified(place: string, ...args: string[]): Promise<{ code: number; said: string }> {
  let said = '';
  const code = await run(['verify', place, ...args], (text) => (said += text));
  return { code, said };
}
