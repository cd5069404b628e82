import { createHmac } from 'node:crypto';
import type { Feed } from './feed.ts';

const WITHIN_MS = 15_000;

/**
 * Posts events as a JSON array. With a secret each request is signed: `x-gorunchat-signature: t=SECONDS,v1=HEX` is the HMAC-SHA256 of the time, a full stop and the body, so that whoever receives it knows
 * who sent it and when. Anything but a success is a failure; it is not followed elsewhere.
 */
export function webhookFeed({ url, secret, now }: { readonly url: string; readonly secret: string | undefined; readonly now: () => number }): Feed {
  const { origin, pathname } = new URL(url);
  return {
    place: `${origin}${pathname}`,
    async send(events) {
      const body = JSON.stringify(events);
      const seconds = Math.floor(now() / 1_000);
      const signature: Record<string, string> = secret === undefined ? {} : { 'x-gorunchat-signature': `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}` };
      const reply = await fetch(url, { method: 'POST', redirect: 'error', headers: { 'content-type': 'application/json', ...signature }, body, signal: AbortSignal.timeout(WITHIN_MS) });
      await reply.body?.cancel();
      if (!reply.ok) throw new Error(`${origin} answered ${reply.status}`);
    },
  };
}
