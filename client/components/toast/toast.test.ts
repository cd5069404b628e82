import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import './toast.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => {
  document.body.replaceChildren();
  vi.useRealTimers();
});

async function toasts() {
  const element = document.body.appendChild(document.createElement('gorun-toasts'));
  await element.updateComplete;
  const texts = () => [...element.shadowRoot!.querySelectorAll('.toast > span:first-child')].map((span) => span.textContent);
  return { element, texts };
}

describe('<gorun-toasts>', () => {
  it('stands for eight seconds, even when asked for less', async () => {
    const { element, texts } = await toasts();
    element.show({ text: 'Archived', durationMs: 10 });
    await element.updateComplete;
    expect(texts()).toEqual(['Archived']);
    vi.advanceTimersByTime(7_900);
    await element.updateComplete;
    expect(texts()).toEqual(['Archived']);
    vi.advanceTimersByTime(200);
    await element.updateComplete;
    expect(texts()).toEqual([]);
  });

  it('F8 reaches its action, it stays while it has the focus, and the focus goes back afterwards', async () => {
    const button = document.body.appendChild(document.createElement('button'));
    const { element, texts } = await toasts();
    let undone = 0;
    element.show({ text: 'Archived', actionLabel: 'Undo', action: () => undone++ });
    await element.updateComplete;
    button.focus();
    dispatchEvent(new KeyboardEvent('keydown', { key: 'F8', cancelable: true }));
    expect(element.shadowRoot?.activeElement?.textContent).toBe('Undo');
    vi.advanceTimersByTime(60_000);
    await element.updateComplete;
    expect(texts()).toEqual(['Archived']);
    (element.shadowRoot!.activeElement as HTMLElement).click();
    await element.updateComplete;
    expect([undone, texts().length, document.activeElement]).toEqual([1, 0, button]);
  });

  it('says in a live region what can be done', async () => {
    const { element } = await toasts();
    const region = element.shadowRoot!.querySelector('[role="status"]')!;
    element.show({ text: 'Archived', actionLabel: 'Undo', action: () => undefined });
    await element.updateComplete;
    expect(region.textContent).toContain('Undo available');
  });

  it('shows three at most', async () => {
    const { element, texts } = await toasts();
    for (const text of ['One', 'Two', 'Three', 'Four']) element.show({ text });
    await element.updateComplete;
    expect(texts()).toEqual(['Two', 'Three', 'Four']);
  });
});
