import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server } from 'socket.io';
import { readConfig } from '../../../server/config.ts';
import { start, type Running } from '../../../server/main.ts';
import type { ProviderSettings } from '../../../server/providers/settings.ts';
import { serveParent } from '../child.ts';

/** The product as it is, on a data folder of its own. */
const folder = mkdtempSync(join(tmpdir(), 'gorunchat-load-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

/** Socket.IO does not hand its sockets out; what waits in them is looked at where it is attached. */
const attached: Server[] = [];
const attach = Server.prototype.attach;
Server.prototype.attach = function (this: Server, ...given: Parameters<typeof attach>) {
  attached.push(this);
  return attach.apply(this, given);
};

let running: Running | undefined;

interface Start {
  readonly wordsPerSecond?: number;
  /** The endpoint that answers as `fake/fake`. */
  readonly provider?: string;
  /** What this instance shares with others; without it, it is the only one. */
  readonly shared?: { readonly mongo: string; readonly redis: string; readonly masterKey: string };
}

async function startProduct({ wordsPerSecond = 50, provider, shared }: Start): Promise<string> {
  const fake: ProviderSettings = { id: 'fake', name: 'Fake', kind: 'openai-compatible', baseUrl: provider, key: undefined, ownKeys: false, models: [{ name: 'fake' }], fetch: false, titleModel: undefined, headers: {} };
  const config = readConfig({ HOST: '127.0.0.1', GORUNCHAT_DATA: folder, LOG_LEVEL: 'error', ...(shared && { MONGODB_URI: shared.mongo, REDIS_URL: shared.redis, GORUNCHAT_MASTER_KEY: shared.masterKey }) }, folder);
  running = await start({ ...config, port: 0, trustProxy: true, demoWordsPerSecond: wordsPerSecond, hasDemo: true, providers: provider === undefined ? [] : [fake] });
  return running.url;
}

interface Packet {
  readonly data?: string | Buffer;
  readonly options?: { readonly wsPreEncodedFrame?: readonly Buffer[] };
}

const most = { packets: 0, bytes: 0 };

interface Held {
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

/** How many sockets take nothing more: they hold as many packets as make a tab slow. */
const SLOW_PACKETS = 16;

/** Looks each millisecond at what this process holds for each socket: queued packets and what its stream could not hand to the kernel. */
function watchHeld(): void {
  setInterval(() => {
    for (const { packets, bytes } of heldNow()) {
      most.packets = Math.max(most.packets, packets);
      most.bytes = Math.max(most.bytes, bytes);
    }
  }, 1).unref();
}

function sizeOf({ options, data }: Packet): number {
  return options?.wsPreEncodedFrame?.reduce((sum, part) => sum + part.length, 0) ?? data?.length ?? 0;
}

serveParent({ start: startProduct, watchHeld, held: () => most, holding: () => heldNow().filter(({ packets }) => packets >= SLOW_PACKETS).length }, () => running?.close());
