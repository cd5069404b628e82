import { afterEach, describe, expect, it, vi } from 'vitest';
import { userEvent } from 'vitest/browser';
import type { Parameters } from '../../../contracts/models.ts';
import { MODELS } from '../thread/sample-view.ts';
import type { ChangeParametersEvent } from './parameters.ts';
import './parameters.ts';

afterEach(() => {
  vi.useRealTimers();
  document.body.replaceChildren();
});

async function shown(model: number, values: Parameters = {}) {
  const element = document.createElement('gorun-parameters');
  Object.assign(element, { model: MODELS[model], values });
  document.body.append(element);
  await element.updateComplete;
  const changes: Parameters[] = [];
  element.addEventListener('gorun-change-parameters', (event: ChangeParametersEvent) => changes.push(event.values));
  return { element, root: element.shadowRoot!, changes };
}

describe('<gorun-parameters>', () => {
  it('shows only the fields that the model has', async () => {
    const labels = async (model: number) => [...(await shown(model)).root.querySelectorAll('label, #effort')].map((label) => label.textContent);
    expect(await labels(0)).toEqual(['Instructions', 'Reasoning', 'Temperature']);
    expect(await labels(2)).toEqual(['Top P', 'Longest reply']);
    expect(await labels(1)).toEqual([]);
  });

  it('changes one field and leaves the others as they are', async () => {
    const { root, changes } = await shown(0, { temperature: 0.7, effort: 'medium' });
    const slider = root.querySelector<HTMLInputElement>('#temperature')!;
    slider.value = '1.2';
    slider.dispatchEvent(new Event('change'));
    expect(changes).toEqual([{ temperature: 1.2, effort: 'medium' }]);
  });

  it('leaves a field to the model again, and all of them', async () => {
    const { element, root, changes } = await shown(0, { temperature: 0.7, instructions: 'Briefly.' });
    root.querySelector<HTMLElement>('.default')!.click();
    await element.updateComplete;
    root.querySelector<HTMLElement>('footer button')!.click();
    expect(changes).toEqual([{ instructions: 'Briefly.' }, {}]);
  });

  it('sends instructions when the hand rests, and keeps what another tab sets from the text being written', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }); // on a machine that is busy the hand would seem to rest
    const { element, root, changes } = await shown(0);
    const field = root.querySelector('textarea')!;
    field.focus();
    field.value = 'Briefly.';
    field.dispatchEvent(new InputEvent('input', { bubbles: true }));
    element.values = { instructions: 'from elsewhere' };
    await element.updateComplete;
    expect(root.querySelector('textarea')!.value).toBe('Briefly.');
    expect(changes).toEqual([]);
    vi.runAllTimers();
    expect(changes).toEqual([{ instructions: 'Briefly.' }]);
  });

  it('walks the reasoning efforts with the arrows', async () => {
    const { root, changes } = await shown(0, { effort: 'medium' });
    root.querySelector<HTMLElement>('[aria-checked="true"]')!.focus();
    await userEvent.keyboard('{ArrowRight}{ArrowRight}');
    expect(changes).toEqual([{ effort: 'high' }, {}]);
    expect(root.activeElement!.textContent).toBe('Default');
  });

  it('refuses instructions that are too long, in words', async () => {
    const { element, root, changes } = await shown(0, { instructions: 'x'.repeat(32_001) });
    expect(root.querySelector('.error')!.textContent).toBe('Too long by 1 character');
    root.querySelector('textarea')!.dispatchEvent(new Event('input'));
    root.querySelector('textarea')!.dispatchEvent(new Event('change'));
    await element.updateComplete;
    expect(changes).toEqual([]);
  });
});
