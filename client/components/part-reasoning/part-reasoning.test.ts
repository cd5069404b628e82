import { afterEach, describe, expect, it } from 'vitest';
import type { GorunPartReasoning } from './part-reasoning.ts';
import './part-reasoning.ts';
import '../part-text/part-text.ts';

afterEach(() => document.body.replaceChildren());

async function shown(properties: Partial<GorunPartReasoning>) {
  const element = document.createElement('gorun-part-reasoning');
  Object.assign(element, properties);
  document.body.append(element);
  await element.updateComplete;
  const root = element.shadowRoot!;
  return { element, root, title: () => root.querySelector('.disclosure')!.textContent!.trim(), thoughts: () => root.querySelector('gorun-part-text') };
}

describe('<gorun-part-reasoning>', () => {
  it('is folded under how long it took, and unfolds', async () => {
    const { element, root, title, thoughts } = await shown({ text: 'Comparing the terms.', tookMs: 6_000 });
    expect([title(), thoughts()]).toEqual(['Thought for 6 s', null]);
    root.querySelector('button')!.click();
    await element.updateComplete;
    await thoughts()!.updateComplete;
    expect([root.querySelector('button')!.getAttribute('aria-expanded'), thoughts()!.shadowRoot!.textContent!.trim()]).toEqual(['true', 'Comparing the terms.']);
  });

  it('names the thought it is at while it is live', async () => {
    const { element, title } = await shown({ live: true, text: '' });
    expect(title()).toBe('Thinking');
    element.text = '**Reading the terms**\n\nThey say 24.\n\n**Checking the table**\n\nIt';
    await element.updateComplete;
    expect(title()).toBe('Checking the table');
  });

  it('stays as the person has put it when the thinking ends', async () => {
    const { element, root, thoughts } = await shown({ live: true, open: true, text: 'One thought' });
    expect(thoughts()).not.toBeNull();
    root.querySelector('button')!.click();
    element.live = false;
    element.tookMs = 65_000;
    await element.updateComplete;
    expect([thoughts(), root.querySelector('.disclosure')!.textContent!.trim()]).toEqual([null, 'Thought for 1 min 5 s']);
  });

  it('has nothing to unfold when the provider keeps the thoughts', async () => {
    const { root, title } = await shown({ tookMs: 3_000 });
    expect([title(), root.querySelector('button')]).toEqual(['Thought for 3 s', null]);
  });
});
