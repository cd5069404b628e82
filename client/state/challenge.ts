import { sha256 } from '@noble/hashes/sha2.js';
import type { SiteId } from '../../contracts/ids.ts';
import type { Challenge, Solution } from '../../contracts/sites.ts';
import { call } from '../link/visitor-api.ts';

/** Milliseconds of work after which the page has its turn. */
const STEP_MS = 12;
/** Hashes between two looks at the clock. */
const AT_ONCE = 256;

/** Asks the server for a challenge of this site and does the work. */
export async function work(site: SiteId, server: string): Promise<Solution> {
  return solve(await call('challenge', { params: { site }, from: { server } }));
}

/** Finds the nonce with which SHA-256 of the challenge begins with so many zero bits. The page can do other things meanwhile; it works without a secure context, where browsers have no `crypto.subtle`. */
export async function solve({ challenge, bits }: Challenge): Promise<Solution> {
  const text = new TextEncoder();
  const begun = sha256.create().update(text.encode(challenge));
  const digest = new Uint8Array(32);
  const first = new DataView(digest.buffer);
  const { port1, port2 } = new MessageChannel();
  for (let nonce = 0; ; ) {
    for (const until = performance.now() + STEP_MS; performance.now() < until; ) {
      for (const end = nonce + AT_ONCE; nonce < end; nonce++) {
        begun.clone().update(text.encode(String(nonce))).digestInto(digest);
        if (Math.clz32(first.getUint32(0)) >= bits) return port1.close(), { challenge, nonce: String(nonce) };
      }
    }
    await new Promise((resolve) => {
      port1.onmessage = resolve; // a timer waits for at least 4 ms, and in a tab behind others for a second
      port2.postMessage(0);
    });
  }
}
