import { afterEach, expect, it } from 'vitest';
import '../../styles/tokens.css';
import { keyMap } from './keys.ts';
import './shortcuts.ts';

afterEach(() => document.body.replaceChildren());

it('<gorun-shortcuts> names each key where it works: a message is tried again while it is read, a running reply can only be stopped', () => {
  const groupOf = (what: string) => keyMap().find(({ lines }) => lines.some((line) => line.what === what))?.title;
  expect([groupOf('Try again'), groupOf('Copy message'), groupOf('Stop')]).toEqual(['Reading', 'Reading', 'A running reply']);
});

it('keeps words that need two lines off the line under them', async () => {
  const element = document.body.appendChild(document.createElement('gorun-shortcuts'));
  await element.updateComplete;
  element.show();
  await element.updateComplete;
  const rows = [...element.shadowRoot!.querySelectorAll('dl > div')];
  const name = rows[0]!.querySelector('dt')!;
  name.textContent = 'words '.repeat(20);
  expect(rows[0]!.getBoundingClientRect().bottom - name.getBoundingClientRect().bottom).toBeGreaterThan(4);
  expect(rows.length).toBeGreaterThan(15);
});
