import { afterEach, describe, expect, it } from 'vitest';
import { userEvent } from 'vitest/browser';
import { MODEL, MODELS } from '../thread/sample-view.ts';
import type { ChooseModelEvent } from './model-picker.ts';
import './model-picker.ts';

afterEach(() => document.body.replaceChildren());

async function shown() {
  const element = document.createElement('gorun-model-picker');
  Object.assign(element, { models: MODELS, value: MODEL });
  document.body.append(element);
  await element.updateComplete;
  const chosen: string[] = [];
  element.addEventListener('gorun-choose-model', (event: ChooseModelEvent) => chosen.push(event.model));
  const root = element.shadowRoot!;
  const button = root.querySelector<HTMLElement>('.button')!;
  const options = () => [...root.querySelectorAll('[role="option"]')].map((option) => option.querySelector('.grow > span')!.textContent);
  const at = () => root.getElementById(root.querySelector('input')!.getAttribute('aria-activedescendant') ?? '')?.querySelector('.grow > span')?.textContent;
  return { element, root, button, chosen, options, at };
}

describe('<gorun-model-picker>', () => {
  it('opens at the current model with the focus in the field, and gives it back on Esc', async () => {
    const { root, button, at } = await shown();
    await userEvent.click(button);
    expect([root.activeElement?.localName, at()]).toEqual(['input', 'Claude Sonnet 4.5']);
    expect(root.querySelector('[aria-selected="true"]')!.textContent).toContain('Claude Sonnet 4.5');
    await userEvent.keyboard('{Escape}');
    expect([root.querySelector('input'), root.activeElement]).toEqual([null, button]);
  });

  it('is walked with the arrows, round both ends, and chosen from with Enter', async () => {
    const { element, at, chosen } = await shown();
    element.show();
    await userEvent.keyboard('{ArrowUp}');
    expect(at()).toBe('Demo');
    await userEvent.keyboard('{ArrowDown}{ArrowDown}');
    expect(at()).toBe('Claude Haiku 4.5');
    await userEvent.keyboard('{Enter}');
    expect(chosen).toEqual(['anthropic/haiku']);
  });

  it('finds by words of the name and the provider, and says when there is none', async () => {
    const { element, root, options } = await shown();
    element.show();
    await userEvent.keyboard('anth hai');
    expect(options()).toEqual(['Claude Haiku 4.5']);
    await userEvent.keyboard('zzz');
    expect([options(), root.querySelector('.none')!.textContent]).toEqual([[], 'Nothing found for "anth haizzz".']);
    await userEvent.keyboard('{Enter}');
  });

  it('groups by provider, and marks what needs a key and what is a demo', async () => {
    const { element, root } = await shown();
    element.show();
    const groups = [...root.querySelectorAll('[role="group"]')].map((group) => root.getElementById(group.getAttribute('aria-labelledby')!)!.textContent);
    expect(groups).toEqual(['Anthropic', 'OpenAI', 'Demo']);
    expect(root.querySelectorAll('.badge')).toHaveLength(1);
    expect(root.querySelector('[role="listbox"]')!.textContent).toContain('This is a scripted demo. Add a key in Models to talk to a real one.');
  });

  it('closes on a press beside it', async () => {
    const { element, root } = await shown();
    element.show();
    document.body.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true, composed: true }));
    await element.updateComplete;
    expect(root.querySelector('input')).toBeNull();
  });
});
