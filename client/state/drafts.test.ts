import { beforeEach, expect, it } from 'vitest';
import type { ConversationId, TabId, UserId } from '../../contracts/ids.ts';
import { newId } from '../link/ids.ts';
import { Drafts } from './drafts.ts';

const account = newId<UserId>();
const conversation = newId<ConversationId>();
const other = newId<TabId>();

beforeEach(() => localStorage.clear());

function newDrafts(storage: Storage | undefined = localStorage) {
  const told: [string, string][] = [];
  const later: (() => void)[] = [];
  const drafts = new Drafts({ account, storage, push: (place, text) => told.push([place, text]), later: (_, run) => (later.push(run), () => undefined) });
  return { drafts, told, later };
}

it('a half-written message is there again after a reload, each in its place', () => {
  const { drafts } = newDrafts();
  drafts.set('new', 'one');
  drafts.set(conversation, 'two');
  const again = newDrafts().drafts;
  expect([again.get('new'), again.get(conversation), again.count]).toEqual(['one', 'two', 2]);
});

it('other tabs are told now and then while one writes, and at once when it is empty', () => {
  const { drafts, told, later } = newDrafts();
  for (const text of ['h', 'ha', 'hal']) drafts.set('new', text);
  expect(told).toEqual([]);
  later[0]?.();
  expect(told).toEqual([['new', 'hal']]);
  drafts.set('new', '');
  expect(told.at(-1)).toEqual(['new', '']);
});

it('a draft that another tab of this browser has sent does not stay behind here', () => {
  newDrafts().drafts.set(conversation, 'half a thought');
  const { drafts } = newDrafts();
  expect([drafts.get(conversation), drafts.isOwn(conversation)]).toEqual(['half a thought', false]);
  drafts.heard(conversation, other, 'half a thought and more');
  expect(drafts.elsewhere(conversation)).toBe('half a thought and more');
  newDrafts().drafts.set(conversation, '');
  drafts.heard(conversation, newId<TabId>(), '');
  expect([drafts.get(conversation), drafts.elsewhere(conversation)]).toEqual(['', undefined]);
});

it('what was written here stays when another tab sends its own', () => {
  const { drafts } = newDrafts();
  drafts.set(conversation, 'mine');
  newDrafts().drafts.set(conversation, '');
  drafts.heard(conversation, other, '');
  expect(drafts.get(conversation)).toBe('mine');
});

it('says what is written elsewhere only when it is something else', () => {
  const { drafts } = newDrafts();
  drafts.heard(conversation, other, 'from the other tab');
  expect(drafts.elsewhere(conversation)).toBe('from the other tab');
  drafts.set(conversation, 'from the other tab');
  expect(drafts.elsewhere(conversation)).toBeUndefined();
  drafts.set(conversation, '');
  drafts.heard(conversation, newId<TabId>(), '');
  expect(drafts.elsewhere(conversation)).toBe('from the other tab');
  drafts.heard(conversation, other, '');
  expect(drafts.elsewhere(conversation)).toBeUndefined();
});

it('signing out leaves no draft of the account behind', () => {
  const { drafts } = newDrafts();
  drafts.set('new', 'secret');
  localStorage.setItem('gorunchat.draft.someone-else.new', 'theirs');
  drafts.clear();
  expect(drafts.get('new')).toBe('');
  expect(Object.keys(localStorage)).toEqual(['gorunchat.draft.someone-else.new']);
});

it('works without storage for as long as the page lives', () => {
  const { drafts } = newDrafts(undefined);
  drafts.set('new', 'kept in memory');
  expect(drafts.get('new')).toBe('kept in memory');
});
