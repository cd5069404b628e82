import type { Case, Hold, HoldScope } from '../../contracts/cases.ts';
import { Failure } from '../../contracts/failures.ts';
import type { CaseId, UserId } from '../../contracts/ids.ts';
import type { Actor, AuditRecord } from '../../contracts/records.ts';
import type { Clock } from '../clock.ts';
import { newId } from '../ids.ts';
import type { Audit } from '../journal/audit.ts';
import { exportKey } from '../journal/exports/pieces.ts';
import { gateOf, holdsChanged, releasedAt } from '../journal/holds.ts';
import type { Keys } from '../journal/keys.ts';
import { open, seal, type Key } from '../journal/seal.ts';
import { isConflict, unread } from '../store/refused.ts';
import type { Change, Store, Stored } from '../store/store.ts';
import { caseKey, endingChanges, liveExportsOf, type KeptExport } from './export-documents.ts';

const MOST_CASES = 1_000;
const MOST_HOLDS = 500;

/** Cases with their holds: each change with its record in one commit, and a hold with the gates that every erasure in its scope has to pass. */
export interface Cases {
  list(): Promise<Case[]>;
  /** Throws `not-found`. */
  find(id: CaseId): Promise<Case>;
  /** Part of a commit that counts only while the case is open: of it and a close at the same moment one is refused as `conflict`. Throws `not-found`, and `moved-on` for a closed one. */
  standing(id: CaseId): Promise<Change>;
  open(name: string, reason: string, actor: Actor): Promise<Case>;
  /** From its commit on nothing in the scope is erased. Throws `not-found` for a case that is not there, and `moved-on` for a closed one. */
  hold(id: CaseId, scope: HoldScope, reason: string, actor: Actor & { user: UserId }): Promise<Case>;
  /** What was deleted in its scope is erased then, unless another hold keeps it. */
  release(id: CaseId, hold: string, reason: string, actor: Actor): Promise<Case>;
  /** Releases all its holds, and ends its exports: nothing of them is left. */
  close(id: CaseId, reason: string, actor: Actor): Promise<Case>;
}

interface Step {
  readonly after: Case;
  readonly said: AuditRecord;
  readonly gates: readonly Change[];
}

/** Cases that are kept in this store. */
export function openCases(store: Store, keys: Keys, audit: Audit, clock: Clock): Cases {
  const keyOf = async (id: CaseId): Promise<Key> => {
    const key = await keys.of(caseKey(id));
    if (key === undefined) throw new Failure('not-found');
    return key;
  };
  const opened = async ({ id, body }: Stored<'case'>): Promise<Case> => open<Case>(body.sealed, await keyOf(id as CaseId), `case:${id}`);
  const read = async (id: CaseId): Promise<Stored<'case'>> => {
    const stored = await store.get('case', id).catch(unread);
    if (stored === undefined) throw new Failure('not-found');
    return stored;
  };
  /** Tries again when the case or a gate was changed at the same time. */
  const changed = async (id: CaseId, actor: Actor, plan: (before: Case) => Promise<Step>): Promise<Case> => {
    for (;;) {
      const stored = await read(id);
      const { after, said, gates } = await plan(await opened(stored));
      const body = { openedAt: stored.body.openedAt, sealed: seal(after, await keyOf(id), `case:${id}`) };
      try {
        await audit.commit([...gates, { do: 'put', kind: 'case', id, version: stored.version, body }], said, actor, { id: caseKey(id) });
        return after;
      } catch (error) {
        if (!isConflict(error)) throw error;
      }
    }
  };
  return {
    async list() {
      const { items } = await store.find({ kind: 'case', index: 'byAge', where: [], order: 'down', limit: MOST_CASES }).catch(unread);
      return Promise.all(items.map(opened));
    },
    find: async (id) => opened(await read(id)),
    async standing(id) {
      const stored = await read(id);
      if ((await opened(stored)).closedAt !== null) throw new Failure('moved-on', { detail: 'The case is closed.' });
      return { do: 'put', kind: 'case', id, version: stored.version, body: stored.body };
    },
    async open(name, reason, actor) {
      const id = newId<CaseId>();
      const made = keys.make(caseKey(id), id);
      const after: Case = { id, name, openedAt: clock.now(), closedAt: null, holds: [] };
      const changes: Change[] = [made.change, { do: 'add', kind: 'case', id, body: { openedAt: after.openedAt, sealed: seal(after, made.key, `case:${id}`) } }];
      await audit.commit(changes, { type: 'case-opened', v: 1, case: id, name, reason }, actor, { id: caseKey(id), fresh: made.key });
      return after;
    },
    hold: (id, scope, reason, actor) =>
      changed(id, actor, async (before) => {
        if (before.closedAt !== null) throw new Failure('moved-on', { detail: 'The case is closed.' });
        if (before.holds.length >= MOST_HOLDS) throw new Failure('too-large', { detail: `A case has at most ${MOST_HOLDS} holds.` });
        const hold: Hold = { id: newId(), scope, reason, at: clock.now(), by: actor.user };
        const gate = await gateOf(store, scope.of).catch(unread);
        const gates = holdsChanged(gate, (holds) => [...holds, { case: id, hold: hold.id, from: scope.from, to: scope.to }]);
        return { gates, after: { ...before, holds: [...before.holds, hold] }, said: { type: 'hold-placed', v: 1, case: id, hold: hold.id, scope, reason } };
      }),
    release: (id, hold, reason, actor) =>
      changed(id, actor, async (before) => {
        const released = before.holds.filter((one) => one.id === hold);
        if (released.length === 0) throw new Failure('not-found');
        return { gates: [...(await freed(store, id, released)), releasedAt(clock.now())], after: { ...before, holds: before.holds.filter((one) => one.id !== hold) }, said: { type: 'hold-released', v: 1, case: id, hold, reason } };
      }),
    async close(id, reason, actor) {
      let ended: readonly KeptExport[] = [];
      const closed = await changed(id, actor, async (before) => {
        if (before.closedAt !== null) throw new Failure('moved-on', { detail: 'The case is closed already.' });
        ended = await liveExportsOf(store, keys, id).catch(unread);
        const endings = await Promise.all(ended.map((one) => endingChanges(keys, one, 'cancelled', clock.now())));
        return {
          gates: [...(await freed(store, id, before.holds)), releasedAt(clock.now()), ...endings.flat()], after: { ...before, holds: [], closedAt: clock.now() },
          said: { type: 'case-closed', v: 1, case: id, released: before.holds.map((hold) => hold.id), ...(ended.length > 0 && { exports: ended.map((one) => one.id) }), reason },
        };
      });
      for (const one of ended) keys.forget(exportKey(one.id));
      return closed;
    },
  };
}

/** The gates without these holds. */
async function freed(store: Store, id: CaseId, holds: readonly Hold[]): Promise<Change[]> {
  const gone = new Set(holds.map((hold) => hold.id));
  const gates = await Promise.all(holds.map(({ scope }) => gateOf(store, scope.of).catch(unread)));
  const each = new Map(gates.map((gate) => [gate.id, gate])).values();
  return [...each].flatMap((gate) => holdsChanged(gate, (all) => all.filter((one) => one.case !== id || !gone.has(one.hold))));
}
