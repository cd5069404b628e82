import { expect, it } from 'vitest';
import { zipOf } from '../zip.ts';
import { mailOf, type Mail } from './mail.ts';

const SPEAKER = { id: 'mara', name: 'Mara', address: 'mara@example.org' };

async function* broken(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('the beginning');
  throw new Error('the store is away');
}

async function read(source: AsyncIterable<unknown>): Promise<number> {
  let parts = 0;
  for await (const _ of source) parts += 1;
  return parts;
}

const mail = (more: Partial<Mail>): Mail => ({ id: 'id', from: SPEAKER, to: [SPEAKER], at: 1, subject: 'x', headers: {}, text: [Buffer.from('words')], attachments: [], ...more });

it.each([['its text', { text: broken() }], ['a file in it', { attachments: [{ name: 'a.png', mediaType: 'image/png', bytes: broken() }] }]])('a message is never whole when %s breaks off', async (_what, more) => {
  await expect(read(mailOf(mail(more)))).rejects.toThrow('the store is away');
});

it('a zip is never whole when a file in it breaks off', async () => {
  await expect(read(zipOf([{ path: 'a.txt', compress: true, source: broken }, { path: 'b.txt', compress: false, source: broken }], 1))).rejects.toThrow('the store is away');
});
