import { createSocket } from 'node:dgram';
import { connect as connectTcp, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { connect as connectTls } from 'node:tls';
import type { OcsfEvent } from '../ocsf.ts';
import type { Feed } from './feed.ts';

const WITHIN_MS = 15_000;
/** Log audit, in the table of RFC 5424. */
const FACILITY = 13;
const NOTICE = 5;
const WARNING = 4;
const MEDIUM = 3;
const SUCCESS = 1;
/** Before text that is UTF-8 (RFC 5424, 6.4). */
const UTF8 = '\uFEFF';
/** What every network takes in one, IPv4 without options and IPv6 alike, and some room. */
const MOST_DATAGRAM = 60_000;
const PORTS: Readonly<Record<string, number>> = { 'udp:': 514, 'tcp:': 601, 'tls:': 6514 };

/**
 * Sends events as syslog messages (RFC 5424), what they say as JSON: over TLS (RFC 5425) or TCP with counted octets (RFC 6587), a connection for each batch whose end is waited for, or as one
 * datagram each (RFC 5426). Syslog answers nothing: over TCP and TLS a server that is not there or breaks off is noticed, and the batch sent again, but what it had in its hands and did not keep is lost; over UDP
 * nothing is noticed, and an entry that is too long for a datagram says so instead of what it says. The webhook is the one that is answered.
 */
export function syslogFeed(address: string): Feed {
  const { protocol, hostname: host, port } = new URL(address);
  const to = { host: host.replaceAll(/^\[|\]$/gu, ''), port: port === '' ? (PORTS[protocol] ?? 514) : Number(port) };
  return {
    place: `${protocol}//${host}:${to.port}`,
    send: (events) => (protocol === 'udp:' ? sendDatagrams(to, events.map((event) => messageOf(event, MOST_DATAGRAM))) : sendStream(protocol === 'tls:' ? connectTls({ ...to, servername: to.host }) : connectTcp(to), events.map((event) => messageOf(event)))),
  };
}

/** One event as a message, of no more than so many bytes: of one that says more, that it does and where to read it. */
export function messageOf(event: OcsfEvent, most = Infinity): string {
  const whole = messageWith(event);
  return Buffer.byteLength(whole) <= most ? whole : messageWith({ ...event, unmapped: { number: event.unmapped['number'], tooLong: 'What this entry says is too long for a datagram. It stands in the audit log under this number.' } });
}

function messageWith(event: OcsfEvent): string {
  const priority = FACILITY * 8 + (event.status_id !== SUCCESS || event.severity_id >= MEDIUM ? WARNING : NOTICE);
  const { uid, event_code: type } = event.metadata;
  return `<${priority}>1 ${new Date(event.time).toISOString()} ${asName(hostname(), 255)} gorunchat ${process.pid} ${asName(type, 32)} [audit@32473 uid="${escaped(uid)}"] ${UTF8}${JSON.stringify(event)}`;
}

/** A header field holds printable ASCII without spaces. */
function asName(text: string, most: number): string {
  return text.replaceAll(/[^\x21-\x7e]/gu, '').slice(0, most) || '-';
}

function escaped(value: string): string {
  return value.replaceAll(/["\\\]]/gu, String.raw`\$&`);
}

function sendStream(socket: Socket, messages: readonly string[]): Promise<void> {
  const frames = messages.map((message) => `${Buffer.byteLength(message)} ${message}`).join('');
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      socket.destroy();
      reject(error);
    };
    socket.setTimeout(WITHIN_MS, () => fail(new Error('the syslog server did not take it in time')));
    socket.once('error', fail);
    socket.once('end', () => (socket.writableFinished ? undefined : fail(new Error('the syslog server hung up'))));
    socket.once('close', () => (socket.writableFinished ? resolve() : reject(new Error('the syslog server hung up'))));
    socket.resume(); // it says nothing; its end is waited for
    socket.end(frames);
  });
}

async function sendDatagrams({ host, port }: { host: string; port: number }, messages: readonly string[]): Promise<void> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  try {
    for (const message of messages) {
      await new Promise<void>((resolve, reject) => socket.send(message, port, host, (error) => (error === null ? resolve() : reject(error))));
    }
  } finally {
    socket.close();
  }
}
