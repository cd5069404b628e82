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

/** What passes on one connection, changed on its way, each way in its order: what comes next waits for it. */
export interface Changed {
  there(data: Buffer): Promise<Buffer>;
  back(data: Buffer): Promise<Buffer>;
}

export async function newLink(targetPort: number, changedOn?: () => Changed): Promise<TestLink> {
  const open = new Set<Socket>();
  let isClosed = false;
  let isHeld = false;
  let lost: RegExp | undefined;
  const server = createServer((near) => {
    if (isClosed) return void near.destroy();
    const far = connect(targetPort, '127.0.0.1');
    const changed = changedOn?.();
    for (const [socket, other, change] of [[near, far, changed?.there], [far, near, changed?.back]] as const) {
      const { carry, after } = carrying(other, change);
      open.add(socket);
      socket.on('error', () => undefined); // 'close' follows
      socket.on('data', (data: Buffer) => {
        if (socket === near || lost?.test(data.toString()) !== true) carry(data);
      });
      socket.on('end', () => after(() => other.end()));
      socket.on('close', () => (open.delete(socket), after(() => other.destroy())));
    }
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

interface Carrying {
  carry(data: Buffer): void;
  /** Does it once all is carried that came before. */
  after(what: () => unknown): void;
}

function carrying(to: Socket, change?: (data: Buffer) => Promise<Buffer>): Carrying {
  if (change === undefined) return { carry: (data) => void to.write(data), after: (what) => void what() };
  let last: Promise<unknown> = Promise.resolve();
  const after = (what: () => unknown): void => {
    last = last.then(what).catch((error: unknown) => to.destroy(error instanceof Error ? error : new Error(String(error))));
  };
  const pass = async (data: Buffer): Promise<void> => {
    const changed = await change(data);
    if (to.writable) to.write(changed);
  };
  return { carry: (data) => after(() => pass(data)), after };
}
