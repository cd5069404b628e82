import { afterEach, describe, expect, it } from 'vitest';
import type { ConversationId } from '../../../contracts/ids.ts';
import { Failure } from '../../../contracts/failures.ts';
import './admin-retention.ts';
import type { GorunAdminRetention, MoreDisposedEvent } from './admin-retention.ts';

afterEach(() => document.body.replaceChildren());

const AT = Date.UTC(2026, 10, 30, 9, 30);
const one = (id: string, certificate: GorunAdminRetention['kept'] extends infer K | undefined ? (K extends { disposed: (infer D)[] } ? (D extends { certificate: infer C } ? C : never) : never) : never) => ({ conversation: id as ConversationId, record: 9, at: AT, certificate });

async function shown(kept: Partial<NonNullable<GorunAdminRetention['kept']>> = {}) {
  const element: GorunAdminRetention = document.body.appendChild(document.createElement('gorun-admin-retention'));
  const schedules = { ordinary: { keepDays: 0, deleteAfterDays: null }, temporary: { keepDays: 0, deleteAfterDays: 0.5 }, visitor: { keepDays: 30, deleteAfterDays: 90 } };
  Object.assign(element, { admin: true, kept: { schedules, disposed: [], before: null, ...kept } });
  await element.updateComplete;
  return { element, root: element.shadowRoot!, text: () => element.shadowRoot!.querySelector('main')!.textContent.replaceAll(/\s+/gu, ' ') };
}

describe('<gorun-admin-retention>', () => {
  it('says in words how long what is kept, and that nothing was erased', async () => {
    const { text } = await shown();
    expect(text()).toContain('Erased as soon as they are deleted; never deleted by themselves.');
    expect(text()).toContain('Temporary chatsErased as soon as they are deleted; deleted after 12 hours.');
    expect(text()).toContain('Kept for 30 days at least; deleted after 90 days.');
    expect(text()).toContain('Nothing was erased yet.');
  });

  it('lists certificates with their rule and their record, also of what was erased before there were any', async () => {
    const certificate = { class: 'visitor', why: 'expired', begunAt: AT - 2_000, lastAt: AT - 1_000, deletedAt: AT, records: 1_234 } as const;
    const { root, text } = await shown({ disposed: [one('conversation-a', certificate), one('conversation-b', null)] });
    expect([...root.querySelectorAll('tbody tr')].map((row) => row.querySelectorAll('td').length)).toEqual([6, 3]);
    for (const words of ['Visitor', 'Its schedule', '1,234', 'conversation-a:9', 'From before there were certificates.', 'These are all of them.']) expect(text()).toContain(words);
  });

  it('asks for more once, and says why there are none', async () => {
    const { element, root, text } = await shown({ disposed: [one('conversation-a', null)], before: AT });
    const asked: MoreDisposedEvent[] = [];
    const answer = Promise.withResolvers<void>();
    element.addEventListener('gorun-more-disposed', (event) => {
      asked.push(event);
      event.outcome = answer.promise;
    });
    const button = root.querySelector<HTMLButtonElement>('.more button')!;
    button.click();
    button.click();
    expect(asked).toHaveLength(1);
    answer.reject(new Failure('record-unavailable'));
    await expect.poll(() => root.querySelector('[role=alert]')?.textContent.trim()).toBeTruthy();
    expect(text()).toContain('Load more');
  });
});
