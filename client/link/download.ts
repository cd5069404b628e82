import { Failure } from '../../contracts/failures.ts';
import { failureOf, type Asked, type AskedRoute } from './api.ts';
import { fetchReply } from './app-api.ts';

/**
 * Asks a route that replies with bytes, and tells `progress` how many have come. Rejects as `call` does; a reply that breaks off is a failure and never half a file.
 */
export async function download<N extends AskedRoute>(name: N, asked: Asked<N>, progress: (bytes: number) => void): Promise<Blob> {
  const reply = await fetchReply(name, asked);
  if (!reply.ok || reply.body === null) throw failureOf(reply.status, await reply.json().catch(() => undefined));
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  const reader = reply.body.getReader();
  try {
    for (let bytes = 0; ; progress(bytes)) {
      const { done, value } = await reader.read();
      if (done) return new Blob(chunks, { type: reply.headers.get('content-type') ?? '' });
      chunks.push(value);
      bytes += value.length;
    }
  } catch (cause) {
    throw new Failure('server-busy', { cause, detail: 'The file broke off before its end, so nothing was saved. Try again.' });
  }
}
