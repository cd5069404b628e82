import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A TCP connection's way through a test: it can be cut, held up, or lose what passes back. */
export interface TestLink extends AsyncDisposable {
  readonly port: number;
  /** Takes no new connection until it is mended; the ones that are there go on. */
  close(): void;
  /** Closes it, and cuts what is there. */
  cut(): void;
  mend(): void;
  /** What the target says and this matches is lost, and nothing tells either side. */
  lose(pattern: RegExp | undefined): void;
}

export async function newLink(targetPort: number): Promise<TestLink> {
  const open = new Set<Socket>();
  let isClosed = false;
  let lost: RegExp | undefined;
  const server = createServer((near) => {
    if (isClosed) return void near.destroy();
    const far = connect(targetPort, '127.0.0.1');
    for (const [socket, other] of [[near, far], [far, near]] as const) {
      open.add(socket);
      socket.on('error', () => undefined); // 'close' follows
      socket.on('close', () => (open.delete(socket), other.destroy()));
    }
    near.pipe(far);
    far.on('data', (data) => {
      if (lost?.test(data.toString()) !== true) near.write(data);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    isClosed = true;
    for (const socket of open) socket.destroy();
  };
  return {
    port: (server.address() as { port: number }).port,
    close: () => void (isClosed = true),
    cut,
    mend: () => void (isClosed = false),
    lose: (pattern) => void (lost = pattern),
    async [Symbol.asyncDispose]() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
