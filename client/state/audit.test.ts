import type { ReactiveControllerHost } from 'lit';
import { describe, expect, it, vi } from 'vitest';
import { Failure } from '../../contracts/failures.ts';
import type { UserId } from '../../contracts/ids.ts';
import type { AuditEntry } from '../../contracts/records.ts';
import type { call } from '../link/app-api.ts';
import type { LineState } from '../link/follow.ts';
import { readAddress, writeAddress } from './address.ts';
import { AuditController, type AuditLog } from './audit.ts';
import { askedFor, EVERYTHING, readWanted, writeWanted, type AuditWanted } from './audit-wanted.ts';

const host = { requestUpdate: () => undefined } as unknown as ReactiveControllerHost;
const entry = (number: number, type = 'signed-out'): AuditEntry => ({ number, at: number, type, result: 'done', actor: null, said: null });
const numbers = (audit: AuditController): number[] | undefined => audit.log.value?.entries.map(({ number }) => number);
const place = (wanted: AuditWanted = EVERYTHING) => ({ view: 'audit', wanted }) as const;
const MARA = 'mara000000000000000000' as UserId;

/** A log of entries 1 to `newest`, two on a page. */
function newLog(newest = 5) {
  const asked: (Record<string, string | undefined> | string)[] = [];
  const lines: { query: object; isOpen: boolean; heard: (data: string) => void; state: (now: LineState) => void }[] = [];
  const world = { newest, role: 'admin', failure: undefined as Failure | undefined };
  const answer = (name: string, query: Record<string, string | undefined> = {}): unknown => {
    if (name === 'welcome') return { person: { role: world.role } };
    if (name === 'people') return { people: [] };
    if (name === 'sites') return { sites: [] };
    asked.push(query);
    if (world.failure !== undefined) throw world.failure;
    const first = query['before'] === undefined ? world.newest : Number(query['before']) - 1;
    const shown = [first, first - 1].filter((number) => number > 0);
    return { entries: shown.map((number) => entry(number)), before: shown.at(-1)! > 1 ? shown.at(-1)! : null, upTo: first } satisfies AuditLog;
  };
  const audit = new AuditController(host, {
    call: (async (name: string, given?: { query?: Record<string, string | undefined> }) => answer(name, given?.query)) as unknown as typeof call,
    download: () => Promise.reject(new Failure('server-busy')),
    follow: (query, told) => {
      const line = { query, isOpen: true, ...told };
      lines.push(line);
      return () => (line.isOpen = false);
    },
  });
  const hear = (...given: number[]): void => given.forEach((number) => lines.at(-1)!.heard(JSON.stringify(entry(number))));
  const read = async (): Promise<void> => {
    await expect.poll(() => audit.log.value).toBeDefined();
  };
  return { audit, asked, lines, world, hear, read };
}

describe('the audit log as it is looked at', () => {
  it('is read once for what is looked at, however often the page is arrived at, and again for something else', async () => {
    const { audit, asked, read } = newLog();
    audit.look(place());
    audit.look(place({ ...EVERYTHING }));
    await read();
    audit.look(place());
    audit.look(place({ ...EVERYTHING, types: ['signed-in'] }));
    expect(audit.log.value).toBeUndefined();
    await read();
    expect(asked.map((one) => (one as { types?: string }).types)).toEqual([undefined, 'signed-in']);
    audit.look({ view: 'people' });
    expect([audit.log.value, audit.following]).toEqual([undefined, 'off']);
  });

  it('goes on with what came before, to the beginning; a failure is said and what is shown stays', async () => {
    const { audit, asked, world, read } = newLog();
    audit.look(place());
    await read();
    world.failure = new Failure('record-unavailable');
    await audit.more();
    expect([numbers(audit), audit.older]).toEqual([[5, 4], { busy: false, problem: 'The record could not be written, so nothing was done.' }]);
    world.failure = undefined;
    await Promise.all([audit.more(), audit.more()]); // a second press asks nothing
    await audit.more();
    await audit.more(); // there is no more
    expect([numbers(audit), audit.older, asked.length]).toEqual([[5, 4, 3, 2, 1], { busy: false, problem: '' }, 4]);
  });
});

describe('the audit log while it is followed', () => {
  it('shows what comes at the top, each once, after the number that was read last, and with the same filters', async () => {
    const { audit, lines, hear, read } = newLog();
    audit.look(place({ ...EVERYTHING, types: ['signed-out'] }));
    audit.keepUp(true);
    expect([audit.following, lines]).toEqual(['connecting', []]); // nothing was read yet
    await read();
    await expect.poll(() => lines.length).toBe(1);
    expect(lines[0]?.query).toEqual({ types: 'signed-out', after: '5' });
    lines[0]?.state('live');
    hear(6, 7);
    lines[0]?.state('waiting');
    expect(audit.following).toBe('waiting');
    lines[0]?.state('live');
    hear(7, 8);
    expect([numbers(audit), audit.freshAfter]).toEqual([[8, 7, 6, 5, 4], 5]);
    audit.keepUp(false);
    expect([lines[0]?.isOpen, audit.following, audit.freshAfter]).toEqual([false, 'off', Infinity]);
  });

  it('begins anew with other filters, and with what was heard last when the server refused for a while', async () => {
    vi.useFakeTimers();
    const { audit, lines, hear } = newLog();
    audit.look(place());
    audit.keepUp(true);
    await vi.advanceTimersByTimeAsync(0);
    hear(6);
    lines[0]?.state('refused');
    expect(audit.following).toBe('waiting');
    await vi.advanceTimersByTimeAsync(3_000);
    expect([lines[0]?.isOpen, lines[1]?.query, audit.freshAfter]).toEqual([false, { after: '6' }, 5]);
    audit.look(place({ ...EVERYTHING, user: MARA }));
    expect(lines[1]?.isOpen).toBe(false);
    await vi.advanceTimersByTimeAsync(0);
    expect(lines[2]?.query).toEqual({ user: MARA, after: '5' });
    audit.look(undefined);
    expect([lines[2]?.isOpen, audit.following]).toEqual([false, 'off']);
    vi.useRealTimers();
  });

  it('is over for who is no administrator any more', async () => {
    const { audit, lines, world, read } = newLog();
    audit.look(place());
    await read();
    audit.keepUp(true);
    world.role = 'member';
    lines[0]?.state('refused');
    await expect.poll(() => audit.following).toBe('over');
    expect([audit.problem, lines.length]).toEqual(['You may not see the audit log any more. Nothing new is shown.', 1]);
  });

  it('keeps no more than a page can show: what falls out at the end can be loaded again', async () => {
    const { audit, hear, read } = newLog();
    audit.look(place());
    await read();
    audit.keepUp(true);
    hear(...Array.from({ length: 1_200 }, (_, at) => 6 + at));
    expect([audit.log.value?.entries.length, audit.log.value?.entries[0]?.number, audit.log.value?.before]).toEqual([1_000, 1_205, 206]);
  });
});

describe('the address of the audit log', () => {
  it('opens the same view again, and leaves out what is none', () => {
    const wanted: AuditWanted = { types: ['signed-in', 'role-changed'], user: MARA, from: '2026-11-01', to: '2026-11-27' };
    const address = writeAddress(place(wanted));
    expect(address).toBe(`/admin/audit?types=signed-in,role-changed&user=${MARA}&from=2026-11-01&to=2026-11-27`);
    expect(readAddress(new URL(address, 'http://here')).place).toEqual(place(wanted));
    expect(writeAddress({ view: 'audit' })).toBe('/admin/audit');
    expect(readWanted(new URLSearchParams('types=Signed%20In,,signed-in,signed-in&user=mara&from=yesterday&to=2026-99-99'))).toEqual({ ...EVERYTHING, types: ['signed-in'] });
    expect(writeWanted(EVERYTHING)).toBe('');
  });

  it('asks for whole days', () => {
    const { from, to } = askedFor({ ...EVERYTHING, from: '2026-11-27', to: '2026-11-27' });
    expect(Number(to) - Number(from)).toBe(86_400_000 - 1);
  });
});
