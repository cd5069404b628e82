import { Failure } from '../../contracts/failures.ts';
import type { Clock } from '../clock.ts';
import { ITSELF } from '../journal/journal.ts';
import type { Audit } from '../journal/audit.ts';
import { makePackage, type MakingWorld } from '../journal/exports/making.ts';
import { exportKey, LEASE_MS, PackageWriter } from '../journal/exports/pieces.ts';
import { isConflict, wentThrough } from '../store/refused.ts';
import { UNFENCED, type Store, type Stored } from '../store/store.ts';
import { walk } from '../store/walk.ts';
import { caseKey, endingChanges, exportChange, exportIn, type KeptExport } from './export-documents.ts';

/** A package is there for so long. */
export const KEPT_MS = 7 * 24 * 3_600_000;
const DUE_AT_ONCE = 20;
/** Tries of the same step, each by whoever finds it due. */
const MOST_ATTEMPTS = 5;
/** Pieces that are removed in one commit: each is read before. */
const REMOVED_AT_ONCE = 8;
/** Commits of one sweep: whatever else is due waits for them. What is left is removed by the next ones. */
const COMMITS_AT_ONCE = 25;

type Work = Stored<'export-work'>;

interface WorkWorld extends MakingWorld {
  readonly audit: Audit;
  readonly clock: Clock;
  warn(error: unknown, what: string): void;
}

/**
 * Makes what was ordered, destroys what has expired, and removes what is left of what is over. Whatever is due is done by whoever finds it first, this instance or another: what an instance was at when it was
 * lost is due again within fifteen seconds.
 */
export interface ExportWork {
  /** Does what is due; one package at a time is made, beside whatever else happens. */
  sweep(): Promise<void>;
  /** Leaves off what is being made, for whoever goes on with it, and resolves when nothing of it runs. */
  close(): Promise<void>;
}

/** Work on the exports that are kept in this store; any instance may do it, and each step of it is done once. */
export function openExportWork(world: WorkWorld): ExportWork {
  const { store, clock } = world;
  const stopped = new AbortController();
  let making: Promise<void> | undefined;
  const startMaking = async (found: Work): Promise<void> => {
    if (making !== undefined || stopped.signal.aborted) return;
    making = claimed(store, found, clock)
      .then(async (work) => work && (await makeOne(world, work, stopped.signal)))
      .catch((error: unknown) => world.warn(error, `export ${found.id} could not be made`))
      .finally(() => (making = undefined));
  };
  return {
    async sweep() {
      let others = 0;
      for await (const work of walk(store, { kind: 'export-work', index: 'byDue', where: [], to: clock.now(), limit: DUE_AT_ONCE })) {
        // Orders that wait for the one that is being made keep nothing else waiting.
        if (work.body.task === 'make') await startMaking(work);
        else if (work.body.task === 'expire') await expire(world, work);
        else await clear(store, work);
        if (work.body.task !== 'make' && ++others === DUE_AT_ONCE) return;
      }
    },
    async close() {
      stopped.abort();
      await making;
    },
  };
}

/** `undefined` when somebody else was first. */
async function claimed(store: Store, { id, version, body }: Work, clock: Clock): Promise<Work | undefined> {
  const mine = { ...body, attempts: body.attempts + 1, due: clock.now() + LEASE_MS };
  const isMine = await wentThrough(store.commit([{ do: 'put', kind: 'export-work', id, version, body: mine }], UNFENCED));
  return isMine ? { id, version: version + 1, body: mine } : undefined;
}

async function makeOne(world: WorkWorld, work: Work, signal: AbortSignal): Promise<void> {
  const { store, keys, audit, clock } = world;
  const kept = await exportIn(store, keys, work.id);
  const key = await keys.of(exportKey(work.id));
  if (kept.state !== 'making' || key === undefined) return;
  const writer = new PackageWriter(store, work, key, () => clock.now(), signal);
  const { reason, scope, forms } = kept.content;
  try {
    const { made, manifestFrom } = await makePackage(world, { export: kept.id, case: kept.case, reason, scope, forms, key }, writer);
    const expiresAt = clock.now() + KEPT_MS;
    const { id, version, body } = writer.work;
    await audit.commit(
      [await exportChange(keys, kept, 'ready', { made, manifestFrom, expiresAt }), { do: 'put', kind: 'export-work', id, version, body: { ...body, task: 'expire', due: expiresAt } }],
      { type: 'export-made', v: 1, export: kept.id, case: kept.case, made, by: kept.content.by }, ITSELF, { id: caseKey(kept.case) },
    );
  } catch (error) {
    await leaveOff(world, kept, writer.work, error, signal);
  }
}

/** Somebody else goes on, at once when this instance leaves. What nobody can make has failed, on record. */
async function leaveOff(world: WorkWorld, kept: KeptExport, work: Work, error: unknown, signal: AbortSignal): Promise<void> {
  const { store, keys, audit, clock } = world;
  if (isConflict(error)) return; // it was cancelled, or somebody else has it
  if (signal.aborted) return void (await wentThrough(store.commit([{ do: 'put', kind: 'export-work', id: work.id, version: work.version, body: { ...work.body, due: 0, attempts: 0 } }], UNFENCED)));
  const isHopeless = error instanceof Failure && error.code === 'too-large';
  if (!isHopeless && work.body.attempts < MOST_ATTEMPTS) throw error;
  const why = error instanceof Failure ? error.message : 'internal';
  await wentThrough(audit.commit(await endingChanges(keys, kept, 'failed', clock.now()), { type: 'export-failed', v: 1, export: kept.id, case: kept.case, why }, ITSELF, { id: caseKey(kept.case) }));
  keys.forget(exportKey(kept.id));
  if (!isHopeless) throw error;
}

async function expire({ store, keys, audit, clock }: WorkWorld, { id }: Work): Promise<void> {
  const kept = await exportIn(store, keys, id);
  if (kept.state !== 'ready') return; // what ended it has put other work here
  const isMine = await wentThrough(audit.commit(await endingChanges(keys, kept, 'expired', clock.now()), { type: 'export-expired', v: 1, export: kept.id, case: kept.case }, ITSELF, { id: caseKey(kept.case) }));
  if (isMine) keys.forget(exportKey(id));
}

async function clear(store: Store, { id, version }: Work): Promise<void> {
  for (let commits = 0; ; commits++) {
    const { items } = await store.find({ kind: 'export-chunk', index: 'byExport', where: [id], limit: REMOVED_AT_ONCE });
    if (items.length === 0) break;
    if (commits === COMMITS_AT_ONCE) return;
    await store.commit(items.map((item) => ({ do: 'remove', kind: 'export-chunk', id: item.id })), UNFENCED);
  }
  await wentThrough(store.commit([{ do: 'remove', kind: 'export-work', id, version }], UNFENCED));
}

