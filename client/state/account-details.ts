import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { SessionId } from '../../contracts/ids.ts';
import type { ProviderKey } from '../../contracts/models.ts';
import type { RouteReply } from '../../contracts/routes.ts';
import type { LinkListener } from '../link/socket.ts';
import type { Member } from './account.ts';
import { SecurityNotices, type SecurityParts } from './security.ts';

/** Keys, sign-ins and what happened to the account: read when somebody looks at them, changed one at a time. Failures are the caller's to show. */
export class AccountDetailsController implements ReactiveController, Member {
  keys: readonly ProviderKey[] | undefined;
  sessions: RouteReply<'sessions'>['sessions'] | undefined;
  readonly security: SecurityNotices;
  readonly listener: LinkListener;
  readonly #host: ReactiveControllerHost;
  readonly #call: SecurityParts['call'];

  constructor(host: ReactiveControllerHost, parts: SecurityParts) {
    this.#host = host;
    this.#call = parts.call;
    this.security = new SecurityNotices(host, parts);
    this.listener = {
      greeted: (hello) => this.security.listener.greeted?.(hello),
      notice: (number, notice) => {
        this.security.listener.notice?.(number, notice);
        if (notice.type === 'models' && this.keys !== undefined) this.read('keys').catch(() => undefined); // the list that is shown stays
        if (notice.type === 'security' && this.sessions !== undefined) this.#readSessions().catch(() => undefined);
      },
    };
    host.addController(this);
  }

  hostConnected(): void {
    // Nothing is read before somebody looks.
  }

  async read(section: 'keys' | 'security'): Promise<void> {
    if (section === 'keys') this.keys = (await this.#call('keys')).keys;
    else await Promise.all([this.security.read(), this.#readSessions()]);
    this.#host.requestUpdate();
  }

  async #readSessions(): Promise<void> {
    this.sessions = (await this.#call('sessions')).sessions;
    this.#host.requestUpdate();
  }

  /** Keeps a key, or removes it when there is none. */
  async changeKey(provider: string, key: string | undefined, expiresInDays: number | null): Promise<void> {
    const params = { provider };
    if (key === undefined) await this.#call('removeKey', { params });
    else await this.#call('setKey', { params, body: { key, expiresInDays } });
    await this.read('keys');
  }

  async removeKeys(): Promise<void> {
    await this.#call('removeKeys');
    await this.read('keys');
  }

  /** One sign-in, or every other one. */
  async endSession(session: SessionId | 'others'): Promise<void> {
    if (session === 'others') await this.#call('signOutOthers');
    else await this.#call('endSession', { params: { session } });
    await this.read('security');
  }

  async changePassword(current: string, password: string): Promise<void> {
    await this.#call('changePassword', { body: { current, password } });
    await this.read('security');
  }

  signedIn(): void {
    void this.security.read();
  }

  signedOut(): void {
    this.keys = undefined;
    this.sessions = undefined;
    this.security.clear();
  }
}
