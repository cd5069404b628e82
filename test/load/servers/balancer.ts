import { connect, createServer, type Socket } from 'node:net';
import { serveParent } from '../child.ts';

/** Stands before several servers, as any balancer does: each connection goes to the first of them that takes it, byte for byte. */
let targets: readonly string[] = [];

const server = createServer((socket) => {
  socket.setNoDelay(true).pause();
  socket.on('error', () => socket.destroy());
  passOn(socket, [...targets]);
});

function passOn(socket: Socket, [target, ...others]: readonly string[]): void {
  if (target === undefined) return void socket.destroy();
  const { hostname, port } = new URL(target);
  const onward = connect(Number(port), hostname);
  let isThrough = false;
  onward.setNoDelay(true).once('connect', () => {
    isThrough = true;
    socket.pipe(onward).pipe(socket);
  });
  onward.on('error', () => (isThrough ? socket.destroy() : passOn(socket, others)));
  onward.on('close', () => isThrough && socket.destroy());
  socket.on('close', () => onward.destroy());
}

serveParent({
  start: () => new Promise<string>((resolve) => server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as { port: number }).port}`))),
  /** In the order in which they are tried. */
  lead: (urls: readonly string[]) => {
    targets = urls;
  },
});
