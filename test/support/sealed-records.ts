import type { ConversationId } from '../../contracts/ids.ts';
import { nextRecord, START } from '../../server/journal/journal.ts';
import { newKey } from '../../server/journal/seal.ts';
import { Sealer } from '../../server/journal/sealer.ts';
import { openSigner, type Signer } from '../../server/journal/signed-note.ts';
import type { Head } from '../../server/store/kinds.ts';
import type { Change, Store } from '../../server/store/store.ts';

const ACTOR = { user: null, session: null, address: '', agent: '' };
const MOST_AT_ONCE = 200;

/** The key that logs of tests are signed with. */
export const testSigner: Signer = openSigner(Buffer.alloc(32, 3));

/** So many more records of a chain, as somebody's doings make them. */
export async function writeRecords(store: Store, chain: string, count: number): Promise<void> {
  const key = newKey();
  for (let left = count; left > 0; ) {
    const from = (await store.get('head', chain))?.body ?? null;
    let head: Head = from ?? START;
    const changes: Change[] = [];
    for (let made = Math.min(left, MOST_AT_ONCE); made > 0; made--, left--) {
      const next = nextRecord(head, { chain: chain as ConversationId, epoch: 1, at: 1_000, keyId: chain, key }, { actor: ACTOR, said: { type: 'conversation-restored', v: 1 } });
      changes.push(...next.changes);
      ({ head } = next);
    }
    await store.commit(changes, { chain, from, to: head });
  }
}

/** Gives all that waits its place in the log. */
export async function sealAll(store: Store, signer: Signer = testSigner): Promise<void> {
  const warn = (error: unknown): never => { throw error; };
  await new Sealer({ store, clock: { now: () => 1_000 }, signers: () => Promise.resolve([signer]), warn, sealed: () => undefined }).close();
}
