import { Redis } from 'ioredis';
import { pauseMs, type Address } from './address.ts';

export interface EarParts {
  readonly address: Address;
  readonly channel: string;
  /** Nodes that can be listened to; on a cluster any of them hears everything. */
  nodes(): readonly { host: string; port: number }[];
  onMessage(text: string): void;
  /** It hears again: what was said meanwhile was missed. */
  onBack(): void;
  onLost(): void;
}

/** Listens to this instance's channel for as long as the instance lives. A connection of its own, because one that listens may do nothing else. */
export class Ear {
  readonly #parts: EarParts;
  #line: Redis | undefined;
  #isClosed = false;
  #tries = 0;

  constructor(parts: EarParts) {
    this.#parts = parts;
  }

  get isOpen(): boolean {
    return this.#line !== undefined;
  }

  /** Resolves once everything that is said reaches this instance. */
  async open(): Promise<void> {
    const { address, channel, nodes, onMessage } = this.#parts;
    const choices = nodes();
    const line = new Redis({ ...address.shared, ...choices[this.#tries++ % choices.length], retryStrategy: () => null, socketTimeout: undefined });
    line.on('error', () => undefined); // 'end' follows
    line.on('message', (_, text: string) => onMessage(text));
    try {
      await line.connect();
      await line.subscribe(channel);
    } catch (error) {
      line.disconnect();
      throw error;
    }
    if (this.#isClosed) return line.disconnect();
    if (line.status === 'end') throw new Error('the connection broke off');
    this.#line = line;
    this.#tries = 0;
    line.once('end', () => this.#lost());
  }

  /** Finds out whether it still hears; a connection that does not answer is replaced. */
  check(): void {
    const line = this.#line;
    line?.ping().catch(() => line.disconnect());
  }

  close(): void {
    this.#isClosed = true;
    this.#line?.disconnect();
  }

  #lost(): void {
    this.#line = undefined;
    if (this.#isClosed) return;
    this.#parts.onLost();
    this.#again();
  }

  #again(): void {
    setTimeout(() => {
      if (this.#isClosed) return;
      this.open().then(() => this.#line !== undefined && this.#parts.onBack(), () => this.#again());
    }, pauseMs(this.#tries)).unref();
  }
}
