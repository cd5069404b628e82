import axe from 'axe-core';
import { afterEach, describe, expect, it } from 'vitest';
import { page } from 'vitest/browser';
import type { QueuedMessage } from '../../../contracts/conversation.ts';
import type { TurnId } from '../../../contracts/ids.ts';
import '../../styles/tokens.css';
import { LONG } from '../../text/sample.ts';
import '../composer/composer.ts';
import '../dialog/dialog.ts';
import '../menu/menu.ts';
import '../model-picker/model-picker.ts';
import '../parameters/parameters.ts';
import '../queue/queue.ts';
import '../toast/toast.ts';
import { growing, MODEL, MODELS, replied, said, viewOf } from './sample-view.ts';
import './thread.ts';

afterEach(() => {
  document.body.replaceChildren();
  document.documentElement.removeAttribute('data-gorun-theme');
});

/** What axe finds wrong on the page as it is now: rule, and where. */
async function findings(): Promise<string[]> {
  const { violations } = await axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], rules: { 'region': { enabled: false }, 'page-has-heading-one': { enabled: false }, 'landmark-one-main': { enabled: false } } });
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.flat().join(' ')).join('; ')}`);
}

function put<K extends keyof HTMLElementTagNameMap>(tag: K, properties: Partial<HTMLElementTagNameMap[K]>): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  Object.assign(element, properties);
  return document.body.appendChild(element);
}

const messages = [
  said('a', null, 'Here are our stock levels.'),
  said('a2', null, 'Here they are again.'),
  { ...replied('b', 'a2', [{ type: 'reasoning', text: 'Comparing.' }, { type: 'text', text: LONG }]), reasonedMs: 6_000 },
  said('c', 'b', 'Go on'),
  replied('d', 'c', 'Half', { kind: 'interrupted', code: 'provider-broke-off' }),
  replied('d2', 'c', 'Half', { kind: 'failed', code: 'provider-key-refused' }),
];
const queued = ['One', 'Two'].map((text, index) => ({ command: `q${index}`, message: `w${index}`, text, files: [], model: MODEL, at: 0 }) as unknown as QueuedMessage);

describe.each(['light', 'dark'])('in the %s theme', (theme) => {
  it.each([390, 1200])('nothing keeps people out at a width of %i pixels', async (width) => {
    await page.viewport(width, 900);
    document.documentElement.dataset['gorunTheme'] = theme;
    document.body.style.setProperty('background', 'var(--gorun-canvas)');
    put('gorun-thread', {
      models: MODELS,
      view: viewOf(messages),
      pending: [{ id: 'p', text: 'Refused', files: [], state: 'refused', refusal: { code: 'record-unavailable' } }, { id: 'o', text: 'Offline', files: [], state: 'offline' }],
    });
    put('gorun-queue', { commands: queued });
    put('gorun-composer', { model: 'Claude', text: 'x', files: [{ id: 'f', name: 'a.png', mediaType: 'image/png', size: 10, progress: 0.4 }, { id: 'g', name: 'b.mov', mediaType: 'video/x', size: 10, refusal: 'This kind of file cannot be read' }] });
    put('gorun-parameters', { model: MODELS[0], values: { temperature: 1, effort: 'low' } });
    const picker = put('gorun-model-picker', { models: MODELS, value: MODEL });
    const toasts = put('gorun-toasts', {});
    await toasts.updateComplete;
    toasts.show({ text: 'Archived', actionLabel: 'Undo', action: () => undefined });
    await expect.poll(() => document.querySelector('gorun-thread')!.shadowRoot!.querySelectorAll('gorun-message').length).toBeGreaterThan(4);
    expect(await findings()).toEqual([]);
    picker.show();
    expect(await findings()).toEqual([]);
  });

  it('nor in a growing reply, an edit, a menu and a dialog', async () => {
    document.documentElement.dataset['gorunTheme'] = theme;
    document.body.style.setProperty('background', 'var(--gorun-canvas)');
    const turn = growing('b', 'a', 'It grows');
    const thread = put('gorun-thread', { models: MODELS, view: viewOf([said('a', null, 'Ask')], turn) });
    put('gorun-composer', { running: 'turn' as TurnId });
    await thread.updateComplete;
    thread.editLast();
    expect(await findings()).toEqual([]);
    const button = put('button', { textContent: 'More' });
    const menu = put('gorun-menu', { label: 'More', items: [{ id: 'a', text: 'Rename', icon: 'edit' }, { id: 'b', text: 'Delete', isDanger: true, startsGroup: true }, { id: 'c', text: 'Pinned', isChecked: true }] });
    menu.show(button);
    expect(await findings()).toEqual([]);
    menu.hide();
    const dialog = put('gorun-dialog', { heading: 'Stop sharing?', textContent: '4 people lose access.' });
    dialog.show();
    expect(await findings()).toEqual([]);
  });
});
