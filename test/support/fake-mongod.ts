// As a mongod that was started with --replSet talks, as far as whoever starts one has to do with it: of no set until it is initiated, then a secondary that elects itself.
import { createServer, type Socket } from 'node:net';
import { BSON } from 'mongodb';

const values = Object.fromEntries(process.argv.flatMap((name, index, all) => (name.startsWith('--') ? [[name.slice(2), all[index + 1] ?? '']] : [])));
const OP_REPLY = 1;
const OP_QUERY = 2_004;
const OP_MSG = 2_013;
/** Hellos to which it answers that it is a secondary, before it is the primary. */
let electionLasts = 2;
let host: string | undefined;
let initiated: unknown;

function hello(): object {
  const common = { minWireVersion: 0, maxWireVersion: 25, maxBsonObjectSize: 16_777_216, maxMessageSizeBytes: 48_000_000, maxWriteBatchSize: 100_000, localTime: new Date(), helloOk: true, ok: 1 };
  if (host === undefined) return { ...common, isWritablePrimary: false, ismaster: false, secondary: false, isreplicaset: true, info: 'Does not have a valid replica set config' };
  const isPrimary = electionLasts-- <= 0;
  return { ...common, setName: values['replSet'], setVersion: 1, hosts: [host], me: host, isWritablePrimary: isPrimary, ismaster: isPrimary, secondary: !isPrimary, ...(isPrimary && { primary: host }) };
}

function answer(command: Record<string, unknown>): object {
  const [name = ''] = Object.keys(command);
  switch (name) {
    case 'hello': case 'ismaster': case 'isMaster':
      return hello();
    case 'replSetInitiate':
      initiated = command[name];
      host = (initiated as { members: { host: string }[] }).members[0]?.host;
      return { ok: 1 };
    case 'ping': case 'endSessions':
      return { ok: 1 };
    case 'whatWasAsked':
      return { ok: 1, initiated, values, electionLasts };
    default:
      return { ok: 0, errmsg: `no such command: '${name}'`, code: 59, codeName: 'CommandNotFound' };
  }
}

/** A message with its header, as an answer to another one. */
function message(to: number, kind: number, ...parts: Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const header = Buffer.alloc(16);
  [16 + body.length, to + 1, to, kind].forEach((value, index) => header.writeInt32LE(value, index * 4));
  return Buffer.concat([header, body]);
}

function take(socket: Socket, whole: Buffer): void {
  const [id, kind] = [whole.readInt32LE(4), whole.readInt32LE(12)];
  // A query has flags, the name of a collection and two numbers before its document; a message flags and the kind of its first section.
  const at = kind === OP_QUERY ? whole.indexOf(0, 20) + 9 : 21;
  const said = BSON.serialize(answer(BSON.deserialize(whole.subarray(at, at + whole.readInt32LE(at)))));
  const before = Buffer.alloc(kind === OP_QUERY ? 20 : 5);
  if (kind === OP_QUERY) before.writeInt32LE(1, 16);
  socket.write(message(id, kind === OP_QUERY ? OP_REPLY : OP_MSG, before, said));
}

createServer((socket) => {
  let waiting = Buffer.alloc(0);
  socket.on('error', () => undefined).on('data', (data: Buffer) => {
    waiting = Buffer.concat([waiting, data]);
    while (waiting.length >= 4 && waiting.length >= waiting.readInt32LE(0)) {
      const whole = waiting.subarray(0, waiting.readInt32LE(0));
      waiting = waiting.subarray(whole.length);
      take(socket, whole);
    }
  });
}).listen(Number(values['port']), values['bind_ip']);
