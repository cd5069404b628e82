import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { createServer as createTcp, type AddressInfo } from 'node:net';
import { createSocket } from 'node:dgram';
import { text } from 'node:stream/consumers';

/** What stands at the other end of a webhook. */
export interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly requests: { readonly body: string; readonly headers: IncomingHttpHeaders }[];
  /** What the next requests are answered with; the one after them with 204. `lost`: it was taken, and the answer is not. */
  readonly answers: (number | 'lost')[];
}

export async function newReceiver(): Promise<Receiver> {
  const requests: Receiver['requests'] = [];
  const answers: Receiver['answers'] = [];
  const server = createServer((request, reply) => {
    void text(request).then((body) => {
      const answer = answers.shift() ?? 204;
      if (answer === 204 || answer === 'lost') requests.push({ body, headers: request.headers });
      if (answer === 'lost') request.socket.destroy();
      else reply.writeHead(answer, answer === 302 ? { location: 'http://127.0.0.1:9/' } : {}).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/gorunchat?token=secret`,
    requests,
    answers,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A syslog server: messages as they came, in order. */
export interface SyslogServer extends AsyncDisposable {
  readonly address: string;
  readonly messages: string[];
}

/** Over TCP, with counted octets (RFC 6587). */
export async function newSyslogServer(port = 0): Promise<SyslogServer> {
  const messages: string[] = [];
  const server = createTcp({ allowHalfOpen: true }, (socket) => {
    void text(socket).then((whole) => {
      messages.push(...framesIn(Buffer.from(whole)));
      socket.end();
    }, () => undefined);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return { address: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`, messages, [Symbol.asyncDispose]: async () => void (await new Promise((resolve) => server.close(resolve))) };
}

export async function newDatagramServer(): Promise<SyslogServer> {
  const messages: string[] = [];
  const socket = createSocket('udp4', (message) => messages.push(message.toString()));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { address: `udp://127.0.0.1:${socket.address().port}`, messages, [Symbol.asyncDispose]: () => new Promise<void>((resolve) => socket.close(() => resolve())) };
}

function framesIn(bytes: Buffer): string[] {
  const frames: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const end = space + 1 + Number(bytes.subarray(at, space).toString());
    frames.push(bytes.subarray(space + 1, end).toString());
    at = end;
  }
  return frames;
}
