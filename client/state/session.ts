import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { Failure } from '../../contracts/failures.ts';
import type { Person, RouteBody, Settings, Welcome } from '../../contracts/routes.ts';
import type { call } from '../link/app-api.ts';
import type { LinkListener, LinkState } from '../link/socket.ts';
import { closeAccount, openAccount } from './account.ts';
import type { Account, AccountParts, Member } from './account.ts';
import { Surroundings } from './surroundings.ts';

/** The browser, as far as the session touches it. */
export interface SessionParts extends AccountParts {
  readonly call: typeof call;
  /** Begins the page anew: another account has signed in. */
  readonly reload: () => void;
}

export type SessionPhase = 'asking' | 'unanswered' | 'signed-out' | 'signed-in';

/** Who is signed in, and the connection that goes with it. What an account has not sent stays in the browser when its sign-in ends, and goes only with a sign-out. */
export class SessionController implements ReactiveController {
  phase: SessionPhase = 'asking';
  welcome: Welcome | undefined;
  account: Account | undefined;
  readonly #host: ReactiveControllerHost;
  readonly #parts: SessionParts;
  readonly #members: Member[] = [];
  readonly #surroundings = new Surroundings({ account: () => this.account, network: () => this.#host.requestUpdate() });
  #isLeaving = false;

  constructor(host: ReactiveControllerHost, parts: SessionParts) {
    this.#host = host;
    this.#parts = parts;
    host.addController(this);
  }

  add(member: Member): void {
    this.#members.push(member);
    if (this.account === undefined) return;
    member.signedIn(this.account);
    this.account.link.listen(member.listener);
  }

  hostConnected(): void {
    this.#surroundings.start();
    addEventListener('beforeunload', this.#leaving);
    void this.start();
  }

  hostDisconnected(): void {
    this.#surroundings.stop();
    removeEventListener('beforeunload', this.#leaving);
    this.#close();
  }

  /** Where the link stands; `offline` when the browser says that there is no network at all. */
  get connection(): LinkState | 'offline' {
    const state = this.account?.link.state ?? 'connecting';
    // The server closes the sockets of a sign-in before it answers that it has ended.
    if (state === 'ended' && this.#isLeaving) return 'live';
    return (state === 'lost' || state === 'connecting') && !navigator.onLine ? 'offline' : state;
  }

  async start(): Promise<void> {
    this.phase = 'asking';
    this.#host.requestUpdate();
    try {
      this.#welcomed(await this.#parts.call('welcome'));
    } catch {
      // Whatever it was, the page says that the server did not answer and offers to try again.
      this.phase = 'unanswered';
      this.#host.requestUpdate();
    }
  }

  /** Rejects with the `Failure` to be shown beside the form. */
  async signIn(body: RouteBody<'signIn'>): Promise<void> {
    this.#welcomed(await this.#parts.call('signIn', { body }));
  }

  async register(body: RouteBody<'register'>): Promise<void> {
    this.#welcomed(await this.#parts.call('register', { body }));
  }

  /** Ends this sign-in, or all of them, and removes what this browser keeps of the account. Rejects when the server did not do it; then nothing is removed. */
  async signOut(everywhere = false): Promise<void> {
    const { call } = this.#parts;
    const { account } = this;
    this.#isLeaving = true;
    try {
      await (everywhere ? call('signOutEverywhere') : call('signOut')).catch((error: unknown) => {
        if (!(error instanceof Failure && error.code === 'session-ended')) throw error;
      });
      this.#close();
    } finally {
      this.#isLeaving = false;
      this.#host.requestUpdate();
    }
    account?.outbox.clear();
    account?.drafts.clear();
    await this.start();
  }

  async change(change: Partial<Settings>): Promise<void> {
    const settings = await this.#parts.call('settings', { body: change });
    if (this.account !== undefined) this.account.settings = settings;
    this.#host.requestUpdate();
  }

  async rename(name: string): Promise<void> {
    const person = await this.#parts.call('rename', { body: { name } });
    if (this.account !== undefined) this.account.person = person;
    this.#host.requestUpdate();
  }

  #welcomed(welcome: Welcome): void {
    this.welcome = welcome;
    const { person, settings } = welcome;
    if (person === null || settings === null) {
      this.phase = 'signed-out';
    } else if (this.account === undefined) {
      this.phase = 'signed-in';
      this.#enter(person, settings);
    } else if (this.account.person.id === person.id) {
      Object.assign(this.account, { person, settings });
      if (this.account.link.state === 'ended') this.account.link.restart();
    } else {
      this.#parts.reload();
    }
    this.#host.requestUpdate();
  }

  #enter(person: Person, settings: Settings): void {
    this.account = openAccount({ person, settings }, this.#parts, (tell) => this.#each(tell));
    const { link } = this.account;
    link.listen(this.#listener);
    for (const member of this.#members) {
      member.signedIn(this.account);
      link.listen(member.listener);
    }
    link.connect();
  }

  readonly #listener: LinkListener = {
    greeted: () => {
      this.account?.drafts.forgetElsewhere();
      this.account?.outbox.connected();
      if (document.visibilityState === 'hidden') this.account?.link.hidden(true);
    },
    moved: (state) => {
      if (state !== 'live') this.account?.outbox.disconnected();
      this.#host.requestUpdate();
    },
    notice: (_, notice) => {
      const { account } = this;
      if (account === undefined) return;
      if (notice.type === 'settings') account.settings = notice.settings;
      if (notice.type === 'typing' && notice.tab !== account.tab) account.drafts.heard(notice.conversation, notice.tab, notice.text);
      this.#host.requestUpdate();
    },
  };

  #each(tell: (member: Member) => void): void {
    for (const member of this.#members) tell(member);
    this.#host.requestUpdate();
  }

  #close(): void {
    const { account } = this;
    if (account === undefined) return;
    this.account = undefined;
    closeAccount(account);
    this.#each((member) => member.signedOut());
  }

  /** The browser asks before it closes a page that alone knows of something unsent. */
  readonly #leaving = (event: BeforeUnloadEvent): void => {
    if (this.account?.entries.isKept === false) event.preventDefault();
  };
}
