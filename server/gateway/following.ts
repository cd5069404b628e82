import type { AuditReader } from '../journal/audit-reader.ts';

/** How long a browser waits before it comes back. */
const BACK_AFTER_MS = 2_000;
/** Looks without anything to say after which a comment is sent, so that no proxy takes the reply for a dead one. */
const QUIET_LOOKS = 15;

/** What it takes to follow the audit log. */
export interface Following {
  readonly since: (after: number) => ReturnType<AuditReader['since']>;
  /** Whether whoever follows still may. */
  readonly mayGoOn: () => Promise<boolean>;
  /** Waits until it is time for the next look; `false` when there shall be none. */
  readonly pause: () => Promise<boolean>;
}

/**
 * What comes into the audit log after this number, as server-sent events: each entry once and in order, with its number as the event's id. The store is asked, so it does not matter
 * which instance wrote a record. What a look found is sent only when who follows may still see it. It ends when they may not, and when the store does not answer: the browser then comes
 * back with the last number that it heard, and is answered anew.
 */
export async function* followed(after: number, { since, mayGoOn, pause }: Following): AsyncIterable<string> {
  yield `retry: ${BACK_AFTER_MS}\n\n`; // at once, so that the page knows that it is heard
  let at = after;
  for (let quiet = 0; ; ) {
    const look = await lookedAt(at, since, mayGoOn);
    if (look === undefined) return;
    const { entries, upTo, isWhole } = look;
    const events = entries.map((entry) => `id: ${entry.number}\ndata: ${JSON.stringify(entry)}\n\n`);
    // An id alone: what does not fit need not be looked at again after the browser came back.
    if (upTo > (entries.at(-1)?.number ?? at)) events.push(`id: ${upTo}\n\n`);
    quiet = events.length > 0 ? 0 : quiet + 1;
    if (quiet === QUIET_LOOKS) {
      events.push(': still here\n\n');
      quiet = 0;
    }
    if (events.length > 0) yield events.join('');
    at = upTo;
    if (isWhole && !(await pause())) return;
  }
}

async function lookedAt(at: number, since: Following['since'], mayGoOn: Following['mayGoOn']): Promise<Awaited<ReturnType<Following['since']>> | undefined> {
  try {
    const look = await since(at);
    return (await mayGoOn()) ? look : undefined;
  } catch {
    return undefined; // the reply has begun, so there are no words for it; whoever asks again is refused in words
  }
}
