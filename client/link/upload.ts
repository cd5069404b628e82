import { msg, str } from '@lit/localize';
import { Failure } from '../../contracts/failures.ts';
import type { FilePart } from '../../contracts/conversation.ts';
import type { ConversationId, FileId, SiteId } from '../../contracts/ids.ts';
import { failureOf, unanswered, type Elsewhere } from './api.ts';
import { addressOf } from './visitor-api.ts';

export interface Upload {
  readonly conversation: ConversationId;
  readonly file: FileId;
  readonly name: string;
  readonly bytes: Blob;
  /** Part of the bytes that are out, 0 to 1. */
  readonly progress: (part: number) => void;
  readonly signal: AbortSignal;
  /** Of a site's visitor. */
  readonly from?: Elsewhere & { readonly site: SiteId };
}

/** Sends one file. Rejects with a `Failure` whose words, if it has any, are of the reader's language. The same file id sent again is the same file. It is not `fetch`, which says nothing of how much is out. */
export function upload(asked: Upload): Promise<FilePart> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const { from, conversation, name, file } = asked;
    const query = { name, file };
    request.open('POST', from === undefined ? addressOf('upload', { params: { conversation }, query }) : from.server + addressOf('visitorUpload', { params: { site: from.site, conversation }, query }));
    if (from?.token !== undefined) request.setRequestHeader('authorization', `Bearer ${from.token}`);
    request.responseType = 'json';
    request.setRequestHeader('content-type', asked.bytes.type || 'application/octet-stream');
    request.upload.onprogress = (event) => asked.progress(event.lengthComputable ? event.loaded / event.total : 0);
    request.onload = () => (request.status === 200 ? resolve(request.response as FilePart) : reject(refusedFile(request.status, request.response)));
    request.onerror = () => reject(unanswered('server-busy'));
    request.onabort = () => reject(new Failure('outcome-unknown'));
    asked.signal.addEventListener('abort', () => request.abort(), { once: true });
    request.send(asked.bytes);
  });
}

/** Whether a file can still be sent. Without an answer it counts as there: sending tells. */
export async function isThere(file: FileId): Promise<boolean> {
  const reply = await fetch(addressOf('file', { params: { file } }), { method: 'HEAD', credentials: 'same-origin', cache: 'no-store' }).catch(() => undefined);
  return reply?.status !== 404;
}

/** The server's own words are English. What they add to the table is said again here; the rest goes without. */
function refusedFile(status: number, body: unknown): Failure {
  const { code, detail, retryAfterMs } = failureOf(status, body);
  const megapixels = /^More than (\d+) megapixels$/u.exec(detail ?? '')?.[1];
  return new Failure(code, { detail: megapixels && msg(str`More than ${megapixels} megapixels`), retryAfterMs });
}
