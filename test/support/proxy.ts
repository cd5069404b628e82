import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';

/** A reverse proxy on loopback that ends TLS for a public name, as far as headers go: requests and upgrades, with `x-forwarded-*` added at the end of what came. */
export interface TestProxy extends AsyncDisposable {
  /** Where it listens. */
  readonly url: string;
  /** Where it says the next visitors come from. */
  visitor: string;
}

export async function newProxy(target: string, publicName: string): Promise<TestProxy> {
  const { hostname, port } = new URL(target);
  const proxy = { visitor: '203.0.113.7' };
  const headersFor = ({ headers }: IncomingMessage): OutgoingHttpHeaders => {
    const appended = (name: string, entry: string): string => [headers[name], entry].filter((one) => one !== undefined).join(', ');
    return { ...headers, 'x-forwarded-for': appended('x-forwarded-for', proxy.visitor), 'x-forwarded-host': appended('x-forwarded-host', publicName), 'x-forwarded-proto': appended('x-forwarded-proto', 'https') };
  };
  const server = createServer((asked, reply) => {
    const passed = request({ hostname, port, path: asked.url, method: asked.method, headers: headersFor(asked) }, (answer) => {
      reply.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(reply);
    });
    passed.on('error', () => reply.destroy());
    asked.pipe(passed);
  });
  server.on('upgrade', (asked: IncomingMessage, socket: Duplex, head: Buffer) => {
    const onward = connect(Number(port), hostname, () => {
      const lines = Object.entries(headersFor(asked)).map(([name, value]) => `${name}: ${String(value)}`);
      onward.write(`${asked.method} ${asked.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
      onward.write(head);
      socket.pipe(onward).pipe(socket);
    });
    onward.on('error', () => socket.destroy());
    onward.on('close', () => socket.destroy());
    socket.on('error', () => onward.destroy());
    socket.on('close', () => onward.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  return Object.assign(proxy, {
    url,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  });
}
