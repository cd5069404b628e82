import { sizeCount } from '../commit-rules.ts';
import type { Kind, Kinds } from '../kinds.ts';
import type { Change, Stored } from '../store.ts';
import type { WiredChange } from './calls.ts';
import type { FoundDocument, WiredDocument } from './read-calls.ts';

/** A document as it is handed out. */
export function storedOf<K extends Kind>([id, version, body]: WiredDocument): Stored<K> {
  return { id, version, body: JSON.parse(body) as Kinds[K] };
}

/** Those that are there. */
export function foundOf<K extends Kind>(found: readonly FoundDocument[]): Stored<K>[] {
  return found.flatMap(([id, version, body]) => (body === null ? [] : [storedOf<K>([id, version, body])]));
}

/** Changes as they cross to a writing thread. Refused as `too-large` beyond `MOST_BYTES`. */
export function wired(changes: readonly Change[]): WiredChange[] {
  const count = sizeCount();
  return changes.map((change) => {
    const { kind, id } = change;
    if (change.do === 'remove') return { do: 'remove', kind, id, body: null, version: change.version ?? null, text: null };
    const body = change.do === 'words' ? null : JSON.stringify(change.body);
    count(body ?? '', change.text?.words ?? '');
    return { do: change.do, kind, id, body, version: change.do === 'put' || change.do === 'rewrap' ? change.version ?? null : null, text: change.text ?? null };
  });
}

/** Added drafts as ids, conversations and bodies in turn; limited like `wired`. */
export function flat(adds: readonly Change[]): string[] {
  const count = sizeCount();
  const all: string[] = [];
  for (const change of adds) {
    if (change.do !== 'add' || change.kind !== 'draft') continue;
    const body = JSON.stringify(change.body);
    count(body);
    all.push(change.id, change.body.conversation, body);
  }
  return all;
}
