import { Failure } from '../../contracts/failures.ts';
import type { Store, Stored } from '../store/store.ts';
import { isLeftBehind } from './instances.ts';
import { BEFORE, CURRENT, masterKeys, unwrap, type MasterKeys } from './master-keys.ts';

const OTHER = `The master key is not the one that the data was written with, or not the only one. Put that one back; where one takes the place of another, give the new one with ${CURRENT.variable} and the one before it with ${BEFORE.variable}.`;

/** Ids of the master keys by which keys are wrapped; `undefined` for those that do not say. One look for each. */
export async function mastersInUse(store: Store): Promise<ReadonlySet<string | undefined>> {
  const found = new Set<string | undefined>();
  const first = await firstUnder(store);
  if (first !== undefined && first.body.under === undefined) found.add(undefined);
  for (let from = ''; ; ) {
    const under = (await firstUnder(store, from))?.body.under;
    if (under === undefined) return found;
    found.add(under);
    from = `${under}!`; // comes before every other one that is longer, and no id of a master key has it
  }
}

async function firstUnder(store: Store, from?: string): Promise<Stored<'key'> | undefined> {
  return (await store.find({ kind: 'key', index: 'byMaster', where: [], ...(from !== undefined && { from }), limit: 1 })).items[0];
}

/** Throws a sentence when keys are wrapped by a master key that was not given, or when the one from before is none of this data. Reads, and changes nothing. */
export async function checkMasters(store: Store, masters: MasterKeys, kept: Stored<'rotation'> | undefined): Promise<void> {
  const { current, before } = masters;
  const inUse = await mastersInUse(store);
  const given = [current.id, ...(before === undefined ? [] : [before.id])];
  const missing = [...inUse].filter((id) => id !== undefined && !given.includes(id));
  const isMoving = !(kept?.body.isDone ?? true) && isLeftBehind(masters, kept);
  if (missing.length > 0 || isMoving) {
    throw new Failure('internal', { detail: before === undefined ? OTHER : `Some keys are wrapped by a master key that is neither ${CURRENT.variable} nor ${BEFORE.variable}. Give both that are in use: the new one, and the one before it.` });
  }
  const opens = inUse.has(undefined) ? await unnamedOpens(store, masters) : undefined;
  if (opens === null) throw new Failure('internal', { detail: OTHER });
  if (before === undefined || inUse.has(before.id) || kept?.body.from === before.id || opens === before.id) return;
  throw new Failure('internal', { detail: `${BEFORE.variable} is not a master key that this data was written with. Give the one that was used before, or none.` });
}

/** Which of the given ones opens the first key that does not say by which it is wrapped; `null`: none does. */
async function unnamedOpens(store: Store, { current, before }: MasterKeys): Promise<string | null> {
  const kept = await firstUnder(store);
  if (kept === undefined) return current.id;
  for (const one of before === undefined ? [current] : [current, before]) {
    try {
      unwrap(kept.id, kept.body, masterKeys(one.key));
      return one.id;
    } catch {
      // It is the other one, or none.
    }
  }
  return null;
}
