import { Failure, FAILURES } from '../../contracts/failures.ts';
import type { Refusal } from '../../contracts/failures.ts';
import type { FilePart } from '../../contracts/conversation.ts';
import type { ConversationId, FileId, SiteId } from '../../contracts/ids.ts';
import type { Elsewhere } from './api.ts';
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

/** Sends one file. Rejects with a `Failure`. The same file id sent again is the same file. It is not `fetch`, which says nothing of how much is out. */
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
    request.onload = () => (request.status === 200 ? resolve(request.response as FilePart) : reject(failureOf(request.response)));
    request.onerror = () => reject(new Failure('server-busy', { detail: 'The server did not answer.' }));
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

function failureOf(body: unknown): Failure {
  const refusal = (body as { refusal?: Refusal } | null)?.refusal;
  if (refusal === undefined || !(refusal.code in FAILURES)) return new Failure('server-busy');
  return new Failure(refusal.code, { detail: refusal.text });
}
