import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { Failure, refusalOf } from '../../contracts/failures.ts';
import type { FailureCode, Refusal } from '../../contracts/failures.ts';
import type { ConversationId, SiteId, UserId } from '../../contracts/ids.ts';
import type { Settings } from '../../contracts/routes.ts';
import type { Handshake } from '../../contracts/socket.ts';
import { siteModel } from '../../contracts/site-model.ts';
import type { ShownSite, Solution, Visit } from '../../contracts/sites.ts';
import type { call } from '../link/visitor-api.ts';
import type { LinkListener, LinkState } from '../link/socket.ts';
import type { Account, Member } from './account.ts';
import { outboxOf } from '../link/outbox-keys.ts';
import { later } from './frame.ts';
import { dropItems, keepItem, keysWith, readItem } from './storage.ts';
import { Surroundings } from './surroundings.ts';

/** `closed`: the site does not answer here, or not any more. `unanswered`: nobody could be asked; it is tried again. */
export type VisitPhase = 'asking' | 'open' | 'unanswered' | 'closed';

export interface VisitParts {
  readonly storage: Storage | undefined;
  readonly call: typeof call;
  readonly site: SiteId;
  /** The origin of the deployment. */
  readonly server: string;
  /** Of a frame: the origin of the page around it. */
  readonly page: string | undefined;
  /** Something ended badly that nobody was told of otherwise. */
  readonly failed: (code: FailureCode) => void;
  /** The site vouches for this user. */
  readonly known: (user: UserId) => void;
  /** Another tab of this browser has changed what is kept of a chat under this key. */
  readonly stored: (key: string) => void;
  /** Another tab of this browser has forgotten who this was. */
  readonly forgotten: () => void;
}

/** Refusals that will not be others a moment later. */
const FOR_GOOD: readonly FailureCode[] = ['site-closed', 'not-found', 'foreign-origin', 'not-permitted', 'identity-refused'];
/** Milliseconds before the end of a token at which the next one is asked for, or half its life when that is shorter. */
const RENEW_BEFORE_MS = 90_000;
const AGAIN_AFTER_MS = 2_000;
const LOST_MS = 10_000;
const SLOWEST_AGAIN_MS = 60_000;

/**
 * Who is on the site's page, and the connection that goes with it. The visitor is known again on the site's next page where the browser keeps anything, or by the site's word.
 * Nothing is connected, and what connects is not fetched, before there is a conversation to follow or somebody begins to write.
 */
export class VisitController implements ReactiveController {
  phase: VisitPhase = 'asking';
  shown: ShownSite | undefined;
  visit: Visit | undefined;
  account: Account | undefined;
  refusal: Refusal | undefined;
  /** Milliseconds by which the clock of this browser is ahead of the server's. */
  ahead = 0;
  readonly #host: ReactiveControllerHost;
  readonly #parts: VisitParts;
  readonly #members: Member[] = [];
  readonly #surroundings = new Surroundings({
    account: () => this.account,
    hearsHidden: true, // the count of what is new, and the tone, are for those who look elsewhere
    network: (isThere) => {
      if (isThere && this.phase === 'unanswered') void this.#begin();
      this.#host.requestUpdate();
    },
    stored: (key) => {
      if (key === this.begunKey && this.account === undefined) void this.#begin();
      // Another tab has forgotten who this was, as somebody anonymous or in the words of the site.
      if (key === this.#forgottenKey) {
        this.#identity = undefined;
        const kept = this.#stored;
        if (kept !== undefined && whose(kept) === this.visit?.visitor) keepItem(this.#parts.storage, this.#keepKey, undefined); // written in the moment between
        this.#parts.forgotten();
        this.#drop();
      }
      if (key?.startsWith('gorunchat.') === true) {
        this.#parts.stored(key);
        this.#host.requestUpdate(); // what was agreed to there is here as well
      }
      if ((key === this.#keepKey || key === null) && this.visit?.name === null) {
        const kept = this.#stored;
        if (kept === undefined) this.#drop();
        else if (whose(kept) !== this.visit.visitor) void this.#begin();
      }
    },
  });
  #identity: string | undefined;
  /** Of the visitor while nobody says who it is, and who that is. It goes with what the site says, so that what was begun goes on. */
  #keep: string | undefined;
  /** When the token runs out, by the clock of this browser. */
  #endsAt = 0;
  /** Whom the next one may turn out to have been. */
  #left: Account | undefined;
  /** They were connected and may have sent something since the server was asked who this is. */
  #isUnsettled = false;
  #cancel: (() => void) | undefined;
  #failures = 0;
  #asking = 0;
  #begun: Promise<void> | undefined;
  #isWanted = false;
  #isHere = false;
  #entered = Promise.withResolvers<Account>();
  #leave: (() => void) | undefined;

  constructor(host: ReactiveControllerHost, parts: VisitParts) {
    this.#host = host;
    this.#parts = parts;
    host.addController(this);
  }

  add(member: Member): void {
    this.#members.push(member);
  }

  hostConnected(): void {
    this.#isHere = true;
    this.#surroundings.start();
    void this.#begin();
  }

  hostDisconnected(): void {
    this.#isHere = false;
    this.#surroundings.stop();
    this.#asking += 1;
    this.#cancel?.();
    this.#close();
  }

  get connection(): LinkState | 'offline' | 'idle' {
    if (this.account === undefined) return navigator.onLine ? 'idle' : 'offline';
    const { state } = this.account.link;
    return (state === 'lost' || state === 'connecting' || state === 'crowded') && !navigator.onLine ? 'offline' : state;
  }

  /** For whoever wants to say something: resolves once it can be said. Rejects when the chat is closed. */
  connect(): Promise<Account> {
    this.#isWanted = true;
    if (this.phase === 'closed') return Promise.reject(new Failure(this.refusal?.code ?? 'site-closed'));
    if (this.account === undefined && this.visit !== undefined) void this.#enter(this.visit);
    return this.#entered.promise;
  }

  /** The site says who this is, with a JWT of its own, or (`undefined`) that it says nothing any more. */
  async identify(identity: string | undefined): Promise<void> {
    this.#identity = identity;
    void this.#begin();
    await this.#settled();
  }

  async #settled(): Promise<void> {
    // Whoever asks meanwhile asks for this one as well: the last answer is the one that counts.
    for (let begun: Promise<void> | undefined; begun !== this.#begun; await begun) begun = this.#begun;
    if (this.phase !== 'open') throw new Failure(this.refusal?.code ?? 'server-busy');
  }

  /** Forgets who this was: what is kept here goes, and a new visitor begins. */
  async forget(): Promise<void> {
    this.account?.outbox.clear();
    const { visitor } = this.visit ?? {};
    if (visitor !== undefined) dropItems(this.#parts.storage, outboxOf(visitor)); // also what nobody connected for
    for (const key of [this.#keepKey, this.begunKey]) keepItem(this.#parts.storage, key, undefined);
    this.#identity = undefined;
    keepItem(this.#parts.storage, this.#forgottenKey, String(Date.now())); // what is the same as before tells nobody
    this.#drop();
    await this.#settled();
  }

  #drop(): void {
    this.#asking += 1;
    this.#cancel?.();
    this.#close();
    this.#isWanted = false;
    this.#keep = undefined;
    this.visit = undefined;
    void this.#begin();
  }

  /** Something was said on a page before and has not gone out yet. */
  #hasUnsent(visitor: UserId): boolean {
    return keysWith(this.#parts.storage, outboxOf(visitor)).length > 0;
  }

  /** The conversation this visitor goes on with. */
  get conversation(): ConversationId | undefined {
    return this.visit?.conversation ?? undefined;
  }

  #begin(): Promise<void> {
    this.#begun = this.#ask();
    return this.#begun;
  }

  async #ask(): Promise<void> {
    const { call, site, server } = this.#parts;
    const asking = ++this.#asking;
    this.#cancel?.();
    try {
      if (this.shown === undefined) {
        this.shown = await call('shownSite', { params: { site }, from: { server } });
        this.#host.requestUpdate(); // writing can begin; what is sent waits
      }
      await this.#admit(asking);
    } catch (error) {
      if (asking === this.#asking) this.#refused(refusalOf(error));
    }
    this.#host.requestUpdate();
  }

  /** The tabs of a browser are one visitor: of those that become somebody new at the same moment one is kept, and the others ask again as that one. */
  async #admit(asking: number): Promise<void> {
    const { call, site, server, page, storage } = this.#parts;
    const identity = this.#identity;
    const keep = this.#kept;
    const isStored = this.#stored !== undefined;
    const body = { page, identity, keep: keep?.split(' ').at(-1), unsettled: this.#isUnsettled };
    const ask = (solution?: Solution): Promise<Visit> => call('visit', { params: { site }, body: { ...body, solution }, from: { server } });
    const visit = await ask().catch(async (error: unknown) => {
      if (refusalOf(error).code !== 'challenge-needed') throw error;
      return ask(await (await import('./challenge.ts')).work(site, server));
    });
    const isLate = (): boolean => {
      if (asking !== this.#asking) return false;
      if (identity === undefined && isStored && this.#stored === undefined) {
        this.#keep = undefined; // another tab has forgotten who this was
        return true;
      }
      if (identity === undefined && this.#kept !== keep && this.#kept !== undefined && whose(this.#kept) !== visit.visitor) return true;
      this.#admitted(visit);
      return false;
    };
    // Held for a look only, so that no tab waits for what another is being answered.
    if (await (storage !== undefined && 'locks' in navigator ? navigator.locks.request(this.#keepKey, isLate) : isLate())) await this.#admit(asking);
  }

  #admitted(visit: Visit): void {
    const before = this.visit;
    const { account } = this;
    this.visit = visit;
    this.#isUnsettled = false;
    this.refusal = undefined;
    this.phase = 'open';
    if (this.#identity === undefined) keepItem(this.#parts.storage, this.#keepKey, (this.#keep = `${visit.visitor} ${visit.keep}`));
    else this.#parts.known(visit.visitor);
    if (account === undefined || before?.visitor !== visit.visitor) {
      this.#close();
      if (this.#isWanted || visit.conversation !== null || this.#hasUnsent(visit.visitor)) void this.#enter(visit);
    } else {
      account.link.renew(visit.token);
      if (account.link.state === 'ended') account.link.restart();
    }
    const { lastsMs, now } = visit;
    this.ahead = Date.now() - now;
    this.#endsAt = Date.now() + lastsMs;
    this.#cancel = later(Math.max(1_000, lastsMs - Math.min(RENEW_BEFORE_MS, lastsMs / 2)), () => void this.#begin());
  }

  #refused(refusal: Refusal): void {
    this.refusal = refusal;
    if (FOR_GOOD.includes(refusal.code)) {
      this.phase = 'closed';
      this.#close();
      this.#entered.promise.catch(() => undefined); // whoever waits is told; nobody may wait
      this.#entered.reject(new Failure(refusal.code));
      this.#entered = Promise.withResolvers();
      this.#parts.failed(refusal.code);
      return;
    }
    if (this.visit === undefined || this.#endsAt < Date.now()) this.phase = 'unanswered';
    this.#cancel = later(Math.max(refusal.retryAfterMs ?? 0, Math.min(SLOWEST_AGAIN_MS, AGAIN_AFTER_MS * 2 ** this.#failures++)), () => void this.#begin());
  }

  async #enter(visit: Visit): Promise<void> {
    const loaded = await Promise.all([import('./account.ts'), import('../link/socket.ts')]).catch(() => undefined);
    if (!this.#isHere || this.account !== undefined || this.visit?.visitor !== visit.visitor) return;
    if (loaded === undefined) return this.#refused({ code: 'server-busy' });
    const [{ openAccount, closeAccount, bringOver, unsentIn }, { openSocket }] = loaded;
    const { storage, server, site } = this.#parts;
    const person = { id: visit.visitor, email: '', name: visit.name ?? '', role: 'member' as const };
    const parts = { storage, locks: navigator.locks, socket: (handshake: Handshake) => openSocket(handshake, server) };
    const account = openAccount({ person, settings: settingsOf(site), token: this.visit.token }, parts, (tell) => this.#each(tell));
    const conversation = (visit.was && bringOver(account, visit.was, this.#left, storage)) ?? (visit.conversation === null ? unsentIn(account) : undefined);
    if (conversation !== undefined) this.visit = { ...this.visit, conversation };
    this.account = account;
    this.#isWanted = true;
    this.#leave = () => closeAccount(account);
    account.link.listen(this.#listener);
    for (const member of this.#members) {
      member.signedIn(account);
      account.link.listen(member.listener);
    }
    account.link.connect();
    if (visit.was !== undefined && this.#left?.person.id === visit.was) {
      this.#isUnsettled = true;
      void this.#begin();
    }
    this.#entered.resolve(account);
    this.#host.requestUpdate();
  }

  readonly #listener: LinkListener = {
    greeted: () => {
      this.#failures = 0;
      this.account?.outbox.connected();
    },
    moved: (state) => {
      if (state !== 'live') this.account?.outbox.disconnected();
      // The page slept longer than its token lasted, or the site ended the visits: asking tells which. Where it is closed to this origin its sockets look like a lost connection.
      const asksAgain = state === 'ended' || state === 'lost';
      if (asksAgain) this.#cancel?.();
      if (state === 'lost') this.#cancel = later(LOST_MS, () => void this.#begin());
      if (state === 'ended') this.#cancel = later(Math.min(SLOWEST_AGAIN_MS, 50 * 4 ** this.#failures++), () => void this.#begin());
      this.#host.requestUpdate();
    },
  };

  #each(tell: (member: Member) => void): void {
    for (const member of this.#members) tell(member);
    this.#host.requestUpdate();
  }

  #close(): void {
    if (this.account === undefined) return;
    this.#left = this.account;
    this.account = undefined;
    this.#entered = Promise.withResolvers();
    this.#leave?.();
    this.#each((member) => member.signedOut());
  }

  /** Under this the visitor's other tabs of this browser are told that a conversation has begun. */
  get begunKey(): string {
    return `gorunchat.begun.${this.#parts.site}`;
  }

  /** Of the visitor that this browser has been so far. With what the site says goes whom this tab has been: another may be in somebody else's hands. */
  get #kept(): string | undefined {
    return this.#identity === undefined ? (this.#stored ?? this.#keep) : (this.#keep ?? this.#stored);
  }

  get #stored(): string | undefined {
    return readItem(this.#parts.storage, this.#keepKey);
  }

  get #keepKey(): string {
    return `gorunchat.visit.${this.#parts.site}`;
  }

  /** Under this the other tabs are told that who this was is to be forgotten. */
  get #forgottenKey(): string {
    return `gorunchat.forgotten.${this.#parts.site}`;
  }
}

/** Which visitor is meant by what is kept. */
function whose(kept: string): string | undefined {
  return kept.split(' ')[0];
}

/** A visitor has nothing to set. */
function settingsOf(site: SiteId): Settings {
  return { theme: 'system', language: 'en', enterSends: true, announce: 'as-it-grows', singleKeys: false, wrapCode: true, showReasoning: false, model: siteModel(site), parameters: {} };
}
