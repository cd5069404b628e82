import { afterEach, describe, expect, it } from 'vitest';
import { userEvent } from 'vitest/browser';
import type { MessageId } from '../../../contracts/ids.ts';
import type { GorunNotice } from '../notice/notice.ts';
import { growing, replied, said } from '../thread/sample-view.ts';
import type { GorunMessage, PendingMessage } from './message.ts';
import './message.ts';

afterEach(() => document.body.replaceChildren());

const who = { model: 'Claude Sonnet 4.5', provider: 'Anthropic' };

async function shown(properties: Partial<GorunMessage>) {
  const element = document.createElement('gorun-message');
  Object.assign(element, { who, tabIndex: -1 }, properties);
  document.body.append(element);
  await element.updateComplete;
  const root = element.shadowRoot!;
  const events: Event[] = [];
  for (const type of ['edit-message', 'retry-turn', 'continue-turn', 'choose-branch', 'resend-message', 'remove-pending', 'failure-action']) {
    element.addEventListener(`gorun-${type}`, (event) => events.push(event));
  }
  const notice = async () => {
    const found = root.querySelector<GorunNotice>('gorun-notice');
    await found?.updateComplete;
    const inside = found?.shadowRoot;
    return {
      words: [...(inside?.querySelectorAll('.say > strong, .say > span') ?? [])].map((line) => line.textContent),
      labels: [...(inside?.querySelectorAll('button') ?? [])].map((button) => button.textContent!.trim()),
      press: (label: string) => [...inside!.querySelectorAll('button')].find((button) => button.textContent!.trim() === label)!.click(),
    };
  };
  const press = (label: string) => root.querySelector<HTMLElement>(`[aria-label="${label}"]`)!.click();
  return { element, root, events, notice, press };
}

const ids = (...names: string[]) => names as MessageId[];

describe('<gorun-message>', () => {
  it('begins with a heading that says who spoke', async () => {
    const own = await shown({ message: said('a', null, 'Hello') });
    const reply = await shown({ message: replied('b', 'a', 'Good day') });
    expect([own, reply].map(({ root }) => root.querySelector('h2')!.textContent)).toEqual(['You said', 'Claude Sonnet 4.5 said']);
    expect(reply.root.querySelector('.meta')!.textContent).toMatch(/^Claude Sonnet 4.5 · .+ · 8 s$/);
  });

  it('shows own text as it was typed, never as markup', async () => {
    const { root } = await shown({ message: said('a', null, '**not bold** <b>no</b>\n  second line\n\nnew paragraph') });
    expect([...root.querySelectorAll('.bubble-own p')].map((line) => line.textContent)).toEqual(['**not bold** <b>no</b>\n  second line', 'new paragraph']);
    expect(root.querySelectorAll('.bubble-own b, .bubble-own strong')).toHaveLength(0);
  });

  it('folds what is very long until it is asked for', async () => {
    const { element, root } = await shown({ message: said('a', null, 'line\n'.repeat(300)) });
    const folded = element.offsetHeight;
    root.querySelector<HTMLElement>('.bubble-own .copy')!.click();
    await element.updateComplete;
    expect(element.offsetHeight).toBeGreaterThan(folded * 3);
  });

  it('walks its versions and stops at either end', async () => {
    const { events, press, root } = await shown({ message: replied('b', 'a', 'x'), versions: ids('a1', 'b', 'c') });
    expect(root.querySelector('.branch')!.textContent).toContain('Version 2 of 3');
    press('Previous version');
    press('Next version');
    expect(events.map((event) => [event.type, (event as Event & { message: string }).message])).toEqual([['gorun-choose-branch', 'a1'], ['gorun-choose-branch', 'c']]);
    const last = await shown({ message: replied('c', 'a', 'x'), versions: ids('a1', 'b', 'c') });
    last.press('Next version');
    expect(last.events).toEqual([]);
    expect(last.root.querySelector('[aria-label="Next version"]')!.getAttribute('aria-disabled')).toBe('true');
  });

  it('is edited in its place: saving asks for a new version, Esc leaves it as it was', async () => {
    const { element, root, events, press } = await shown({ message: said('a', null, 'First try') });
    press('Edit');
    await element.updateComplete;
    const field = root.querySelector('textarea')!;
    expect([root.activeElement, field.value, field.selectionStart]).toEqual([field, 'First try', 9]);
    await userEvent.keyboard('{Escape}');
    await element.updateComplete;
    expect(root.querySelector('textarea')).toBeNull();
    element.edit();
    await userEvent.keyboard(', better{Control>}{Enter}{/Control}');
    expect(events).toMatchObject([{ type: 'gorun-edit-message', message: 'a', text: 'First try, better' }]);
    expect(root.querySelector('textarea')).toBeNull();
  });

  it('says what happened to an interrupted reply and offers both ways on', async () => {
    const { notice, events, root } = await shown({ message: replied('b', 'a', 'Half', { kind: 'interrupted', code: 'provider-broke-off' }) });
    const { words, labels, press } = await notice();
    expect(words).toEqual(['The reply was interrupted', 'The connection to the model broke off. Everything above is saved.']);
    expect(labels).toEqual(['Try again', 'Continue']);
    press('Try again');
    press('Continue');
    expect(events.map(({ type }) => type)).toEqual(['gorun-retry-turn', 'gorun-continue-turn']);
    expect(root.querySelector('.meta')!.textContent).toContain('interrupted');
  });

  it('says that a reply was stopped and offers to go on', async () => {
    const { notice } = await shown({ message: replied('b', 'a', 'Half', { kind: 'stopped' }) });
    expect(await notice()).toMatchObject({ words: ['You stopped this reply.'], labels: ['Continue'] });
  });

  it('names the provider that failed, and leads to the settings', async () => {
    const { notice, events } = await shown({ message: replied('b', 'a', '', { kind: 'failed', code: 'provider-key-refused', detail: 'invalid x-api-key' }) });
    const { words, labels, press } = await notice();
    expect(words).toEqual(['The key for Anthropic was refused', 'Your message is saved. Anthropic said: invalid x-api-key']);
    expect(labels).toEqual(['Try again', 'Settings']);
    press('Settings');
    expect(events).toMatchObject([{ type: 'gorun-failure-action', action: 'settings', message: 'b' }]);
  });

  it('counts the seconds until a busy provider is asked again', async () => {
    const turn = { ...growing('b', 'a', '', 'waiting'), waiting: { code: 'provider-busy' as const, until: Date.now() + 12_000 } };
    const { notice } = await shown({ message: turn.reply, turn });
    expect(await notice()).toMatchObject({ words: ['Anthropic is busy', expect.stringMatching(/^Trying again in 1[0-2] s\.$/u)], labels: ['Try another model'] });
    const left = async (): Promise<number> => Number(/\d+/u.exec((await notice()).words[1] ?? '')?.[0]);
    const first = await left();
    await expect.poll(left).toBeLessThan(first);
  });

  it('keeps the text of a growing reply in the same element when it ends', async () => {
    const turn = growing('b', 'a', 'Some');
    const { element, root } = await shown({ message: turn.reply, turn });
    const part = root.querySelector('gorun-part-text');
    expect(root.querySelector('.foot')).toBeNull();
    Object.assign(element, { message: replied('b', 'a', 'Some text'), turn: undefined });
    await element.updateComplete;
    expect(root.querySelector('gorun-part-text')).toBe(part);
    expect(root.querySelector('.foot')).not.toBeNull();
  });

  it('offers nothing that a running turn would get in the way of', async () => {
    const { root } = await shown({ message: replied('b', 'a', 'x'), busy: true });
    expect(root.querySelector('[aria-label="Try again"]')).toBeNull();
    const locked = await shown({ message: said('a', null, 'x'), locked: true });
    expect(locked.root.querySelector('[aria-label="Edit"]')).toBeNull();
  });

  const pending = (state: PendingMessage['state'], refusal?: PendingMessage['refusal']): PendingMessage => ({ id: 'p', text: 'And in bags?', files: [], state, refusal });

  it('says how a message stands that is not on record', async () => {
    const foot = async (one: PendingMessage) => (await shown({ pending: one })).root.querySelector('.foot')?.textContent?.trim();
    expect(await foot(pending('pending'))).toBeUndefined();
    expect(await foot(pending('sending'))).toBe('Sending');
    expect(await foot(pending('offline'))).toMatch(/^Goes out when you are back\s*Remove$/);
    expect(await foot(pending('pending', { code: 'outcome-unknown' }))).toBe('Finding out whether it was saved. You need not send it again.');
  });

  it('keeps a refused message with the reason, to be edited or sent again', async () => {
    const { element, notice, events, root } = await shown({ pending: pending('refused', { code: 'record-unavailable' }) });
    const { words, labels, press } = await notice();
    expect(words).toEqual(['The record could not be written, so nothing was done', 'No model has seen your message. It is kept here and will not be sent by itself.']);
    expect(labels).toEqual(['Edit', 'Send again']);
    expect(root.querySelector('.foot')!.textContent).toContain('Not sent');
    press('Send again');
    expect(events).toMatchObject([{ type: 'gorun-resend-message', pending: 'p', text: 'And in bags?', isAnyway: false }]);
    press('Edit');
    await element.updateComplete;
    await userEvent.keyboard(' Please.{Control>}{Enter}{/Control}');
    expect(events.at(-1)).toMatchObject({ type: 'gorun-resend-message', text: 'And in bags? Please.' });
  });

  it('sends into a conversation that has moved on only when told so', async () => {
    const { notice, events } = await shown({ pending: pending('refused', { code: 'moved-on' }) });
    const { words, press } = await notice();
    expect(words).toEqual(['The conversation has moved on', 'Someone answered in another tab first. Your text is kept.']);
    press('Send anyway');
    expect(events).toMatchObject([{ type: 'gorun-resend-message', isAnyway: true }]);
  });
});
