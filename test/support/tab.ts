import { io, type Socket } from 'socket.io-client';
import { PASSING } from '../../client/link/resume.ts';
import type { Answer, Command } from '../../contracts/commands.ts';
import type { CommandId, ConversationId, MessageId, ModelId, TabId, TurnId, UserId } from '../../contracts/ids.ts';
import { NOWHERE, stepTo, type Position } from '../../contracts/position.ts';
import type { Person } from '../../contracts/routes.ts';
import { PROTOCOL_VERSION, type FromTab, type Hello, type Notice, type Opened, type PlacedEvent, type ToTab } from '../../contracts/socket.ts';
import { fold, OutOfStep, pathOf, textOf, type ConversationView } from '../../contracts/view.ts';
import { newId } from '../../server/ids.ts';

export const DEMO = 'demo/demo' as ModelId;

/** Somebody signed in, over the real routes. */
export interface Account {
  readonly url: string;
  readonly cookie: string;
  readonly person: Person;
}

export async function newAccount(url: string, email = `${newId()}@example.org`.toLowerCase(), password = 'correct horse'): Promise<Account> {
  return accountOf(url, await post(url, '/api/register', { email, password, name: 'Mara Lindqvist' }));
}

export async function signIn(url: string, email: string, password = 'correct horse'): Promise<Account> {
  return accountOf(url, await post(url, '/api/sign-in', { email, password }));
}

function post(url: string, path: string, body: object): Promise<Response> {
  return fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json', origin: url }, body: JSON.stringify(body) });
}

async function accountOf(url: string, reply: Response): Promise<Account> {
  if (!reply.ok) throw new Error(`${reply.status} ${await reply.text()}`);
  const cookie = (reply.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '';
  return { url, cookie, person: ((await reply.json()) as { person: Person }).person };
}

const AGAIN_AFTER_MS = 250;

/** A tab without a screen: a real socket, the real rules of positions, the real fold. */
export class Tab implements AsyncDisposable {
  /** Taken out only to see that this is found out: then whatever is heard is applied. */
  static checksPositions = true;
  readonly id = newId<TabId>();
  readonly socket: Socket<ToTab, FromTab>;
  readonly notices: Notice[] = [];
  readonly account: Account;
  view: ConversationView | undefined;
  /** Every text this tab has shown of a reply that was growing, longest last. */
  shown = '';
  resumes = 0;
  /** Events that did not fit what it had. */
  outOfStep = 0;
  hello: Hello | undefined;
  readonly #model: ModelId;
  #alias = -1;
  #conversation: ConversationId | undefined;
  #isOpening = false;
  #watchers = new Set<() => void>();
  readonly #gone = Promise.withResolvers<void>();
  /** Resolves when this tab was closed. */
  readonly gone = this.#gone.promise;

  constructor(account: Account, url = account.url, origin = url, visitor?: { token: string; model: ModelId }) {
    this.account = account;
    this.#model = visitor?.model ?? DEMO;
    this.socket = io(url, {
      transports: ['websocket'],
      forceNew: true,
      reconnectionDelay: 50,
      reconnectionDelayMax: 200,
      extraHeaders: { ...(account.cookie !== '' && { cookie: account.cookie }), origin },
      auth: { version: PROTOCOL_VERSION, tab: this.id, user: account.person.id as UserId, ...(visitor && { token: visitor.token }) },
    });
    this.socket.on('hello', (hello) => {
      this.hello = hello;
      if (this.#conversation !== undefined) void this.#open();
      this.#changed();
    });
    this.socket.on('t', (alias, seq, text) => this.#hear(alias, [this.view?.position.epoch ?? 0, seq, { type: 'text-delta', text }]));
    this.socket.on('r', (alias, seq, text) => this.#hear(alias, [this.view?.position.epoch ?? 0, seq, { type: 'reasoning-delta', text }]));
    this.socket.on('e', (alias, epoch, seq, event) => this.#hear(alias, [epoch, seq, event]));
    this.socket.on('view', (alias, view) => {
      if (alias === this.#alias) this.#take(view);
    });
    this.socket.on('resume', (alias) => {
      if (alias === this.#alias) void this.#open();
    });
    this.socket.on('notice', (_number, notice) => {
      this.notices.push(notice);
      this.#changed();
    });
    this.socket.on('session-ended', () => this.#changed());
  }

  /** Resolves when the server has greeted this tab. */
  async ready(): Promise<this> {
    await this.until(() => this.hello !== undefined);
    return this;
  }

  async open(conversation: ConversationId): Promise<void> {
    this.#conversation = conversation;
    const opened = await this.#open();
    if (opened !== undefined && !opened.ok) throw new Error(opened.refusal.code);
  }

  async #open(): Promise<Opened | undefined> {
    if (this.#isOpening || this.#conversation === undefined) return undefined;
    this.#isOpening = true;
    this.#alias = -1; // what comes before the answer is in it, and after a refusal nothing counts until it is opened
    const position: Position = this.view?.position ?? NOWHERE;
    const opened = await new Promise<Opened>((resolve) => {
      this.socket.once('disconnect', () => resolve({ ok: false, refusal: { code: 'server-busy' } }));
      this.socket.emit('open', { conversation: this.#conversation as ConversationId, position }, (answer) => {
        this.#isOpening = false;
        if (answer.ok) this.#follow(answer); // at once: the next frame may come before anybody who waits for this goes on
        resolve(answer);
      });
    });
    this.#isOpening = false;
    if (!opened.ok && PASSING.includes(opened.refusal.code)) this.#openLater();
    return opened;
  }

  #follow(opened: Extract<Opened, { ok: true }>): void {
    this.resumes += 1;
    this.#alias = opened.alias;
    if ('view' in opened) this.#take(opened.view);
    else for (const placed of opened.events) this.#apply(placed);
  }

  /** As a page does: a conversation between two owners is not lost. */
  #openLater(): void {
    setTimeout(() => void (this.socket.connected && this.#open()), AGAIN_AFTER_MS).unref();
  }

  #hear(alias: number, placed: PlacedEvent): void {
    if (alias === this.#alias) this.#apply(placed);
  }

  #apply([epoch, seq, event]: PlacedEvent): void {
    if (this.view === undefined) return;
    const step = Tab.checksPositions ? stepTo(this.view.position, { epoch, seq }) : 'apply';
    if (step === 'resume') void this.#open();
    if (step === 'apply') this.#take(this.#folded(this.view, event, { epoch, seq }));
  }

  /** What does not fit is only said: it can happen only where nothing checks positions. */
  #folded(view: ConversationView, event: PlacedEvent[2], position: Position): ConversationView {
    try {
      return fold(view, event, position);
    } catch (error) {
      if (Tab.checksPositions || !(error instanceof OutOfStep)) throw error;
      this.outOfStep += 1;
      return view;
    }
  }

  #take(view: ConversationView): void {
    this.view = view;
    if (view.turn !== null) this.shown = textOf(view.turn.reply);
    this.#changed();
  }

  #changed(): void {
    for (const watcher of this.#watchers) watcher();
  }

  /** Resolves as soon as it holds; rejects after 30 s unless told otherwise, saying what the tab sees instead. */
  async until(holds: () => boolean, what = holds.toString(), withinMs = 30_000): Promise<void> {
    if (holds()) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`never came true: ${what}\n${JSON.stringify(this.view)?.slice(0, 2_000)}`)), withinMs);
      const watcher = (): void => {
        if (!holds()) return;
        clearTimeout(timer);
        this.#watchers.delete(watcher);
        resolve();
      };
      this.#watchers.add(watcher);
    });
  }

  /** Calls `heard` on every change of what the tab shows. */
  onChange(heard: () => void): void {
    this.#watchers.add(heard);
  }

  ask(command: Command): Promise<Answer> {
    return new Promise((resolve) => this.socket.emit('command', command, resolve));
  }

  send(text: string, more: Partial<Extract<Command, { type: 'turn.send' }>> = {}): Promise<Answer> {
    const conversation = (this.#conversation ??= newId<ConversationId>());
    const parent = this.view === undefined ? null : (pathOf(this.view).at(-1)?.message.id ?? null);
    return this.ask({ type: 'turn.send', commandId: newId<CommandId>(), conversation, message: newId<MessageId>(), parent, text, files: [], model: this.#model, mode: 'queue', ...more });
  }

  /** Sends the first message of a new conversation and follows it. */
  async begin(text: string, more: Partial<Extract<Command, { type: 'turn.send' }>> = {}): Promise<ConversationId> {
    const answer = await this.send(text, more);
    if (!answer.ok) throw new Error(answer.refusal.code);
    await this.#open();
    return this.#conversation as ConversationId;
  }

  get turn(): TurnId {
    return this.view?.turn?.id as TurnId;
  }

  /** The thread as text, one line a message. */
  get thread(): string[] {
    return this.view === undefined ? [] : pathOf(this.view).map(({ message }) => `${message.author}: ${textOf(message)}${message.outcome === undefined ? '' : ` [${message.outcome.kind}]`}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.disconnect();
    this.#gone.resolve();
    await Promise.resolve();
  }
}
