import { afterEach, describe, expect, it } from 'vitest';
import { userEvent } from 'vitest/browser';
import type { GorunDialog } from './dialog.ts';
import './dialog.ts';

afterEach(() => document.body.replaceChildren());

function dialogWith(markup: (dialog: GorunDialog) => void) {
  const opener = document.body.appendChild(document.createElement('button'));
  opener.textContent = 'Open';
  const dialog = document.body.appendChild(document.createElement('gorun-dialog'));
  dialog.heading = 'Stop sharing?';
  markup(dialog);
  opener.focus();
  dialog.show();
  return { opener, dialog };
}

describe('<gorun-dialog>', () => {
  it('puts the focus into its first field, and back to what opened it', async () => {
    const { opener, dialog } = dialogWith((element) => element.append(document.createElement('input')));
    expect(document.activeElement?.localName).toBe('input');
    await userEvent.keyboard('{Escape}');
    expect(dialog.isOpen).toBe(false);
    expect(document.activeElement).toBe(opener);
  });

  it('puts the focus on its title where there is only something to read', () => {
    const { dialog } = dialogWith((element) => element.append('4 people lose access.'));
    expect(dialog.shadowRoot?.activeElement?.textContent).toBe('Stop sharing?');
  });

  it('gives the focus to what stands in for an opener that is gone', async () => {
    const { opener, dialog } = dialogWith((element) => element.append(document.createElement('input')));
    const next = document.body.appendChild(document.createElement('button'));
    dialog.fallback = () => next;
    opener.remove();
    const closed = new Promise((resolve) => dialog.addEventListener('gorun-close-dialog', resolve));
    dialog.close();
    await closed;
    expect(document.activeElement).toBe(next);
  });

  it('stays when it is required, whatever is tried, until it is closed by what it asks for', async () => {
    const { dialog } = dialogWith((element) => {
      element.required = true;
      element.append(document.createElement('input'));
    });
    const inner = dialog.shadowRoot!.querySelector('dialog')!;
    await userEvent.keyboard('{Escape}{Escape}');
    inner.dispatchEvent(new MouseEvent('click', { clientX: 1, clientY: 1 }));
    expect(inner.dispatchEvent(new Event('cancel', { cancelable: true }))).toBe(false);
    expect([dialog.isOpen, dialog.shadowRoot!.querySelector('button')]).toEqual([true, null]);
    dialog.close();
    expect(dialog.isOpen).toBe(false);
  });

  it('is named by its title and says that it was closed', async () => {
    const { dialog } = dialogWith((element) => element.append('Text'));
    const inner = dialog.shadowRoot!.querySelector('dialog')!;
    expect(dialog.shadowRoot!.getElementById(inner.getAttribute('aria-labelledby')!)?.textContent).toBe('Stop sharing?');
    const closed = new Promise((resolve) => dialog.addEventListener('gorun-close-dialog', resolve));
    dialog.shadowRoot!.querySelector<HTMLElement>('.icon-button')!.click();
    await closed;
    expect(dialog.isOpen).toBe(false);
  });
});
