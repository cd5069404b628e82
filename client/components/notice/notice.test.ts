import { afterEach, expect, it } from 'vitest';
import type { NoticeActionEvent } from './notice.ts';
import './notice.ts';

afterEach(() => document.body.replaceChildren());

it('<gorun-notice> says what happened and offers what can be done', async () => {
  const element = document.body.appendChild(document.createElement('gorun-notice'));
  Object.assign(element, { tone: 'danger', heading: 'Not connected', text: 'Nothing was done.', actions: [{ id: 'again', label: 'Send again', isMain: true }], announced: 'alert' });
  await element.updateComplete;
  const root = element.shadowRoot!;
  expect(root.querySelector('[role="alert"] .say')!.textContent).toBe('Not connectedNothing was done.');
  const acts: string[] = [];
  document.body.addEventListener('gorun-notice-action', (event: NoticeActionEvent) => acts.push(event.action), { once: true });
  root.querySelector('button')!.click();
  expect(acts).toEqual(['again']);
});

it.each([['', true], ['Nothing was done.', false]])('with “%s” under its title, the title stands beside the middle of the button: %s', async (text, isBeside) => {
  const element = document.body.appendChild(document.createElement('gorun-notice'));
  Object.assign(element, { heading: 'This conversation was deleted', text, actions: [{ id: 'restore', label: 'Undo', isMain: true }] });
  element.style.setProperty('inline-size', '600px');
  await element.updateComplete;
  const middleOf = (selector: string) => {
    const { top, bottom } = element.shadowRoot!.querySelector(selector)!.getBoundingClientRect();
    return (top + bottom) / 2;
  };
  for (const selector of ['strong', '.icon']) expect(Math.abs(middleOf(selector) - middleOf('button')) < 2).toBe(isBeside);
});
