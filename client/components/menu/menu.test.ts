import { afterEach, describe, expect, it } from 'vitest';
import { userEvent } from 'vitest/browser';
import type { ChooseItemEvent } from './menu.ts';
import './menu.ts';

afterEach(() => document.body.replaceChildren());

function menuWithButton() {
  const button = document.body.appendChild(document.createElement('button'));
  const menu = document.body.appendChild(document.createElement('gorun-menu'));
  menu.label = 'More';
  menu.items = [
    { id: 'rename', text: 'Rename' },
    { id: 'pin', text: 'Pin', isDisabled: true },
    { id: 'delete', text: 'Delete', isDanger: true, startsGroup: true },
  ];
  button.addEventListener('click', () => menu.show(button));
  const chosen: string[] = [];
  menu.addEventListener('gorun-choose-item', (event: ChooseItemEvent) => chosen.push(event.item));
  const focused = () => menu.shadowRoot?.activeElement?.textContent?.trim();
  return { button, menu, chosen, focused };
}

describe('<gorun-menu>', () => {
  it('takes the focus when it opens and gives it back when it closes', async () => {
    const { button, menu, focused } = menuWithButton();
    button.focus();
    await userEvent.click(button);
    expect(focused()).toBe('Rename');
    expect(button.getAttribute('aria-expanded')).toBe('true');
    await userEvent.keyboard('{Escape}');
    expect(menu.isOpen).toBe(false);
    expect(document.activeElement).toBe(button);
  });

  it('is walked by arrows, Home, End and letters, and chosen from by Enter', async () => {
    const { button, chosen, focused } = menuWithButton();
    await userEvent.click(button);
    await userEvent.keyboard('{ArrowUp}');
    expect(focused()).toBe('Delete');
    await userEvent.keyboard('{ArrowDown}');
    expect(focused()).toBe('Rename');
    await userEvent.keyboard('p');
    expect(focused()).toBe('Pin');
    await userEvent.keyboard('{Enter}');
    expect(chosen).toEqual([]);
    await userEvent.keyboard('{End}{Enter}');
    expect(chosen).toEqual(['delete']);
  });

  it('closes on a press beside it, and on a second press of its button', async () => {
    const { button, menu } = menuWithButton();
    await userEvent.click(button);
    document.body.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true, composed: true }));
    expect(menu.isOpen).toBe(false);
    await userEvent.click(button);
    await userEvent.click(button);
    expect(menu.isOpen).toBe(false);
  });

  it('never reaches outside the window', async () => {
    const { button, menu } = menuWithButton();
    button.style.cssText = 'position: fixed; bottom: 0; left: 0';
    await userEvent.click(button);
    const box = menu.shadowRoot!.querySelector('.menu')!.getBoundingClientRect();
    expect(box.left).toBeGreaterThanOrEqual(0);
    expect(box.bottom).toBeLessThanOrEqual(innerHeight);
  });
});
