import { afterEach, expect, it, vi } from 'vitest';
import { download } from './download.ts';

afterEach(() => vi.unstubAllGlobals());

const asked = { params: { export: 'export' }, body: { reason: 'Letter' } };

function answer(pull: (controller: ReadableStreamDefaultController<Uint8Array>, times: number) => void): void {
  let times = 0;
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(new ReadableStream({ pull: (controller) => pull(controller, times++) }), { headers: { 'content-type': 'application/x-ndjson' } })));
}

it('bytes come with word of how many there are', async () => {
  answer((controller, times) => (times < 2 ? controller.enqueue(new TextEncoder().encode('{}\n')) : controller.close()));
  const heard: number[] = [];
  const bytes = await download('downloadExport', asked, (count) => heard.push(count));
  expect([await bytes.text(), heard]).toEqual(['{}\n{}\n', [3, 6]]);
});

it('a reply that breaks off is a failure, and never half a file', async () => {
  answer((controller, times) => (times < 1 ? controller.enqueue(new TextEncoder().encode('{}\n')) : controller.error(new TypeError('network error'))));
  await expect(download('downloadExport', asked, () => undefined)).rejects.toMatchObject({ code: 'server-busy', detail: expect.stringContaining('nothing was saved') as string });
});

it('a refusal is told with its code', async () => {
  vi.stubGlobal('fetch', () => Promise.resolve(Response.json({ refusal: { code: 'erased' } }, { status: 410 })));
  await expect(download('downloadExport', asked, () => undefined)).rejects.toMatchObject({ code: 'erased' });
});
