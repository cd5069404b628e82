import { createRequire } from 'node:module';
import type { Socket } from 'node:net';

/** What this file knows of the driver's connection (7.9.0, `lib/cmap/connection.js`). */
interface DriverConnection {
  readonly socket: Socket;
  /** What is done when the socket says that it is closed; a second time it does nothing. */
  onClose(): void;
  /** Throws when the connection is closed. */
  throwIfAborted(): void;
  writeCommand(...given: unknown[]): Promise<void>;
}

let isDone = false;

/**
 * No command is written into a socket that is gone. Between the end of a socket and its `close` event the driver takes the connection for usable; its write then waits for a
 * `drain` that nobody sends, without any time limit, since a destroyed socket has no timeout either. When that happens to the connection that watches the server, the
 * client never finds the server again; to any other, its caller waits for ever. Seen with 7.9.0 when connections broke off while the server was asked again.
 * Throws when the driver is another one than this was written for.
 */
export function refuseClosedSockets(): void {
  if (isDone) return;
  isDone = true;
  const { Connection } = createRequire(import.meta.url)('mongodb/lib/cmap/connection.js') as { Connection: { prototype: DriverConnection } };
  const { writeCommand, onClose, throwIfAborted } = Connection.prototype;
  if ([writeCommand, onClose, throwIfAborted].some((method) => typeof method !== 'function')) throw new Error('This version of the MongoDB driver is not the one that server/store/mongo/closed-sockets.ts was written for.');
  Connection.prototype.writeCommand = async function (this: DriverConnection, ...given: unknown[]): Promise<void> {
    if (this.socket.destroyed) {
      this.onClose();
      this.throwIfAborted();
    }
    return writeCommand.apply(this, given);
  };
}
