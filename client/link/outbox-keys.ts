import type { UserId } from '../../contracts/ids.ts';

/** What the names begin with under which a browser keeps what somebody has said and what has not gone out yet. */
export function outboxOf(account: UserId): string {
  return `gorunchat.outbox.${account}.`;
}
