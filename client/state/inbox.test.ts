import type { ReactiveControllerHost } from 'lit';
import { expect, it } from 'vitest';
import type { ConversationId } from '../../contracts/ids.ts';
import type { InboxRow } from '../../contracts/sites.ts';
import type { call } from '../link/app-api.ts';
import type { Account } from './account.ts';
import { InboxController } from './inbox.ts';

const host = { addController: () => undefined, requestUpdate: () => undefined } as unknown as ReactiveControllerHost;

it('what a visitor deletes leaves the inbox at once, and nothing else does', async () => {
  const rows = ['first', 'second'].map((id, at) => ({ id, updatedAt: at }));
  const inbox = new InboxController(host, { call: (() => Promise.resolve({ rows })) as unknown as typeof call });
  inbox.open(true);
  await expect.poll(() => inbox.rows?.length).toBe(2);
  inbox.listener.notice?.(0, { type: 'inbox-removed', conversation: 'first' as ConversationId });
  expect(inbox.rows?.map(({ id }) => id)).toEqual(['second']);
});

/** Somebody signed in whose answers come when the test gives them. */
function signedIn() {
  const [told, read] = [Promise.withResolvers<boolean>(), Promise.withResolvers<{ rows: unknown[] }>()];
  const asked: string[] = [];
  const inbox = new InboxController(host, { call: (() => (asked.push('read'), read.promise)) as unknown as typeof call });
  inbox.signedIn({ link: { inbox: () => (asked.push('follow'), told.promise) } } as unknown as Account);
  inbox.open(true);
  return { inbox, told, read, asked };
}

it('what is there is read once it is certain that what comes will be told; what comes while it is read is not lost', async () => {
  const { inbox, told, read, asked } = signedIn();
  expect(asked).toEqual(['follow']);
  told.resolve(true);
  await expect.poll(() => asked).toEqual(['follow', 'read']);
  const row = (id: string, seq: number, updatedAt = seq) => ({ id: id as ConversationId, updatedAt, position: { epoch: 1, seq } }) as InboxRow;
  inbox.listener.notice?.(0, { type: 'inbox', row: row('first', 5) });
  inbox.listener.notice?.(0, { type: 'inbox', row: row('first', 4) });
  inbox.listener.notice?.(0, { type: 'inbox', row: row('second', 1) });
  inbox.listener.notice?.(0, { type: 'inbox-removed', conversation: 'third' as ConversationId });
  read.resolve({ rows: [row('second', 2), row('first', 3), row('third', 1)] });
  await expect.poll(() => inbox.rows?.map(({ id, position }) => [id, position?.seq])).toEqual([['first', 5], ['second', 2]]);
});

it('shows what is there also where it cannot be told of what comes', async () => {
  const { inbox, told, read } = signedIn();
  told.reject(new Error('not connected'));
  read.resolve({ rows: [{ id: 'first', updatedAt: 1 }] });
  await expect.poll(() => inbox.rows?.map(({ id }) => id)).toEqual(['first']);
});
