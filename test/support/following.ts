import { expect } from 'vitest';
import type { AuditEntry } from '../../contracts/records.ts';
import type { Account } from './tab.ts';

/** Follows the log as a browser does; `entries` are heard one by one. */
export async function follow(account: Account, query: string, lastHeard?: number) {
  const ended = new AbortController();
  const reply = await fetch(`${account.url}/api/audit/follow?${query}`, { signal: ended.signal, headers: { cookie: account.cookie, ...(lastHeard !== undefined && { 'last-event-id': String(lastHeard) }) } });
  const entries = heard(reply);
  return {
    reply,
    next: async (): Promise<AuditEntry | undefined> => (await entries.next()).value,
    leave: () => ended.abort(),
  };
}

async function* heard(reply: Response): AsyncGenerator<AuditEntry, undefined> {
  let rest = '';
  for await (const chunk of reply.body!.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + chunk).split('\n\n');
    rest = blocks.pop()!;
    for (const block of blocks) {
      const [, id, data] = /^id: (\d+)\ndata: (.+)$/u.exec(block) ?? [];
      if (data === undefined) continue;
      const entry = JSON.parse(data) as AuditEntry;
      expect(entry.number).toBe(Number(id));
      yield entry;
    }
  }
  return undefined;
}
