import { afterEach, expect, it, vi } from 'vitest';
import { refusalOf } from '../../contracts/failures.ts';
import type { ConversationId, FileId } from '../../contracts/ids.ts';
import { attachedFiles } from '../components/composer/attached-files.ts';
import { speak } from '../locales/languages.ts';
import { call } from './visitor-api.ts';
import { newId } from './ids.ts';
import { upload } from './upload.ts';

afterEach(async () => {
  vi.unstubAllGlobals();
  await speak('en');
});

/** What becomes of a file that is answered so; without a status, not at all. */
async function refused(status?: number, response: unknown = null): Promise<{ code: string; retryAfterMs?: number | undefined; words: string | undefined }> {
  vi.stubGlobal('XMLHttpRequest', class {
    readonly upload = {};
    readonly status = status;
    readonly response = response;
    readonly onload!: () => void;
    readonly onerror!: () => void;
    open(): void {}
    setRequestHeader(): void {}
    send(): void {
      if (status === undefined) this.onerror();
      else this.onload();
    }
  });
  const file = newId<FileId>();
  const error = await upload({ conversation: newId<ConversationId>(), file, name: 'a.png', bytes: new Blob(), progress: () => undefined, signal: new AbortController().signal }).catch((thrown: unknown) => thrown);
  const refusal = refusalOf(error);
  const [shown] = attachedFiles([{ id: file, name: 'a.png', mediaType: 'image/png', size: 0, state: 'refused', progress: 0, refusal }]);
  return { code: refusal.code, ...(refusal.retryAfterMs !== undefined && { retryAfterMs: refusal.retryAfterMs }), words: shown?.refusal };
}

it('why a file is not taken is said in the language of whoever reads it, whatever the server says of it', async () => {
  await speak('de');
  const said = (code: string, text?: string) => ({ refusal: { code, text } });
  expect(await refused(413, said('too-large', 'More than 50 megapixels'))).toEqual({ code: 'too-large', words: 'Mehr als 50 Megapixel' });
  expect(await refused(413, said('too-large', 'Larger than 5 MB'))).toEqual({ code: 'too-large', words: 'Das ist größer, als hier erlaubt ist.' });
  expect(await refused(404, said('not-found', 'The file belongs to another conversation.'))).toEqual({ code: 'not-found', words: 'Hier ist nichts. Es wurde gelöscht oder gehört jemand anderem.' });
  expect(await refused()).toEqual({ code: 'server-busy', words: 'Der Server hat nicht geantwortet.' });
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no network')));
  await expect(call('shownSite', { params: { site: 'site' } })).rejects.toMatchObject({ code: 'server-busy', detail: 'Der Server hat nicht geantwortet.' });
});

it('what something between the page and the server answers is told as what it is, and when to try again is kept', async () => {
  expect([await refused(413, 'Too big'), await refused(401), await refused(502)].map(({ code }) => code)).toEqual(['too-large', 'session-ended', 'server-busy']);
  expect(await refused(429, { refusal: { code: 'rate-limited', retryAfterMs: 4_000 } })).toMatchObject({ code: 'rate-limited', retryAfterMs: 4_000 });
});
