import { afterEach, describe, expect, it } from 'vitest';
import type { GorunPartFile, OpenFileEvent } from './part-file.ts';
import './part-file.ts';

afterEach(() => document.body.replaceChildren());

const file = { id: 'f', name: 'chart.png', mediaType: 'image/png', size: 1_800_000, width: 200, height: 100 };
const pixel = 'data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=';

async function shown(properties: Partial<GorunPartFile>) {
  const element = document.createElement('gorun-part-file');
  Object.assign(element, { file }, properties);
  document.body.append(element);
  await element.updateComplete;
  return { element, root: element.shadowRoot! };
}

describe('<gorun-part-file>', () => {
  it('shows a picture of which the space is kept free before it comes', async () => {
    const { root } = await shown({ address: pixel });
    const image = root.querySelector('img')!;
    expect([image.getAttribute('width'), image.getAttribute('height'), root.querySelector('button')!.getAttribute('aria-label')]).toEqual(['200', '100', 'Open chart.png']);
  });

  it('says that a picture is no longer there', async () => {
    const { element, root } = await shown({ address: pixel });
    root.querySelector('img')!.dispatchEvent(new Event('error'));
    await element.updateComplete;
    expect(root.querySelector('.size')!.textContent).toBe('No longer there');
  });

  it('leaves it to the page how a file is opened', async () => {
    const { element, root } = await shown({ address: pixel });
    const opened: string[] = [];
    element.addEventListener('gorun-open-file', (event: OpenFileEvent) => {
      opened.push(event.file);
      event.preventDefault();
    });
    root.querySelector('button')!.click();
    expect(opened).toEqual(['f']);
  });

  it('says how far an upload is, why a file was refused, and how large it is', async () => {
    const size = async (properties: Partial<GorunPartFile>) => (await shown({ removable: true, ...properties })).root.querySelector('.size')!;
    expect((await size({})).textContent).toBe('Image · 1.8 MB');
    const upload = await size({ progress: 0.64 });
    expect([upload.textContent, upload.getAttribute('role'), upload.getAttribute('aria-valuenow')]).toEqual(['Uploading · 64 %', 'progressbar', '64']);
    expect((await size({ refusal: 'Larger than 10 MB' })).textContent).toBe('Larger than 10 MB');
  });
});
