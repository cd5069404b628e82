import { afterEach, describe, expect, it } from 'vitest';
import { userEvent } from 'vitest/browser';
import type { TurnId } from '../../../contracts/ids.ts';
import type { GorunComposer } from './composer.ts';
import './composer.ts';
import '../part-file/part-file.ts'; // fetched with the first file otherwise, some time after it is drawn

afterEach(() => document.body.replaceChildren());

async function shown(properties: Partial<GorunComposer> = {}) {
  const element = document.createElement('gorun-composer');
  Object.assign(element, properties);
  document.body.append(element);
  await element.updateComplete;
  const events: Event[] = [];
  for (const type of ['send-turn', 'stop-turn', 'stop-and-send', 'attach', 'change-draft', 'edit-last', 'remove-file']) {
    element.addEventListener(`gorun-${type}`, (event) => events.push(event));
  }
  element.focus();
  const root = element.shadowRoot!;
  const of = (type: string) => events.filter((event) => event.type === `gorun-${type}`);
  return { element, root, of, field: root.querySelector('textarea')!, main: () => root.querySelector<HTMLElement>('.send')! };
}

const running = 'turn' as TurnId;

describe('<gorun-composer>', () => {
  it('sends with Enter, makes a new line with Shift Enter, and keeps the focus', async () => {
    const { element, of, field, root } = await shown();
    await userEvent.keyboard('one{Shift>}{Enter}{/Shift}two{Enter}');
    expect(of('send-turn')).toMatchObject([{ text: 'one\ntwo' }]);
    expect(of('change-draft').at(-1)).toMatchObject({ text: 'one\ntwo' });
    expect(root.activeElement).toBe(field);
    element.text = '';
    await element.updateComplete;
    expect(field.value).toBe('');
  });

  it('never sends while characters are being composed', async () => {
    const { of, field } = await shown({ text: 'かな' });
    field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true }));
    field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', keyCode: 229, bubbles: true } as KeyboardEventInit));
    expect(of('send-turn')).toEqual([]);
  });

  it('makes a new line with Enter and sends with Ctrl Enter for people who want it so', async () => {
    const { of, field } = await shown({ enterSends: false });
    await userEvent.keyboard('one{Enter}two{Control>}{Enter}{/Control}');
    expect(field.value).toBe('one\ntwo');
    expect(of('send-turn')).toMatchObject([{ text: 'one\ntwo' }]);
  });

  it('queues with Enter while a reply runs, and stops and sends with Ctrl Enter', async () => {
    const { of, root } = await shown({ running });
    expect(root.querySelector('.hint')!.textContent).toBe('Enter queues');
    await userEvent.keyboard('next{Enter}');
    expect(of('send-turn')).toMatchObject([{ text: 'next' }]);
    await userEvent.keyboard('{Control>}{Enter}{/Control}');
    expect(of('stop-and-send')).toMatchObject([{ text: 'next' }]);
  });

  it('stops with Esc and with the button, but not with a press that was meant for Send', async () => {
    const { element, of, main } = await shown({ text: 'x' });
    element.running = running;
    await element.updateComplete;
    expect(main().getAttribute('aria-label')).toBe('Stop the reply');
    main().click();
    expect(of('stop-turn')).toEqual([]);
    await expect.poll(() => (main().click(), of('stop-turn').length)).toBeGreaterThan(0);
    const before = of('stop-turn').length;
    await userEvent.keyboard('{Escape}');
    expect(of('stop-turn')).toHaveLength(before + 1);
  });

  it('stops at once where nothing could have been sent', async () => {
    const { element, of, main } = await shown();
    element.running = running;
    await element.updateComplete;
    main().click();
    expect(of('stop-turn')).toHaveLength(1);
  });

  it('says why Send does nothing', async () => {
    const { element, of, main } = await shown();
    const reason = async (properties: Partial<GorunComposer>) => {
      Object.assign(element, { text: 'x', files: [], blocked: '', limit: 100 }, properties);
      await element.updateComplete;
      main().click();
      return main().getAttribute('aria-description');
    };
    const file = { id: 'f', name: 'a.png', mediaType: 'image/png', size: 1 };
    expect(await reason({ text: ' ' })).toBe('Write something first');
    expect(await reason({ text: 'x'.repeat(101) })).toBe('Too long by 1 character');
    expect(await reason({ files: [{ ...file, progress: 0.5 }] })).toBe('A file is still on its way');
    expect(await reason({ files: [{ ...file, refusal: 'Larger than 10 MB' }] })).toBe('Remove the file that was refused');
    expect(await reason({ blocked: 'The reply is being put on record' })).toBe('The reply is being put on record');
    expect(of('send-turn')).toEqual([]);
    expect(await reason({ text: '', files: [file] })).toBeNull();
    expect(of('send-turn')).toHaveLength(1);
  });

  it('edits the last own message with the up arrow only when nothing is written', async () => {
    const { of } = await shown();
    await userEvent.keyboard('{ArrowUp}');
    expect(of('edit-last')).toHaveLength(1);
    await userEvent.keyboard('a{ArrowUp}');
    expect(of('edit-last')).toHaveLength(1);
  });

  it('takes pasted and dropped pictures, and text as text', async () => {
    const { of, field, root } = await shown();
    const withFile = () => {
      const data = new DataTransfer();
      data.items.add(new File(['x'], 'a.png', { type: 'image/png' }));
      return data;
    };
    const paste = new ClipboardEvent('paste', { clipboardData: withFile(), bubbles: true, cancelable: true });
    field.dispatchEvent(paste);
    root.querySelector('.composer')!.dispatchEvent(new DragEvent('drop', { dataTransfer: withFile(), bubbles: true, cancelable: true }));
    expect(of('attach').map((event) => (event as Event & { files: File[] }).files.map(({ name }) => name))).toEqual([['a.png'], ['a.png']]);
    expect(paste.defaultPrevented).toBe(true);
    const both = withFile();
    both.setData('text/plain', 'cells');
    field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: both, bubbles: true, cancelable: true }));
    expect(of('attach')).toHaveLength(2);
  });

  it('moves the focus to the next file when one is removed, and back to the field after the last', async () => {
    const files = ['a', 'b'].map((id) => ({ id, name: `${id}.png`, mediaType: 'image/png', size: 1_000 }));
    const { element, root, field, of } = await shown({ files });
    const remove = (index: number) => root.querySelectorAll('gorun-part-file')[index]!.shadowRoot!.querySelector<HTMLElement>('.remove')!;
    remove(0).click();
    expect(root.activeElement).toBe(root.querySelectorAll('gorun-part-file')[1]);
    element.files = files.slice(1);
    await element.updateComplete;
    remove(0).click();
    expect(root.activeElement).toBe(field);
    expect(of('remove-file')).toMatchObject([{ file: 'a' }, { file: 'b' }]);
  });

  it('grows with its text and stops growing', async () => {
    const { element } = await shown();
    const empty = element.offsetHeight;
    element.text = 'line\n'.repeat(4);
    await element.updateComplete;
    const some = element.offsetHeight;
    element.text = 'line\n'.repeat(200);
    await element.updateComplete;
    expect(some).toBeGreaterThan(empty);
    expect(element.offsetHeight).toBeLessThan(innerHeight);
  });
});
