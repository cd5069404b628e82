import type { Change } from '../../server/store/store.ts';

/** Whether a commit adds a record of this type. */
export function records(type: string): (changes: readonly Change[]) => boolean {
  return (changes) => changes.some((change) => change.kind === 'record' && change.do === 'add' && change.body.type === type);
}

export function isDraft(changes: readonly Change[]): boolean {
  return changes.some((change) => change.kind === 'draft' && change.do !== 'remove');
}
