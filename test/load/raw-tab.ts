import { randomBytes } from 'node:crypto';
import { request as requestPlain, type IncomingMessage } from 'node:http';
import { request as requestSecure } from 'node:https';
import type { Socket } from 'node:net';

export interface RawTabOptions {
  readonly headers?: Record<string, string>;
  readonly auth?: object;
}

type Hear = (name: string, args: readonly unknown[]) => void;

/**
 * The cheapest honest Socket.IO client: one websocket, frames parsed where they arrive, no reconnecting. It answers pings and knows acknowledgements. A load
 * generator shares the machine with the server, so what it does not do for a frame the server can.
 */
export class RawTab {
  /** Called for each event. */
  hear: Hear = () => undefined;
  /** Bytes of frames heard. */
  bytes = 0;
  isClosed = false;
  readonly #ended = Promise.withResolvers<void>();
  /** Resolves when the socket has closed, from either side. */
  readonly ended = this.#ended.promise;
  readonly #socket: Socket;
  readonly #answers = new Map<number, (value: unknown) => void>();
  #lastAsked = 0;
  #rest: Buffer = Buffer.alloc(0);
  #greeted: { resolve: () => void; reject: (error: Error) => void } | undefined;
  readonly #auth: object;

  private constructor(socket: Socket, auth: object) {
    this.#socket = socket;
    this.#auth = auth;
    socket.setNoDelay(true);
    socket.on('data', (data: Buffer) => this.#take(data));
    socket.on('close', () => {
      this.isClosed = true;
      this.#ended.resolve();
      this.#greeted?.reject(new Error('the server closed the socket'));
    });
    socket.on('error', () => undefined); // 'close' follows
  }

  /** Resolves when the server has accepted the tab; `hear` given here misses nothing. */
  static async connect(url: string, { headers = {}, auth = {} }: RawTabOptions = {}, hear?: Hear): Promise<RawTab> {
    const { hostname, port, protocol } = new URL(url);
    const request = protocol === 'https:' ? requestSecure : requestPlain;
    const upgrade = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': randomBytes(16).toString('base64') };
    const asked = request({ host: hostname, port, path: '/socket.io/?EIO=4&transport=websocket', headers: { ...upgrade, ...headers }, agent: false });
    const [socket, head] = await new Promise<[Socket, Buffer]>((resolve, reject) => {
      asked.once('upgrade', (_reply: IncomingMessage, found: Socket, first: Buffer) => resolve([found, first]));
      asked.once('response', (reply) => reject(new Error(`no websocket: ${reply.statusCode}`)));
      asked.once('error', reject);
      asked.end();
    });
    const tab = new RawTab(socket, auth);
    if (hear !== undefined) tab.hear = hear;
    await new Promise<void>((resolve, reject) => {
      tab.#greeted = { resolve, reject };
      if (head.length > 0) tab.#take(head);
    });
    return tab;
  }

  emit(name: string, ...args: readonly unknown[]): void {
    this.#send(`42${JSON.stringify([name, ...args])}`);
  }

  /** Emits and resolves with the acknowledgement. `take` is given it before any event that came after it is heard. */
  ask<T>(name: string, asked: unknown, take: (value: T) => void = () => undefined): Promise<T> {
    const id = ++this.#lastAsked;
    return new Promise((resolve) => {
      this.#answers.set(id, (value) => {
        take(value as T);
        resolve(value as T);
      });
      this.#send(`42${id}${JSON.stringify([name, asked])}`);
    });
  }

  /** Reads nothing more, as a tab does that hangs. */
  stall(): void {
    this.#socket.pause();
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(data: Buffer): void {
    const all = this.#rest.length === 0 ? data : Buffer.concat([this.#rest, data]);
    let at = 0;
    while (true) {
      const frame = frameAt(all, at);
      if (frame === undefined) break;
      at = frame.end;
      this.bytes += frame.end - frame.start;
      if (frame.opcode === 1) this.#hearPacket(all.toString('utf8', frame.start, frame.end));
      else if (frame.opcode === 8) this.#socket.destroy();
    }
    this.#rest = at === all.length ? Buffer.alloc(0) : all.subarray(at);
  }

  #hearPacket(packet: string): void {
    if (packet.startsWith('42[')) {
      const [name, ...args] = JSON.parse(packet.slice(2)) as [string, ...unknown[]];
      this.hear(name, args);
    } else if (packet.startsWith('43')) {
      const bracket = packet.indexOf('[');
      const id = Number(packet.slice(2, bracket));
      this.#answers.get(id)?.((JSON.parse(packet.slice(bracket)) as unknown[])[0]);
      this.#answers.delete(id);
    } else if (packet === '2') this.#send('3');
    else if (packet.startsWith('0')) this.#send(`40${JSON.stringify(this.#auth)}`);
    else if (packet.startsWith('40')) this.#greeted?.resolve();
    else if (packet.startsWith('41')) this.#socket.destroy(); // as any client does that is told to go
    else if (packet.startsWith('44')) this.#greeted?.reject(new Error(`refused: ${packet.slice(2)}`));
  }

  /** A text frame with a mask of zeros: allowed, and free. */
  #send(packet: string): void {
    if (this.isClosed) return;
    const body = Buffer.from(packet);
    const head = body.length < 126 ? Buffer.alloc(6) : body.length < 65_536 ? Buffer.alloc(8) : Buffer.alloc(14);
    head[0] = 0x81;
    if (body.length < 126) head[1] = 0x80 | body.length;
    else if (body.length < 65_536) {
      head[1] = 0x80 | 126;
      head.writeUInt16BE(body.length, 2);
    } else {
      head[1] = 0x80 | 127;
      head.writeBigUInt64BE(BigInt(body.length), 2);
    }
    this.#socket.write(Buffer.concat([head, body]));
  }
}

/** The frame that begins at `at`, when all of it is there. */
function frameAt(bytes: Buffer, at: number): { opcode: number; start: number; end: number } | undefined {
  if (bytes.length < at + 2) return undefined;
  const opcode = (bytes[at] as number) & 0x0f;
  let length = (bytes[at + 1] as number) & 0x7f;
  let start = at + 2;
  if (length === 126) {
    if (bytes.length < at + 4) return undefined;
    length = bytes.readUInt16BE(at + 2);
    start = at + 4;
  } else if (length === 127) {
    if (bytes.length < at + 10) return undefined;
    length = Number(bytes.readBigUInt64BE(at + 2));
    start = at + 10;
  }
  return bytes.length < start + length ? undefined : { opcode, start, end: start + length };
}
