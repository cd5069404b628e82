import { expect, it, vi } from 'vitest';
import type { ConversationId, UserId } from '../../contracts/ids.ts';
import type { Opened, PlacedEvent } from '../../contracts/socket.ts';
import { memoryBus } from '../bus/memory.ts';
import type { Bus } from '../bus/bus.ts';
import { UNCOUNTED } from '../observe/metrics.ts';
import type { ConversationView } from '../../contracts/view.ts';
import { Delivery, QUIET_MS, type Io, type TabSocket } from './delivery.ts';

const conversation = 'c'.padEnd(22, '_') as ConversationId;
const delta = (seq: number): PlacedEvent => [1, seq, { type: 'text-delta', text: String(seq) }];

/** A tab that writes down what it is sent, and the delivery that sends it; the bus answers `since` when the test lets it. */
function bench(around: (bus: Bus) => Bus = (bus) => bus) {
  const said: unknown[][] = [];
  const rooms = new Set<string>();
  const tab = {
    data: { user: 'u', session: 's', tab: 't', isHidden: false },
    conn: { writeBuffer: [] as unknown[], once: (_: string, run: () => void) => drained.push(run) },
    join: (room: string) => void rooms.add(room),
    leave: (room: string) => void rooms.delete(room),
    emit: (...all: unknown[]) => said.push(all),
  };
  const drained: (() => void)[] = [];
  const io = { local: { to: (room: string) => ({ emit: (...all: unknown[]) => void (rooms.has(room) && said.push(all)) }) } };
  const held: (() => void)[] = [];
  const memory = memoryBus();
  const bus: Bus = around({ ...memory, since: async (...asked) => (await new Promise<void>((resolve) => held.push(resolve)), memory.since(...asked)) });
  const append = (from: number) => memory.append([{ conversation, after: { epoch: 1, seq: from - 1 }, events: [delta(from)] }]);
  const delivery = new Delivery({ io: io as unknown as Io, bus, metrics: UNCOUNTED, onTabs: () => undefined, isOwn: () => false, onSeen: () => undefined });
  const view = { position: { epoch: 1, seq: 2 } } as unknown as ConversationView;
  const live = { id: conversation, owner: 'u' as UserId, isOver: false, read: () => Promise.resolve(view) };
  const release = (): void => held.splice(0).forEach((go) => go());
  return { tab: tab as unknown as TabSocket, raw: tab, said, delivery, live, view, append, release, memory, drain: () => drained.splice(0).forEach((run) => run()) };
}

it('[RS1] what happens while a tab is being caught up is in its answer, once and in order, and nothing is sent before that', async () => {
  const at = bench();
  await at.memory.claim(conversation, 1);
  await at.append(1);
  await at.append(2);
  const opened = Promise.withResolvers<Opened>();
  const opening = at.delivery.open(at.tab, at.live, { epoch: 1, seq: 1 }, opened.resolve);
  await at.append(3);
  expect(at.said).toEqual([]);
  at.release();
  await opening;
  await at.append(4);
  const answer = await opened.promise;
  expect(answer.ok && 'events' in answer && answer.events.map(([, seq]) => seq)).toEqual([2, 3]);
  expect(at.said).toEqual([['t', 1, 4, '4']]);
});

it('[RS1] an event that the log had not yet when it was read, but the tab has heard of, is not lost', async () => {
  const at = bench();
  await at.memory.claim(conversation, 1);
  await at.append(1);
  const read = await at.memory.since(conversation, { epoch: 1, seq: 0 });
  const opened = Promise.withResolvers<Opened>();
  const slow: Bus = { ...at.memory, since: async () => (await new Promise<void>((resolve) => setImmediate(resolve)), read) };
  const delivery = new Delivery({ io: { local: { to: () => ({ emit: () => undefined }) } } as unknown as Io, bus: slow, metrics: UNCOUNTED, onTabs: () => undefined, isOwn: () => false, onSeen: () => undefined });
  const opening = delivery.open(at.tab, at.live, { epoch: 1, seq: 0 }, opened.resolve);
  await at.append(2);
  await opening;
  const answer = await opened.promise;
  expect(answer.ok && 'events' in answer && answer.events.map(([, seq]) => seq)).toEqual([1, 2]);
});

it('a tab follows fifty conversations and no more, and may open each of them again', async () => {
  const at = bench();
  const follow = async (id: ConversationId): Promise<void> => {
    const opening = at.delivery.open(at.tab, { ...at.live, id }, { epoch: 1, seq: 1 }, () => undefined);
    at.release();
    await opening;
  };
  const ids = Array.from({ length: 50 }, (_, index) => String(index).padEnd(22, '_') as ConversationId);
  for (const id of ids) {
    expect(at.delivery.hasRoom(at.tab, id)).toBe(true);
    await follow(id);
  }
  expect(at.delivery.hasRoom(at.tab, conversation)).toBe(false);
  expect(ids.every((id) => at.delivery.hasRoom(at.tab, id))).toBe(true);
  at.delivery.leave(at.tab, ids[0] as ConversationId);
  expect(at.delivery.hasRoom(at.tab, conversation)).toBe(true);
});

it('[RS3] a tab with 65 packets waiting is sent no more text, and the whole view when it has drained', async () => {
  const at = bench();
  await at.memory.claim(conversation, 1);
  const opening = at.delivery.open(at.tab, at.live, { epoch: 1, seq: 0 }, () => undefined);
  at.release();
  await opening;
  at.raw.conn.writeBuffer = Array.from({ length: 65 });
  await at.append(1);
  await at.append(2);
  expect(at.said).toEqual([]);
  at.raw.conn.writeBuffer = [];
  at.drain();
  await at.live.read();
  expect(at.said).toEqual([['view', 1, at.view]]);
  await at.append(3);
  expect(at.said.at(-1)).toEqual(['t', 1, 3, '3']);
});

it('[RS1] a reply that has gone quiet under nobody lets its tabs ask again; not one whose owner lives, that has ended, or that speaks', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  try {
    const owned: Partial<Record<string, string>> = {};
    const at = bench((bus) => ({ ...bus, owners: (ids) => Promise.resolve(ids.map((id) => owned[id] as never)) }));
    await at.memory.claim(conversation, 1);
    await at.append(1);
    const opening = at.delivery.open(at.tab, at.live, { epoch: 1, seq: 0 }, () => undefined);
    at.release();
    await opening;
    await at.delivery.lookAfterQuiet();
    expect(at.said).toEqual([]);
    owned[conversation] = 'somebody';
    vi.advanceTimersByTime(QUIET_MS + 1);
    await at.delivery.lookAfterQuiet();
    expect(at.said).toEqual([]);
    delete owned[conversation];
    await at.append(2);
    await at.delivery.lookAfterQuiet();
    expect(at.said.splice(0)).toEqual([['t', 1, 2, '2']]);
    vi.advanceTimersByTime(QUIET_MS + 1);
    await at.delivery.lookAfterQuiet();
    expect(at.said.splice(0)).toEqual([['resume', 1]]);
    await at.memory.append([{ conversation, after: { epoch: 1, seq: 2 }, events: [[1, 3, { type: 'turn-end', turn: 't' as never, outcome: { kind: 'completed' }, tookMs: 1, length: 2 }]] }]);
    at.said.splice(0);
    vi.advanceTimersByTime(QUIET_MS + 1);
    await at.delivery.lookAfterQuiet();
    expect(at.said).toEqual([]);
  } finally {
    vi.useRealTimers();
  }
});
