import type { JSHandle, Locator, Page } from '@playwright/test';
import { composer } from './person.ts';

/** A picture as it comes from the clipboard or another window: a real PNG, drawn by the page. */
async function pictureFor(page: Page, name: string): Promise<JSHandle<DataTransfer>> {
  return page.evaluateHandle(async (name) => {
    const canvas = new OffscreenCanvas(640, 400);
    const pen = canvas.getContext('2d');
    if (pen === null) throw new Error('nothing to draw with');
    pen.fillStyle = '#3f6212';
    pen.fillRect(0, 0, 640, 400);
    const transfer = new DataTransfer();
    transfer.items.add(new File([await canvas.convertToBlob({ type: 'image/png' })], name, { type: 'image/png' }));
    return transfer;
  }, name);
}

export async function pastePicture(page: Page, name: string): Promise<void> {
  const clipboardData = await pictureFor(page, name);
  await composer(page).evaluate((field, data) => field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true, composed: true })), clipboardData);
}

/** Drags a picture over `target`, and lets it go there. `over` looks while it hangs. */
export async function dropPicture(page: Page, target: Locator, name: string, over: () => Promise<void>): Promise<void> {
  const dataTransfer = await pictureFor(page, name);
  const hang = (type: string) => target.evaluate((element, [type, data]) => element.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true, composed: true })), [type, dataTransfer] as const);
  await hang('dragenter');
  await hang('dragover');
  await over();
  await hang('drop');
}
