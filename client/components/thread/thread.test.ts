import { afterEach, describe, expect, it } from 'vitest';
import { userEvent } from 'vitest/browser';
import type { Message, QueuedMessage } from '../../../contracts/conversation.ts';
import type { MessageId } from '../../../contracts/ids.ts';
import type { OpenTurn } from '../../../contracts/view.ts';
import '../../styles/tokens.css';
import { growing, MODEL, MODELS, replied, said, viewOf } from './sample-view.ts';
import type { GorunThread } from './thread.ts';
import './thread.ts';
import '../part-text/part-text.ts';

afterEach(() => document.body.replaceChildren());

const LINES = (count: number) => Array.from({ length: count }, (_, index) => `Line ${index}.`).join('\n\n');
const frame = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));

async function shown(messages: readonly Message[], turn: OpenTurn | null = null, id = 'conversation') {
  const box = document.body.appendChild(document.createElement('div'));
  box.style.cssText = 'block-size: 500px; inline-size: 400px';
  const element = document.createElement('gorun-thread');
  Object.assign(element, { models: MODELS, view: viewOf(messages, turn, id) });
  box.append(element);
  await settled(element);
  const root = element.shadowRoot!;
  const scroller = root.querySelector<HTMLElement>('.scroller')!;
  const show = async (change: Partial<GorunThread>) => {
    Object.assign(element, change);
    await settled(element);
  };
  const topOf = (message: string) => {
    const found = [...root.querySelectorAll('gorun-message')].find((one) => (one.message?.id ?? one.pending?.id) === message)!;
    return Math.round(found.getBoundingClientRect().top - scroller.getBoundingClientRect().top);
  };
  const toEnd = () => Math.round(root.querySelector('.end')!.getBoundingClientRect().bottom - scroller.getBoundingClientRect().bottom);
  return { element, root, scroller, show, topOf, toEnd, polite: () => root.querySelector('[role="status"].sr')!.textContent, assertive: () => root.querySelector('[role="alert"]')!.textContent };
}

/** Drawn, measured, and what follows from the measures done. */
async function settled(element: GorunThread): Promise<void> {
  await element.updateComplete;
  await frame();
  await frame();
  await element.updateComplete;
}

const history = [said('a', null, 'First'), replied('b', 'a', LINES(40))];
const asked = [...history, said('c', 'b', 'Next')];
const queue = ['e', 'g'].map((message) => ({ command: `q${message}`, message, text: 'Queued', files: [], model: MODEL, at: 0 }) as unknown as QueuedMessage);

/** With these messages waiting. */
function viewWith(waiting: readonly QueuedMessage[], messages: readonly Message[], turn: OpenTurn): Partial<GorunThread> {
  const view = viewOf(messages, turn);
  return { view: { ...view, conversation: { ...view.conversation, queue: [...waiting] } } };
}

const pending = { id: 'c', text: 'Next', files: [], state: 'pending' as const };

describe('<gorun-thread>', () => {
  it('is a log that is not spoken as it changes, and can be scrolled with the keyboard', async () => {
    const { scroller } = await shown(history);
    expect([scroller.getAttribute('role'), scroller.getAttribute('aria-live'), scroller.tabIndex]).toEqual(['log', 'off', 0]);
  });

  it('opens a conversation at its end', async () => {
    const { toEnd } = await shown(history);
    expect(toEnd()).toBeLessThanOrEqual(0);
  });

  it('stays at the end when something in it gets its height late, until a press there unfolds something', async () => {
    const { element, root, scroller, toEnd } = await shown(history);
    const late = root.querySelector('gorun-message')!.shadowRoot!.querySelector<HTMLElement>('.own')!;
    late.style.setProperty('min-block-size', '400px');
    await settled(element);
    expect(toEnd()).toBeLessThanOrEqual(0);
    scroller.dispatchEvent(new PointerEvent('pointerdown'));
    const stood = scroller.scrollTop;
    root.querySelectorAll('gorun-message')[1]!.style.setProperty('padding-block-end', '300px');
    await settled(element);
    expect(scroller.scrollTop).toBe(stood);
  });

  it('draws the chosen branch only, and a pending message once when it is on record', async () => {
    const { root, show } = await shown([said('a', null, 'One'), { ...said('a2', null, 'Two') }]);
    const texts = () => [...root.querySelectorAll('gorun-message')].map(({ plainText }) => plainText);
    expect(texts()).toEqual(['Two']);
    await show({ pending: [{ ...pending, id: 'a2' }, pending] });
    expect(texts()).toEqual(['Two', 'Next']);
  });

  it('keeps the element of a sent message when it is on record', async () => {
    const { root, show } = await shown(history);
    await show({ pending: [pending] });
    const sent = [...root.querySelectorAll('gorun-message')].at(-1)!;
    await show({ pending: [], view: viewOf([...history, said('c', 'b', 'Next')], growing('d', 'c', '', 'asking')) });
    expect([...root.querySelectorAll('gorun-message')].at(-2)).toBe(sent);
  });

  it('puts a message that is sent under the top, and lets the reply grow without moving it', async () => {
    const { show, topOf, toEnd } = await shown(history);
    await show({ pending: [pending] });
    expect(topOf('c')).toBe(16);
    const messages = [...history, said('c', 'b', 'Next')];
    for (const lines of [1, 3, 5]) {
      await show({ pending: [], view: viewOf(messages, growing('d', 'c', LINES(lines))) });
      expect(topOf('c')).toBe(16);
    }
    expect(toEnd()).toBeLessThan(0);
  });

  it('follows the reply from when it reaches the bottom, and not before', async () => {
    const { element, show, toEnd } = await shown(history);
    await show({ pending: [pending] });
    const messages = [...history, said('c', 'b', 'Next')];
    await show({ pending: [], view: viewOf(messages, growing('d', 'c', LINES(3))) });
    expect(element.isFollowing).toBe(false);
    for (const lines of [12, 16, 24, 40]) await show({ view: viewOf(messages, growing('d', 'c', LINES(lines))) });
    expect([element.isFollowing, toEnd() <= 0]).toEqual([true, true]);
  });

  it('raises what was queued when its turn comes', async () => {
    const { show, topOf } = await shown(asked, growing('d', 'c', LINES(24)));
    await show(viewWith(queue, asked, growing('d', 'c', LINES(40))));
    await show(viewWith(queue.slice(1), [...asked, replied('d', 'c', LINES(40)), said('e', 'd', 'Queued')], growing('f', 'e', '', 'asking')));
    expect(topOf('e')).toBe(16);
  });

  it('leaves the notice of a reply that broke off in sight while what was queued goes on, until the person goes to the end', async () => {
    const { element, root, scroller, show, toEnd } = await shown(asked, growing('d', 'c', LINES(24)));
    await show(viewWith(queue, asked, growing('d', 'c', LINES(40))));
    const broken = [...asked, replied('d', 'c', LINES(40), { kind: 'interrupted' }), said('e', 'd', 'Queued')];
    await show(viewWith(queue.slice(1), broken, growing('f', 'e', '', 'asking')));
    const notice = [...root.querySelectorAll('gorun-message')].find(({ message }) => message?.id === 'd')!.notice!;
    const top = () => Math.round(notice.getBoundingClientRect().top - scroller.getBoundingClientRect().top);
    expect(top()).toBe(16);
    await show(viewWith(queue.slice(1), broken, growing('f', 'e', 'Short.')));
    const answered = [...broken, replied('f', 'e', 'Short.'), said('g', 'f', 'Queued')];
    await show(viewWith([], answered, growing('h', 'g', '', 'asking')));
    expect(top()).toBe(16);
    await show(viewWith([], answered, growing('h', 'g', LINES(20))));
    expect([top(), element.isFollowing, root.querySelector('.to-latest')?.textContent]).toEqual([16, false, 'New reply']);
    element.followEnd();
    await show(viewWith([], answered, growing('h', 'g', LINES(40))));
    expect([element.isFollowing, toEnd() <= 0]).toEqual([true, true]);
  });

  it('stops following at once when the person scrolls up, and offers the way back', async () => {
    const { element, root, scroller, show, toEnd } = await shown([said('c', null, 'Next')], growing('d', 'c', LINES(3)));
    const grow = (lines: number) => show({ view: viewOf([said('c', null, 'Next')], growing('d', 'c', LINES(lines))) });
    for (const lines of [10, 14, 20]) await grow(lines);
    expect(element.isFollowing).toBe(true);
    scroller.dispatchEvent(new WheelEvent('wheel', { deltaY: -100 }));
    scroller.scrollTop -= 200;
    await frame();
    const stood = scroller.scrollTop;
    for (const lines of [26, 32]) await grow(lines);
    expect([element.isFollowing, scroller.scrollTop]).toEqual([false, stood]);
    const button = root.querySelector<HTMLElement>('.to-latest')!;
    expect(button.textContent).toBe('New reply');
    button.click();
    await settled(element);
    expect([element.isFollowing, toEnd() <= 0, root.querySelector('.to-latest')]).toEqual([true, true, null]);
    await grow(50);
    expect(toEnd()).toBeLessThanOrEqual(0);
  });

  it.each([
    ['a selection', (scroller: HTMLElement) => scroller.dispatchEvent(new PointerEvent('pointermove', { buttons: 1 }))],
    ['a touch', (scroller: HTMLElement) => scroller.dispatchEvent(new Event('touchmove'))],
    ['Page Up', (scroller: HTMLElement) => scroller.dispatchEvent(new KeyboardEvent('keydown', { key: 'PageUp' }))],
  ])('stops following at %s, and follows again at End', async (_, act) => {
    const { element, scroller, show } = await shown([said('c', null, 'Next')], growing('d', 'c', LINES(3)));
    for (const lines of [10, 14, 20]) await show({ view: viewOf([said('c', null, 'Next')], growing('d', 'c', LINES(lines))) });
    expect(element.isFollowing).toBe(true);
    act(scroller);
    expect(element.isFollowing).toBe(false);
    scroller.dispatchEvent(new KeyboardEvent('keydown', { key: 'End' }));
    expect(element.isFollowing).toBe(true);
  });

  it('stays where the person reads when a reply comes that was asked for elsewhere', async () => {
    const { scroller, show } = await shown(history);
    scroller.scrollTop = 100;
    await frame();
    await show({ view: viewOf([...history, said('c', 'b', 'From another tab')], growing('d', 'c', LINES(9))) });
    expect(scroller.scrollTop).toBe(100);
  });

  it('goes back to the message that was at the top, and says what is new since', async () => {
    const { root, scroller, show, topOf } = await shown([...history, said('c', 'b', 'More'), replied('d', 'c', LINES(30))]);
    scroller.scrollTop = 0;
    scroller.scrollTop += topOf('c') - 40;
    await frame();
    await show({ view: viewOf([said('x', null, 'Elsewhere')], null, 'other') });
    const late = { ...replied('f', 'e', 'A new reply'), at: Date.now() + 1_000 };
    await show({ view: viewOf([...history, said('c', 'b', 'More'), replied('d', 'c', LINES(30)), said('e', 'd', 'And'), late]) });
    expect(Math.abs(topOf('c') - 40)).toBeLessThanOrEqual(2);
    const divider = root.querySelector('.divider')!;
    expect(divider.textContent).toMatch(/^New since \d\d:\d\d$/);
    expect((divider.nextElementSibling as Element & { message: Message }).message.id).toBe('f');
  });

  it('walks the messages with J and K and acts on the one in focus', async () => {
    const { element, root, scroller } = await shown([said('a', null, 'One'), replied('b', 'a', 'Two'), replied('b2', 'a', 'Other')]);
    const acts: unknown[] = [];
    for (const type of ['retry-turn', 'choose-branch', 'focus-composer']) element.addEventListener(`gorun-${type}`, (event) => acts.push([event.type, (event as Event & { message?: MessageId }).message]));
    const focused = () => (root.activeElement as Element & { message?: Message }).message?.id;
    scroller.focus();
    await userEvent.keyboard('j');
    expect(focused()).toBe('a');
    await userEvent.keyboard('j');
    expect(focused()).toBe('b2');
    await userEvent.keyboard('r[[/');
    expect(acts).toEqual([['gorun-retry-turn', 'b2'], ['gorun-choose-branch', 'b'], ['gorun-focus-composer', undefined]]);
    await userEvent.keyboard('k');
    expect(focused()).toBe('a');
    element.settings = { ...element.settings, singleKeys: false };
    await userEvent.keyboard('j');
    expect(focused()).toBe('a');
  });

  it('takes letters typed into a message that is edited for letters', async () => {
    const { element, root } = await shown([said('a', null, 'One')]);
    expect(element.editLast()).toBe(true);
    await userEvent.keyboard('jkr');
    expect(root.querySelector('gorun-message')!.shadowRoot!.querySelector('textarea')!.value).toBe('Onejkr');
  });

  it('says that a conversation could not be loaded, or is not there', async () => {
    const { element, root, show } = await shown([]);
    const actions: string[] = [];
    element.addEventListener('gorun-thread-action', (event) => actions.push(event.action));
    const notice = async (change: Partial<GorunThread>) => {
      await show(change);
      const inside = root.querySelector('gorun-notice')!.shadowRoot!;
      inside.querySelector('button')!.click();
      return inside.querySelector('strong')!.textContent;
    };
    expect(await notice({ view: undefined, state: 'failed' })).toBe('This conversation could not be loaded');
    expect(await notice({ view: { ...viewOf([]), isErased: true }, state: 'ready' })).toBe('There is nothing here');
    expect(actions).toEqual(['load-again', 'new-chat']);
  });

  it('draws only the message that grows', async () => {
    const { root, show } = await shown(history);
    const [first] = root.querySelectorAll('gorun-message');
    const changes: MutationRecord[] = [];
    const watcher = new MutationObserver((records) => changes.push(...records));
    watcher.observe(first!.shadowRoot!, { subtree: true, childList: true, characterData: true, attributes: true });
    const messages = [...history, said('c', 'b', 'Next')];
    await show({ view: viewOf(messages, growing('d', 'c', 'a')) });
    changes.length = 0;
    await show({ view: viewOf(messages, growing('d', 'c', 'a b')) });
    await show({ view: viewOf(messages, growing('d', 'c', 'a b c')) });
    watcher.disconnect();
    expect(changes).toEqual([]);
  });

  it('says that a reply begins and ends, and interruptions at once', async () => {
    const messages = [said('a', null, 'Ask')];
    const { show, polite, assertive } = await shown(messages);
    await show({ view: viewOf(messages, growing('b', 'a', '', 'asking')) });
    expect(polite()).toBe('Replying.');
    await show({ view: viewOf([...messages, replied('b', 'a', 'Yes.')]) });
    expect(polite()).toBe('Yes. Reply finished.');
    await show({ view: viewOf([...messages, replied('b', 'a', 'Yes.')], growing('c', 'a', '')) });
    await show({ view: viewOf([...messages, replied('b', 'a', 'Yes.'), replied('c', 'a', 'Half', { kind: 'interrupted' })]) });
    expect(assertive()).toBe('The reply was interrupted.');
  });

  it('says the reason of a refusal at once', async () => {
    const { show, assertive } = await shown(history);
    await show({ pending: [pending] });
    expect(assertive()).toBe('');
    await show({ pending: [{ ...pending, state: 'refused', refusal: { code: 'record-unavailable' } }] });
    expect(assertive()).toBe('The record could not be written, so nothing was done. No model has seen your message. It is kept here and will not be sent by itself.');
  });
});
