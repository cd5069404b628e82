import type { ReactiveControllerHost } from 'lit';
import { expect, it } from 'vitest';
import type { ConversationId } from '../../contracts/ids.ts';
import type { call } from '../link/api.ts';
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
