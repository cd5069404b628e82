import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { SessionId } from '../../contracts/ids.ts';
import type { ProviderKey } from '../../contracts/models.ts';
import type { RouteReply } from '../../contracts/routes.ts';
import type { call } from '../link/app-api.ts';

/** Keys and sign-ins of the person: read when somebody looks at them, changed one at a time. Failures are the caller's to show. */
export class AccountDetailsController implements ReactiveController {
  keys: readonly ProviderKey[] | undefined;
  sessions: RouteReply<'sessions'>['sessions'] | undefined;
  readonly #host: ReactiveControllerHost;
  readonly #call: typeof call;

  constructor(host: ReactiveControllerHost, parts: { call: typeof call }) {
    this.#host = host;
    this.#call = parts.call;
    host.addController(this);
  }

  hostConnected(): void {
    // Nothing is read before somebody looks.
  }

  async read(section: 'keys' | 'account'): Promise<void> {
    if (section === 'keys') this.keys = (await this.#call('keys')).keys;
    else this.sessions = (await this.#call('sessions')).sessions;
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

  async endSession(session: SessionId): Promise<void> {
    await this.#call('endSession', { params: { session } });
    await this.read('account');
  }

  clear(): void {
    this.keys = undefined;
    this.sessions = undefined;
  }
}
