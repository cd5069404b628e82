import type { FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { Failure } from '../../contracts/failures.ts';
import type { Actor } from '../../contracts/records.ts';
import type { Session } from '../accounts/sessions.ts';

export const SESSION_COOKIE = 'gorunchat_session';

/** Whether the word of the sender at `address` about who is behind it is taken; `hop` counts from this server, 0 being whoever is connected to it. */
export type Trust = (address: string, hop: number) => boolean;

/** How a visitor reached the server, proxies that are trusted left out. */
export interface Visit {
  readonly address: string;
  readonly host: string | undefined;
  readonly protocol: string;
}

const RANGES: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
};

/** What a setting means: nobody, everybody, addresses and ranges separated by commas (`10.0.0.0/8, loopback`), or a function. Throws when an address is none. */
export function trustIn(setting: boolean | string | Trust): Trust {
  if (typeof setting === 'function') return setting;
  if (typeof setting === 'boolean') return () => setting;
  const known = new BlockList();
  for (const range of setting.split(',').map((one) => one.trim()).flatMap((one) => RANGES[one] ?? [one])) {
    const [address = '', bits] = range.split('/');
    known.addSubnet(address, bits === undefined ? (isIP(address) === 4 ? 32 : 128) : Number(bits), isIP(address) === 4 ? 'ipv4' : 'ipv6');
  }
  return (address) => isIP(address) !== 0 && known.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
}

/** The visit behind a message that reaches a socket, read from the same headers and by the same trust as Fastify reads those of a request. */
export function visitOf({ headers, socket }: IncomingMessage, trust: Trust): Visit {
  const sender = socket.remoteAddress ?? '';
  const senders = [sender, ...entriesOf(headers['x-forwarded-for']).toReversed()];
  // The first whose word is not taken is the visitor; when all are trusted, the farthest (-1 is the last).
  const stranger = senders.slice(0, -1).findIndex((address, hop) => !trust(address, hop));
  const told = (name: string): string | undefined => (trust(sender, 0) ? entriesOf(headers[name]).at(-1) : undefined);
  return {
    address: senders.at(stranger) ?? sender,
    host: told('x-forwarded-host') ?? headers.host,
    protocol: told('x-forwarded-proto') ?? ('encrypted' in socket && socket.encrypted === true ? 'https' : 'http'),
  };
}

/** Each proxy adds its entry at the end. */
function entriesOf(header: string | string[] | undefined): string[] {
  return String(header ?? '').split(',').map((entry) => entry.trim()).filter((entry) => entry !== '');
}

/** Who sends a request, as it goes on record. */
export function actorOf(request: FastifyRequest, session: Session | undefined): Actor {
  return { user: session?.user ?? null, session: session?.id ?? null, address: request.ip.slice(0, 100), agent: String(request.headers['user-agent'] ?? '').slice(0, 400).toWellFormed() };
}

/**
 * Whether a request comes from the page that this server itself gave out: its `Origin` names the host it was sent to. Browsers set it on every mutating request
 * and on websockets, and no page can forge it. A request without one is no browser's page (a command-line client): it carries no one else's cookie.
 */
export function isOwnOrigin(origin: string | undefined, host: string | undefined, protocol: string): boolean {
  if (origin === undefined) return true;
  return host !== undefined && URL.canParse(origin) && new URL(origin).origin === originOf(protocol, host);
}

/** The origin of the page that asks; a request that does not say comes from this server's own page, or from no page. Throws `foreign-origin` for a page that has none (a sandboxed frame, a file). */
export function originOfPage({ headers, protocol, host }: FastifyRequest): string {
  const origin = headers.origin ?? originOf(protocol, host);
  if (origin === undefined || origin === 'null') throw new Failure('foreign-origin');
  return origin;
}

function originOf(protocol: string, host: string): string | undefined {
  const address = `${protocol}://${host}`;
  return URL.canParse(address) ? new URL(address).origin : undefined;
}
