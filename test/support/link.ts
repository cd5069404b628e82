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
  /** From now on nothing passes either way, and nobody is told: as when a network swallows it or the target hangs. */
  hold(): void;
  /** All that was held passes, in its order. */
  pass(): void;
  /** What the target says and this matches is lost, and nothing tells either side. */
  lose(pattern: RegExp | undefined): void;
}

export async function newLink(targetPort: number): Promise<TestLink> {
  const open = new Set<Socket>();
  let isClosed = false;
  let isHeld = false;
  let lost: RegExp | undefined;
  const server = createServer((near) => {
    if (isClosed) return void near.destroy();
    const far = connect(targetPort, '127.0.0.1');
    for (const [socket, other] of [[near, far], [far, near]] as const) {
      open.add(socket);
      socket.on('error', () => undefined); // 'close' follows
      socket.on('close', () => (open.delete(socket), other.destroy()));
    }
    near.on('data', (data) => far.write(data));
    far.on('data', (data) => {
      if (lost?.test(data.toString()) !== true) near.write(data);
    });
    near.on('end', () => far.end());
    far.on('end', () => near.end());
    if (isHeld) for (const socket of [near, far]) socket.pause();
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
    hold() {
      isHeld = true;
      for (const socket of open) socket.pause();
    },
    pass() {
      isHeld = false;
      for (const socket of open) socket.resume();
    },
    lose: (pattern) => void (lost = pattern),
    async [Symbol.asyncDispose]() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
