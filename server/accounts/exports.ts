import type { Readable } from 'node:stream';
import type { CaseExport, ExportState, ExportWanted } from '../../contracts/exports.ts';
import { Failure } from '../../contracts/failures.ts';
import type { CaseId, ExportId, UserId } from '../../contracts/ids.ts';
import type { Actor, AuditRecord } from '../../contracts/records.ts';
import type { Clock } from '../clock.ts';
import { newId } from '../ids.ts';
import type { Audit } from '../journal/audit.ts';
import { checkReadable, encryptedTo, encrypterFor, packageZip } from '../journal/exports/packing.ts';
import { exportKey } from '../journal/exports/pieces.ts';
import type { Keys } from '../journal/keys.ts';
import { unread, wentThrough } from '../store/refused.ts';
import type { Change, Store } from '../store/store.ts';
import type { Cases } from './cases.ts';
import { caseKey, endingChanges, exportBody, exportChange, exportIn, exportsOf, LIVE, liveExportsOf, type ExportContent, type KeptExport } from './export-documents.ts';

/** Orders of one case of which something is left. */
const MOST_LIVE = 20;

type Reviewer = Actor & { user: UserId };

/** Packages that reviewers order for a case: every step with its record in one commit, and none of a case that is closed. Each throws `not-found`, `moved-on` for what is over, and `record-unavailable`. */
export interface Exports {
  /** Whether another reviewer has to approve each order. */
  readonly needsApproval: boolean;
  list(id: CaseId): Promise<CaseExport[]>;
  /** Nothing of what it is about. */
  progress(id: ExportId): Promise<Pick<CaseExport, 'state' | 'progress'>>;
  /** Throws `not-found` when a conversation is not there, and `invalid-command` in words for a recipient that is none. */
  order(wanted: ExportWanted, actor: Reviewer): Promise<CaseExport>;
  /** Throws `not-permitted` for whoever ordered it. */
  decide(id: ExportId, isApproved: boolean, reason: string, actor: Reviewer): Promise<CaseExport>;
  /** Nothing is left of it. */
  cancel(id: ExportId, reason: string, actor: Actor): Promise<CaseExport>;
  /** The package, once that is on record. Throws `erased` when something in it can be read no more. */
  download(id: ExportId, reason: string, actor: Actor): Promise<{ readonly name: string; readonly bytes: Readable }>;
}

interface ExportsWorld {
  readonly store: Store;
  readonly keys: Keys;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly cases: Pick<Cases, 'standing'>;
  readonly needsApproval: boolean;
}

interface Step {
  readonly changes: readonly Change[];
  readonly said: AuditRecord;
}

/** Orders that are kept in this store. */
export function openExports(world: ExportsWorld): Exports {
  const { store, keys, audit, clock, cases, needsApproval } = world;
  const shown = async (id: string): Promise<CaseExport> => show(store, await exportIn(store, keys, id));
  /** Tries again when the order or its case was changed at the same time. Resolves with the order as it was before. */
  const changed = async (id: ExportId, actor: Actor, plan: (before: KeptExport) => Promise<Step>): Promise<KeptExport> => {
    for (;;) {
      const before = await exportIn(store, keys, id).catch(unread);
      const { changes, said } = await plan(before);
      if (await wentThrough(audit.commit(changes, said, actor, { id: caseKey(before.case) }))) return before;
    }
  };
  return {
    needsApproval,
    list: async (id) => Promise.all((await exportsOf(store, keys, id).catch(unread)).map((kept) => show(store, kept))),
    async progress(id) {
      const { state, progress } = await shown(id).catch(unread);
      return { state, progress };
    },
    async order(wanted, actor) {
      const { case: of, reason, scope, forms, recipient } = wanted;
      if (recipient !== null) await encrypterFor(recipient);
      for (;;) {
        const standing = await cases.standing(of);
        if ((await liveExportsOf(store, keys, of).catch(unread)).length >= MOST_LIVE) throw new Failure('too-large', { detail: `A case has at most ${MOST_LIVE} exports at a time. Cancel one that is no longer needed.` });
        if (scope.type === 'chosen') for (const id of scope.conversations) if ((await store.get('conversation', id).catch(unread)) === undefined) throw new Failure('not-found', { detail: `There is no conversation ${id}.` });
        const id = newId<ExportId>();
        const at = clock.now();
        const content: ExportContent = { by: actor.user, reason, scope, forms: [...new Set(forms)], recipient, decided: null, made: null, manifestFrom: null, expiresAt: null, endedAt: null };
        const body = await exportBody(keys, { id, case: of, at }, needsApproval ? 'waiting' : 'making', content);
        const changes: Change[] = [standing, keys.make(exportKey(id), of).change, { do: 'add', kind: 'export', id, body }, ...(needsApproval ? [] : [makeNow(id, at)])];
        if (await wentThrough(audit.commit(changes, { type: 'export-ordered', v: 1, export: id, wanted }, actor, { id: caseKey(of) }))) return shown(id);
      }
    },
    async decide(id, isApproved, reason, actor) {
      await changed(id, actor, async (before) => {
        checkState(before, ['waiting']);
        if (before.content.by === actor.user) throw new Failure('not-permitted', { detail: isApproved ? 'Nobody approves their own order: another reviewer has to.' : 'This is your own order: cancel it.' });
        const decided = { by: actor.user, at: clock.now(), reason };
        const standing = await cases.standing(before.case);
        if (!isApproved) return { changes: [standing, ...(await endingChanges(keys, before, 'refused', decided.at, { decided }))], said: { type: 'export-refused', v: 1, export: id, case: before.case, reason } };
        return { changes: [standing, await exportChange(keys, before, 'making', { decided }), makeNow(id, decided.at)], said: { type: 'export-approved', v: 1, export: id, case: before.case, reason } };
      });
      if (!isApproved) keys.forget(exportKey(id));
      return shown(id);
    },
    async cancel(id, reason, actor) {
      await changed(id, actor, async (before) => {
        checkState(before, LIVE);
        return { changes: await endingChanges(keys, before, 'cancelled', clock.now()), said: { type: 'export-cancelled', v: 1, export: id, case: before.case, reason } };
      });
      keys.forget(exportKey(id));
      return shown(id);
    },
    async download(id, reason, actor) {
      const { at, content: { recipient, manifestFrom }, key } = { ...(await changed(id, actor, async (before) => {
        checkState(before, ['ready']);
        await checkReadable(world, await packedOf(keys, before)).catch(unread);
        return { changes: [await cases.standing(before.case), await exportChange(keys, before, 'ready')], said: { type: 'export-downloaded', v: 1, export: id, case: before.case, reason } };
      })), key: await keys.of(exportKey(id)) };
      if (key === undefined || manifestFrom === null) throw new Failure('moved-on', { detail: 'The package is not there any more.' });
      const zip = await packageZip(world, { id, key, at, manifestFrom });
      return recipient === null ? { name: `${id}.zip`, bytes: zip } : { name: `${id}.zip.age`, bytes: await encryptedTo(recipient, zip) };
    },
  };
}

async function packedOf(keys: Keys, { id, at, content }: KeptExport) {
  const key = await keys.of(exportKey(id));
  if (key === undefined) throw new Failure('moved-on', { detail: 'The package is not there any more.' });
  return { id, key, at, manifestFrom: content.manifestFrom ?? 0 };
}

function makeNow(id: string, now: number): Change {
  return { do: 'add', kind: 'export-work', id, body: { task: 'make', due: now, step: 0, from: 0, of: null, attempts: 0 } };
}

async function show(store: Store, { id, case: of, at, state, content }: KeptExport): Promise<CaseExport> {
  const { manifestFrom: _, ...rest } = content;
  const work = state === 'making' ? (await store.get('export-work', id).catch(unread))?.body : undefined;
  return { id, case: of, at, state, ...rest, progress: work === undefined ? null : { done: Math.min(Math.max(0, work.step - 1), work.of ?? 0), of: work.of } };
}

const OVER: Readonly<Record<ExportState, string>> = {
  waiting: 'It waits for another reviewer.', making: 'It is being made.', ready: 'It is there already.',
  cancelled: 'It was cancelled.', refused: 'It was refused.', failed: 'It could not be made.', expired: 'It has expired.',
};

function checkState({ state }: KeptExport, wanted: readonly ExportState[]): void {
  if (!wanted.includes(state)) throw new Failure('moved-on', { detail: OVER[state] });
}

