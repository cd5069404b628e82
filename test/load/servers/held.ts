import { Server } from 'socket.io';
import type { Calls } from '../child.ts';

/** What a process holds for each of its sockets: queued packets, and what their streams could not hand to the kernel. */
const attached: Server[] = [];

/** Socket.IO does not hand its sockets out; what waits in them is looked at where it is attached. To be called before there is a server. */
export function watchServers(): void {
  const attach = Server.prototype.attach;
  Server.prototype.attach = function (this: Server, ...given: Parameters<typeof attach>) {
    attached.push(this);
    return attach.apply(this, given);
  };
}

interface Packet {
  readonly data?: string | Buffer;
  readonly options?: { readonly wsPreEncodedFrame?: readonly Buffer[] };
}

export interface Held {
  readonly packets: number;
  readonly bytes: number;
}

/** What is held for each socket right now. */
function heldNow(): Held[] {
  return attached.flatMap((server) => [...server.sockets.sockets.values()]).map(({ conn }) => {
    const { writeBuffer, transport } = conn as unknown as { writeBuffer: Packet[]; transport: { socket?: { bufferedAmount: number } } };
    return { packets: writeBuffer.length, bytes: writeBuffer.reduce((sum, packet) => sum + sizeOf(packet), transport.socket?.bufferedAmount ?? 0) };
  });
}

function sizeOf({ options, data }: Packet): number {
  return options?.wsPreEncodedFrame?.reduce((sum, part) => sum + part.length, 0) ?? data?.length ?? 0;
}

/** How many sockets take nothing more: they hold as many packets as make a tab slow. */
const SLOW_PACKETS = 16;

const most = { packets: 0, bytes: 0 };

function look(): void {
  for (const { packets, bytes } of heldNow()) {
    most.packets = Math.max(most.packets, packets);
    most.bytes = Math.max(most.bytes, bytes);
  }
}

/** For the process that started this one. */
export const heldCalls = {
  /** Looks each so many milliseconds from now on. */
  watchHeld: (everyMs: number) => void setInterval(look, everyMs).unref(),
  /** The most that was held for one socket. */
  held: () => (look(), most),
  holding: () => heldNow().filter(({ packets }) => packets >= SLOW_PACKETS).length,
} satisfies Calls;
