import type { CaseExport, ExportState } from '../../contracts/exports.ts';
import { Failure } from '../../contracts/failures.ts';
import type { CaseId, ExportId } from '../../contracts/ids.ts';
import { exportKey } from '../journal/exports/pieces.ts';
import { gateChange } from '../journal/holds.ts';
import type { Keys } from '../journal/keys.ts';
import { open, seal, type Key } from '../journal/seal.ts';
import type { Kinds } from '../store/kinds.ts';
import type { Change, Store, Stored } from '../store/store.ts';

/** What of an order is under the key of its case. */
export interface ExportContent extends Omit<CaseExport, 'id' | 'case' | 'at' | 'state' | 'progress'> {
  /** In which piece of the package its manifest begins. */
  readonly manifestFrom: number | null;
}

/** An order as it is kept. */
export interface KeptExport {
  readonly id: ExportId;
  readonly case: CaseId;
  readonly at: number;
  readonly version: number;
  readonly state: ExportState;
  readonly content: ExportContent;
}

/** Orders and packages of which something is left. */
export const LIVE: readonly ExportState[] = ['waiting', 'making', 'ready'];
/** Orders of one case that are shown, the latest first. */
export const MOST_LISTED = 200;

export const caseKey = (id: string): string => `case:${id}`;

/** The orders of a case, the latest first. */
export async function exportsOf(store: Store, keys: Keys, id: CaseId): Promise<KeptExport[]> {
  const { items } = await store.find({ kind: 'export', index: 'byCase', where: [id], order: 'down', limit: MOST_LISTED });
  return Promise.all(items.map((stored) => opened(keys, stored)));
}

/** Those of a case of which something is left. */
export async function liveExportsOf(store: Store, keys: Keys, id: CaseId): Promise<KeptExport[]> {
  const pages = await Promise.all(LIVE.map((state) => store.find({ kind: 'export', index: 'byState', where: [id, state], limit: MOST_LISTED })));
  return Promise.all(pages.flatMap(({ items }) => items).map((stored) => opened(keys, stored)));
}

/** Throws `not-found`. */
export async function exportIn(store: Store, keys: Keys, id: string): Promise<KeptExport> {
  const stored = await store.get('export', id);
  if (stored === undefined) throw new Failure('not-found');
  return opened(keys, stored);
}

async function opened(keys: Keys, { id, version, body }: Stored<'export'>): Promise<KeptExport> {
  const content = open<ExportContent>(body.sealed, await keyOfCase(keys, body.case), `export:${id}`);
  return { id: id as ExportId, case: body.case as CaseId, at: body.at, version, state: body.state, content };
}

/** The key that the orders of a case are under. Throws `not-found`. */
export async function keyOfCase(keys: Keys, id: string): Promise<Key> {
  const key = await keys.of(caseKey(id));
  if (key === undefined) throw new Failure('not-found');
  return key;
}

/** An order as it is kept, under the key of its case. Throws as `keyOfCase` does. */
export async function exportBody(keys: Keys, { id, case: of, at }: Pick<KeptExport, 'id' | 'case' | 'at'>, state: ExportState, content: ExportContent): Promise<Kinds['export']> {
  return { case: of, at, state, sealed: seal(content, await keyOfCase(keys, of), `export:${id}`) };
}

/** The order with other content or another state; refused as `conflict` when somebody else has changed it since. */
export async function exportChange(keys: Keys, kept: KeptExport, state: ExportState, content: Partial<ExportContent> = {}): Promise<Change> {
  return { do: 'put', kind: 'export', id: kept.id, version: kept.version, body: await exportBody(keys, kept, state, { ...kept.content, ...content }) };
}

/** What ends an order, whatever it has come to: its key is destroyed, so that nobody who is in the middle of making or reading it goes on, and what is left of it is due to be removed. */
export async function endingChanges(keys: Keys, kept: KeptExport, state: Exclude<ExportState, 'waiting' | 'making' | 'ready'>, endedAt: number, content: Partial<ExportContent> = {}): Promise<Change[]> {
  return [
    await exportChange(keys, kept, state, { ...content, expiresAt: null, endedAt }),
    { do: 'remove', kind: 'key', id: exportKey(kept.id) },
    gateChange({ id: exportKey(kept.id), kept: undefined }, []), // nothing holds a package, and each ends once
    { do: 'put', kind: 'export-work', id: kept.id, body: { task: 'clear', due: 0, step: 0, from: 0, of: null, attempts: 0 } },
  ];
}
