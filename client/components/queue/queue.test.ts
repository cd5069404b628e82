import { afterEach, describe, expect, it } from 'vitest';
import { userEvent } from 'vitest/browser';
import type { QueuedMessage } from '../../../contracts/conversation.ts';
import './queue.ts';

afterEach(() => document.body.replaceChildren());

async function shown(count: number) {
  const element = document.createElement('gorun-queue');
  element.commands = Array.from({ length: count }, (_, index) => ({ command: `c${index}`, message: `m${index}`, text: `Text ${index}`, files: [], model: 'a/b', at: 0 }) as unknown as QueuedMessage);
  document.body.append(element);
  await element.updateComplete;
  const events: Event[] = [];
  for (const type of ['edit-queued', 'remove-queued', 'move-queued']) element.addEventListener(`gorun-${type}`, (event) => events.push(event));
  const root = element.shadowRoot!;
  const button = (row: number, label: string) => root.querySelectorAll('li')[row]!.querySelector<HTMLElement>(`[aria-label="${label}"]`);
  return { element, root, events, button, rows: () => [...root.querySelectorAll('li')].map((row) => row.textContent!.replace(/\s+/g, ' ').trim()) };
}

describe('<gorun-queue>', () => {
  it('shows what is next and what comes then, five at first', async () => {
    const { element, root, rows } = await shown(8);
    expect(rows()).toEqual(['Next Text 0', 'Then Text 1', 'Then Text 2', 'Then Text 3', 'Then Text 4', 'and 3 more']);
    root.querySelector<HTMLElement>('.more')!.click();
    await element.updateComplete;
    expect(rows()).toHaveLength(8);
  });

  it('is nothing when nothing waits', async () => {
    expect((await shown(0)).root.querySelector('ol')).toBeNull();
  });

  it('is edited in its place: Enter saves, Esc leaves it', async () => {
    const { root, events, button } = await shown(2);
    button(1, 'Edit')!.click();
    expect(root.activeElement?.localName).toBe('textarea');
    await userEvent.keyboard('{Escape}');
    expect(events).toEqual([]);
    button(1, 'Edit')!.click();
    await userEvent.keyboard(', changed{Enter}');
    expect(events).toMatchObject([{ type: 'gorun-edit-queued', queued: 'c1', text: 'Text 1, changed' }]);
    expect(root.querySelector('textarea')).toBeNull();
  });

  it('hands over what was written for a message that was taken meanwhile', async () => {
    const { element, root, events, button } = await shown(2);
    button(0, 'Edit')!.click();
    await userEvent.keyboard(', and this');
    element.commands = element.commands.slice(1);
    await element.updateComplete;
    expect(events).toMatchObject([{ type: 'gorun-edit-queued', queued: 'c0', text: 'Text 0, and this' }]);
    expect(root.querySelector('textarea')).toBeNull();
  });

  it('moves up and down, with buttons and keys', async () => {
    const { events, button } = await shown(3);
    expect([button(0, 'Move up'), button(2, 'Move down')]).toEqual([null, null]);
    button(2, 'Move up')!.click();
    button(1, 'Edit')!.focus();
    await userEvent.keyboard('{Alt>}{ArrowDown}{/Alt}');
    button(0, 'Edit')!.focus();
    await userEvent.keyboard('{Alt>}{ArrowDown}{/Alt}');
    expect(events).toMatchObject([
      { queued: 'c2', before: 'c1' },
      { queued: 'c1', before: null },
      { queued: 'c0', before: 'c2' },
    ]);
  });

  it('puts the focus on the next row when one is removed', async () => {
    const { root, events, button } = await shown(2);
    button(0, 'Remove')!.click();
    expect(events).toMatchObject([{ type: 'gorun-remove-queued', queued: 'c0' }]);
    expect(root.activeElement).toBe(button(1, 'Remove'));
  });
});
