import type { AccessAsked, AccessState, CaseAccess } from '../../contracts/access.ts';
import { Failure } from '../../contracts/failures.ts';
import type { AccessId, CaseId, UserId } from '../../contracts/ids.ts';
import type { Actor, AuditRecord } from '../../contracts/records.ts';
import type { Clock } from '../clock.ts';
import { newId } from '../ids.ts';
import { DEPLOYMENT, type Audit } from '../journal/audit.ts';
import type { Keys } from '../journal/keys.ts';
import { open, seal } from '../journal/seal.ts';
import { unread, wentThrough } from '../store/refused.ts';
import type { Change, Store, Stored } from '../store/store.ts';
import type { Cases } from './cases.ts';
import type { Reviewed } from './disclosures.ts';
import { caseKey, keyOfCase } from './export-documents.ts';

/** Of one case, the latest first. */
const MOST_LISTED = 200;
const HOUR_MS = 3_600_000;

type Reviewer = Actor & { user: UserId };
type Content = Pick<CaseAccess, 'reason' | 'hours' | 'decided' | 'withdrawn'>;
type Kept = CaseAccess & { readonly version: number };

/** Who may read what others wrote for a case, where another reviewer has to allow it: every step with its record in one commit. Each throws `not-found`, `moved-on` for what is over, and `record-unavailable`. */
export interface Accesses {
  /** Whether another reviewer has to grant it. */
  readonly isNeeded: boolean;
  list(id: CaseId): Promise<CaseAccess[]>;
  /** Throws `moved-on` where the same reviewer waits for one already, or has one. */
  ask(asked: AccessAsked, actor: Reviewer): Promise<CaseAccess>;
  /** Throws `not-permitted` for whoever asked. */
  decide(id: AccessId, isGranted: boolean, reason: string, actor: Reviewer): Promise<CaseAccess>;
  /** By any reviewer. From the answer on nothing is shown by it any more, also where it had been asked for before. */
  withdraw(id: AccessId, reason: string, actor: Reviewer): Promise<CaseAccess>;
  /** What `show` finds, once that is on record and as long as the case is open and it is granted until then. Throws `moved-on` where the case was closed, and `not-permitted` in words where it is not granted. */
  read<T>(said: Reviewed, actor: Reviewer, show: () => Promise<T>): Promise<T>;
}

interface AccessWorld {
  readonly store: Store;
  readonly keys: Keys;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly cases: Pick<Cases, 'standing'>;
  readonly isNeeded: boolean;
}

interface Step {
  readonly state: AccessState;
  readonly until?: number;
  readonly content: Partial<Content>;
  readonly said: AuditRecord;
}

/** Accesses that are kept in this store. */
export function openAccesses(world: AccessWorld): Accesses {
  const { store, keys, audit, clock, cases, isNeeded } = world;
  const find = async (id: AccessId): Promise<Kept> => {
    const stored = await store.get('access', id).catch(unread);
    if (stored === undefined) throw new Failure('not-found');
    return opened(keys, stored);
  };
  /** Tries again when it, or its case, was changed at the same time. */
  const changed = async (id: AccessId, actor: Reviewer, plan: (before: Kept) => Step): Promise<CaseAccess> => {
    for (;;) {
      const before = await find(id);
      const { state, until = before.until, content, said } = plan(before);
      const after = { ...before, ...content, state, until };
      const changes: Change[] = [await cases.standing(before.case), { do: 'put', kind: 'access', id, version: before.version, body: await bodyOf(keys, after) }];
      if (await wentThrough(audit.commit(changes, said, actor, { id: caseKey(before.case) }))) return shown(after);
    }
  };
  const granted = (of: CaseId, user: UserId): Promise<Kept | undefined> => grantOf(world, of, user);
  return {
    isNeeded,
    async list(id) {
      const { items } = await store.find({ kind: 'access', index: 'byCase', where: [id], order: 'down', limit: MOST_LISTED }).catch(unread);
      return Promise.all(items.map(async (stored) => shown(await opened(keys, stored))));
    },
    async ask({ case: of, reason, hours }, actor) {
      for (;;) {
        const standing = await cases.standing(of);
        const [waiting] = (await store.find({ kind: 'access', index: 'byHolder', where: [of, actor.user, 'waiting'], limit: 1 }).catch(unread)).items;
        if (waiting !== undefined) throw new Failure('moved-on', { detail: 'You have asked already, and wait for another reviewer.' });
        if ((await granted(of, actor.user)) !== undefined) throw new Failure('moved-on', { detail: 'You may read for this case already.' });
        const asked: CaseAccess = { id: newId<AccessId>(), case: of, by: actor.user, at: clock.now(), reason, hours, state: 'waiting', decided: null, until: null, withdrawn: null };
        const changes: Change[] = [standing, { do: 'add', kind: 'access', id: asked.id, body: await bodyOf(keys, asked) }];
        if (await wentThrough(audit.commit(changes, { type: 'access-asked', v: 1, access: asked.id, case: of, hours, reason }, actor, { id: caseKey(of) }))) return asked;
      }
    },
    decide: (id, isGranted, reason, actor) =>
      changed(id, actor, (before) => {
        if (before.state !== 'waiting') throw new Failure('moved-on', { detail: OVER[before.state] });
        if (before.by === actor.user) throw new Failure('not-permitted', { detail: isGranted ? 'Nobody grants what they asked for themselves: another reviewer has to.' : 'You asked for this yourself: withdraw it.' });
        const decided = { by: actor.user, at: clock.now(), reason };
        if (!isGranted) return { state: 'refused', content: { decided }, said: { type: 'access-refused', v: 1, access: id, case: before.case, reason } };
        const until = decided.at + before.hours * HOUR_MS;
        return { state: 'granted', until, content: { decided }, said: { type: 'access-granted', v: 1, access: id, case: before.case, to: before.by, until, reason } };
      }),
    withdraw: (id, reason, actor) =>
      changed(id, actor, (before) => {
        if (before.state !== 'waiting' && before.state !== 'granted') throw new Failure('moved-on', { detail: OVER[before.state] });
        return { state: 'withdrawn', content: { withdrawn: { by: actor.user, at: clock.now(), reason } }, said: { type: 'access-withdrawn', v: 1, access: id, case: before.case, reason } };
      }),
    async read(said, actor, show) {
      const { case: of } = said.asked;
      for (;;) {
        const grant = isNeeded ? await granted(of, actor.user) : undefined;
        if (isNeeded && grant === undefined) throw new Failure('not-permitted', { detail: 'Another reviewer has to grant you access to this case first.' });
        // Written as they are: of this and a withdrawal, or the end of the case, at the same moment one is refused.
        const touched: Change[] = [await cases.standing(of), ...(grant === undefined ? [] : [{ do: 'put', kind: 'access', id: grant.id, version: grant.version, body: await bodyOf(keys, grant) } as const])];
        if (await wentThrough(audit.commit(touched, said, actor, DEPLOYMENT))) break;
      }
      const found = await show();
      await cases.standing(of);
      if (isNeeded && (await granted(of, actor.user)) === undefined) throw new Failure('not-permitted', { detail: 'Your access to this case has ended.' });
      return found;
    },
  };
}

/** What is granted to somebody for a case now. Where two were granted, the one that lasts longer is no less good than the other. */
async function grantOf({ store, keys, clock }: AccessWorld, of: CaseId, user: UserId): Promise<Kept | undefined> {
  const { items } = await store.find({ kind: 'access', index: 'byHolder', where: [of, user, 'granted'], from: clock.now() + 1, order: 'down', limit: 1 }).catch(unread);
  return items[0] && opened(keys, items[0]);
}

async function opened(keys: Keys, { id, version, body: { case: of, by, at, state, until, sealed } }: Stored<'access'>): Promise<Kept> {
  const content = open<Content>(sealed, await keyOfCase(keys, of), `access:${id}`);
  return { id: id as AccessId, case: of as CaseId, by: by as UserId, at, state, until: until === 0 ? null : until, ...content, version };
}

async function bodyOf(keys: Keys, { id, case: of, by, at, state, until, reason, hours, decided, withdrawn }: CaseAccess) {
  const content: Content = { reason, hours, decided, withdrawn };
  return { case: of, by, at, state, until: until ?? 0, sealed: seal(content, await keyOfCase(keys, of), `access:${id}`) };
}

function shown({ id, case: of, by, at, reason, hours, state, decided, until, withdrawn }: CaseAccess): CaseAccess {
  return { id, case: of, by, at, reason, hours, state, decided, until, withdrawn };
}

const OVER: Readonly<Record<AccessState, string>> = { waiting: 'It waits for another reviewer.', granted: 'It was granted already.', refused: 'It was refused.', withdrawn: 'It was withdrawn.' };
