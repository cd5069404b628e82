import { expect, it } from 'vitest';
import type { ConversationRow } from '../../contracts/conversation.ts';
import { Failure } from '../../contracts/failures.ts';
import type { ConversationId, ModelId, TabId, UserId } from '../../contracts/ids.ts';
import type { Hello } from '../../contracts/socket.ts';
import type { call } from '../link/app-api.ts';
import { newId } from '../link/ids.ts';
import { ConversationListController } from './conversation-list.ts';

type Page = { rows: ConversationRow[]; cursor: string | null; notices: number };

function row(title: string, more: Partial<ConversationRow> = {}): ConversationRow {
  return { id: newId<ConversationId>(), title, model: 'demo/scripted' as ModelId, createdAt: 0, updatedAt: 1, running: false, unread: false, pinned: false, archived: false, deletedAt: null, ...more };
}

const hello = (notices: number): Hello => ({ version: 1, user: newId<UserId>(), tab: newId<TabId>(), notices });

/** A list and the server it reads from; every page is given by hand. */
function newList(archived = false) {
  const asked: { cursor: string | undefined; give: (page: Page) => Promise<void>; fail: () => Promise<void> }[] = [];
  const settled = async (settle: () => void) => {
    settle();
    for (let turn = 0; turn < 6; turn++) await Promise.resolve();
  };
  const read = (_: string, { query }: { query: { cursor?: string } }) =>
    new Promise((resolve, reject) => asked.push({ cursor: query.cursor, give: (page) => settled(() => resolve(page)), fail: () => settled(() => reject(new Failure('server-busy'))) }));
  const host = { addController: () => undefined, removeController: () => undefined, requestUpdate: () => undefined, updateComplete: Promise.resolve(true) };
  const list = new ConversationListController(host, { call: read as unknown as typeof call, archived });
  const titles = () => list.rows.map((one) => one.title).toSorted();
  const hear = (...notice: Parameters<NonNullable<typeof list.listener.notice>>) => list.listener.notice?.(...notice);
  return { list, asked, titles, hear };
}

it('shows what other tabs do as it is told', async () => {
  const { list, asked, titles, hear } = newList();
  list.signedIn();
  const first = row('first');
  await asked[0]?.give({ rows: [first], cursor: null, notices: 7 });
  hear(8, { type: 'row', row: row('second') });
  hear(9, { type: 'row', row: { ...first, title: 'renamed' } });
  expect(titles()).toEqual(['renamed', 'second']);
  hear(10, { type: 'row-removed', conversation: first.id });
  expect(titles()).toEqual(['second']);
  expect(asked).toHaveLength(1);
});

it('reads the list again when a notice is missing, and keeps what comes meanwhile', async () => {
  const { list, asked, titles, hear } = newList();
  list.signedIn();
  await asked[0]?.give({ rows: [row('first')], cursor: null, notices: 7 });
  hear(9, { type: 'row', row: row('after the gap') });
  expect(asked).toHaveLength(2);
  hear(10, { type: 'row', row: row('while it is read') });
  await asked[1]?.give({ rows: [row('first'), row('missed'), row('after the gap')], cursor: null, notices: 9 });
  expect(titles()).toEqual(['after the gap', 'first', 'missed', 'while it is read']);
  expect(asked).toHaveLength(2);
});

it('what an owner tells late, after its successor, changes nothing, though it comes last', async () => {
  const { list, asked, titles, hear } = newList();
  list.signedIn();
  const first = row('first', { running: true, position: { epoch: 1, seq: 4 } });
  const second = row('second', { position: { epoch: 1, seq: 1 } });
  await asked[0]?.give({ rows: [first, second], cursor: null, notices: 7 });
  hear(8, { type: 'row', row: { ...first, running: false, position: { epoch: 2, seq: 1 } } });
  hear(9, { type: 'row', row: { ...first, running: true, position: { epoch: 1, seq: 9 } } });
  hear(10, { type: 'row-removed', conversation: second.id, position: { epoch: 2, seq: 1 } });
  hear(11, { type: 'row', row: { ...second, position: { epoch: 1, seq: 5 } } });
  expect([titles(), list.rows.map(({ running }) => running)]).toEqual([['first'], [false]]);
  hear(12, { type: 'row', row: { ...first, title: 'goes on', running: true, position: { epoch: 2, seq: 2 } } });
  expect([titles(), asked.length]).toEqual([['goes on'], 1]);
});

it('a row that is older than the page is not put over it', async () => {
  const { list, asked, titles, hear } = newList();
  const one = row('new name');
  list.signedIn();
  hear(6, { type: 'row', row: { ...one, title: 'old name' } });
  await asked[0]?.give({ rows: [one], cursor: null, notices: 7 });
  expect(titles()).toEqual(['new name']);
});

it('reads again after a time away, and only when something has happened', async () => {
  const { list, asked } = newList();
  list.signedIn();
  await asked[0]?.give({ rows: [], cursor: null, notices: 7 });
  list.listener.greeted?.(hello(7));
  expect(asked).toHaveLength(1);
  list.listener.greeted?.(hello(12));
  expect(asked).toHaveLength(2);
});

it('what happened between the page and the greeting is read too', async () => {
  const { list, asked } = newList();
  list.signedIn();
  list.listener.greeted?.(hello(8));
  await asked[0]?.give({ rows: [], cursor: null, notices: 7 });
  expect(asked).toHaveLength(2);
  await asked[1]?.give({ rows: [], cursor: null, notices: 8 });
  expect(asked).toHaveLength(2);
});

it('half-typed text from other tabs, which has no number of its own, changes nothing', async () => {
  const { list, asked, titles, hear } = newList();
  list.signedIn();
  await asked[0]?.give({ rows: [row('first')], cursor: null, notices: 7 });
  hear(7, { type: 'typing', conversation: 'new', tab: newId<TabId>(), text: 'h' });
  hear(8, { type: 'row', row: row('second') });
  expect(titles()).toEqual(['first', 'second']);
  expect(asked).toHaveLength(1);
});

it('an archived conversation moves from one list to the other', async () => {
  const shown = newList();
  const archive = newList(true);
  const one = row('one');
  shown.list.signedIn();
  archive.list.signedIn();
  archive.list.want();
  await shown.asked[0]?.give({ rows: [one], cursor: null, notices: 1 });
  await archive.asked[0]?.give({ rows: [], cursor: null, notices: 1 });
  for (const { hear } of [shown, archive]) hear(2, { type: 'row', row: { ...one, archived: true } });
  expect([shown.titles(), archive.titles()]).toEqual([[], ['one']]);
});

it('reads as many pages again as were there, and older rows never replace younger ones', async () => {
  const { list, asked, titles, hear } = newList();
  const old = row('old');
  list.signedIn();
  await asked[0]?.give({ rows: [row('a')], cursor: 'next', notices: 1 });
  expect(list.hasMore).toBe(true);
  const more = list.more();
  hear(2, { type: 'row', row: { ...old, title: 'changed' } });
  await asked[1]?.give({ rows: [old], cursor: null, notices: 1 });
  await more;
  expect(titles()).toEqual(['a', 'changed']);
  void list.read();
  await asked[2]?.give({ rows: [row('a')], cursor: 'next', notices: 3 });
  expect(asked[3]?.cursor).toBe('next');
  await asked[3]?.give({ rows: [old], cursor: null, notices: 3 });
  expect(titles()).toEqual(['a', 'old']);
});

it('says that it could not be read, and keeps the rows it has when a later reading fails', async () => {
  const { list, asked, titles } = newList();
  list.signedIn();
  await asked[0]?.fail();
  expect(list.phase).toBe('failed');
  void list.read();
  await asked[1]?.give({ rows: [row('a')], cursor: null, notices: 1 });
  void list.read();
  await asked[2]?.fail();
  expect([list.phase, titles()]).toEqual(['ready', ['a']]);
});

it('what was looked at here is not new any more, until a notice says that there is something newer', async () => {
  const { list, asked, hear } = newList();
  const one = { ...row('one'), unread: true };
  list.signedIn();
  await asked[0]?.give({ rows: [one], cursor: null, notices: 1 });
  list.looked(one.id);
  expect(list.get(one.id)?.unread).toBe(false);
  hear(2, { type: 'row', row: one });
  expect(list.get(one.id)?.unread).toBe(true);
});
