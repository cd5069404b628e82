import { UNFENCED, type Change, type Store } from '../store/store.ts';

const CHANGES_PER_COMMIT = 900;

type Warn = (error: unknown, what: string) => void;

/** Removes pieces of a draft whose text is on record. What a crash leaves behind is found when the conversation is opened next. */
export async function removeDrafts(store: Store, ids: readonly string[], conversation: string, warn: Warn): Promise<void> {
  for (let at = 0; at < ids.length; at += CHANGES_PER_COMMIT) {
    const changes = ids.slice(at, at + CHANGES_PER_COMMIT).map((id): Change => ({ do: 'remove', kind: 'draft', id }));
    try {
      await store.commit(changes, UNFENCED);
    } catch (error) {
      // Nothing depends on it: the text is on record, and the pieces are under the conversation's key.
      warn(error, `pieces of a draft of ${conversation} stay for now`);
      return;
    }
  }
}
