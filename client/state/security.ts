import type { ReactiveControllerHost } from 'lit';
import type { SecurityNotice } from '../../contracts/security.ts';
import type { call } from '../link/app-api.ts';
import type { LinkListener } from '../link/socket.ts';

export interface SecurityParts {
  readonly call: typeof call;
  /** Something happened that this sign-in has not done itself, while the page was open. */
  readonly tell: (notice: SecurityNotice) => void;
}

/** What happened to the account, the latest first: read when somebody signs in, and again whenever there is news. */
export class SecurityNotices {
  /** Undefined until they were read. */
  notices: readonly SecurityNotice[] | undefined;
  readonly #host: ReactiveControllerHost;
  readonly #parts: SecurityParts;
  /** The number of the last notice that the page knows; what is later is news. */
  #known: number | undefined;
  #greetedAt: number | undefined;
  #reading: Promise<void> | undefined;
  #isStale = false;

  constructor(host: ReactiveControllerHost, parts: SecurityParts) {
    this.#host = host;
    this.#parts = parts;
  }

  readonly listener: LinkListener = {
    greeted: (hello) => {
      if (this.#greetedAt !== undefined && hello.notices !== this.#greetedAt) void this.read();
      this.#greetedAt = hello.notices;
    },
    notice: (number, notice) => {
      this.#greetedAt = Math.max(number, this.#greetedAt ?? 0);
      if (notice.type === 'security') void this.read();
    },
  };

  /** What is news to this sign-in. */
  get unseen(): number {
    return (this.notices ?? []).filter(isNews).length;
  }

  /** One question at a time: what happens while one is asked is asked for after it, so that nothing is told twice or in another order. */
  read(): Promise<void> {
    this.#isStale = this.#reading !== undefined;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
      if (this.#isStale) void this.read();
    });
    return this.#reading;
  }

  async see(): Promise<void> {
    const newest = this.notices?.[0];
    if (newest === undefined) return;
    await this.#parts.call('seeSecurity', { body: { upTo: newest.number } });
    await this.read();
  }

  clear(): void {
    this.notices = undefined;
    this.#known = undefined;
    this.#greetedAt = undefined;
  }

  async #read(): Promise<void> {
    const asked = await this.#parts.call('securityNotices').catch(() => undefined); // asked again with the next news, and when somebody looks
    if (asked === undefined) return;
    const known = this.#known;
    this.notices = asked.notices;
    this.#known = asked.notices[0]?.number ?? 0;
    this.#host.requestUpdate();
    if (known === undefined) return;
    for (const notice of asked.notices.filter((one) => one.number > known && isNews(one)).toReversed()) this.#parts.tell(notice);
  }
}

function isNews({ isSeen, isThis }: SecurityNotice): boolean {
  return !isSeen && !isThis;
}
