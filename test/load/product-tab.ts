import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from '../../contracts/commands.ts';
import type { ConversationEvent } from '../../contracts/events.ts';
import type { CommandId, ConversationId, MessageId, ModelId, SiteId, TabId } from '../../contracts/ids.ts';
import type { Visit } from '../../contracts/sites.ts';
import { NOWHERE, type Position } from '../../contracts/position.ts';
import { PROTOCOL_VERSION, type Opened } from '../../contracts/socket.ts';
import { textOf } from '../../contracts/view.ts';
import { newId } from '../../server/ids.ts';
import { newAccount, type Account } from '../support/tab.ts';
import { RawTab } from './raw-tab.ts';

/** The scripted demo inside the product, and the endpoint outside of it. */
export const DEMO = 'demo/demo' as ModelId;
export const FAKE = 'fake/fake' as ModelId;

type Accepted = Extract<Opened, { ok: true }>;
const AGAIN_AFTER_MS = 1_000;

/** Registered people; the product lets one address register 20 a minute. */
export async function newPeople(url: string, count: number): Promise<Account[]> {
  const people: Account[] = [];
  for (let number = 0; number < count; number++) people.push(await newAccount(url));
  return people;
}

/** A new visitor of a site, on a page of this server, from this address. */
export async function beginVisit(url: string, site: SiteId, address: string): Promise<Visit> {
  const reply = await fetch(`${url}/api/widget/${site}/visit`, { method: 'POST', headers: { origin: url, 'x-forwarded-for': address, 'content-type': 'application/json' }, body: '{}' });
  if (!reply.ok) throw new Error(`no visit: ${reply.status} ${await reply.text()}`);
  return (await reply.json()) as Visit;
}

/** A signed-in tab of the product that follows at most one conversation, and holds its order to the protocol. */
export class ProductTab {
  readonly raw: RawTab;
  conversation: ConversationId | undefined;
  position: Position = NOWHERE;
  /** The latest reply: its message, its text so far, and whether it has ended. */
  reply: MessageId | null = null;
  text = '';
  isRunning = false;
  /** Events of the order that were not the next one. */
  gaps = 0;
  views = 0;
  deltas = 0;
  /** Given the text that is new; with a view, all of it. */
  onText: (piece: string) => void = () => undefined;
  onEnd: () => void = () => undefined;
  /** Nothing is applied between the question and its answer, which has all of it. */
  #isOpening = false;

  private constructor(raw: RawTab) {
    this.raw = raw;
    raw.hear = (name, args) => this.#hear(name, args);
  }

  static async connect(account: Account): Promise<ProductTab> {
    const auth = { version: PROTOCOL_VERSION, tab: newId<TabId>(), user: account.person.id };
    return new ProductTab(await RawTab.connect(account.url, { headers: { cookie: account.cookie, origin: account.url }, auth }));
  }

  /** A visitor of a site, on a page of this server, from this address. */
  static async visit(url: string, site: SiteId, address: string): Promise<ProductTab> {
    return this.visiting(url, await beginVisit(url, site, address), address, url);
  }

  /** A tab of a visitor, on a page of this origin. */
  static async visiting(url: string, { visitor, token }: Visit, address: string, origin: string): Promise<ProductTab> {
    return new ProductTab(await RawTab.connect(url, { headers: { origin, 'x-forwarded-for': address }, auth: { version: PROTOCOL_VERSION, tab: newId<TabId>(), user: visitor, token } }));
  }

  /** Sends a message below what this tab has. The promise is of the answer; text may come before it. */
  send(text: string, model: ModelId): Promise<Answer> {
    const conversation = (this.conversation ??= newId<ConversationId>());
    return this.raw.ask<Answer>('command', { type: 'turn.send', commandId: newId<CommandId>(), conversation, message: newId<MessageId>(), parent: this.reply, text, files: [], model, mode: 'queue' });
  }

  async open(conversation: ConversationId): Promise<Accepted> {
    const opened = await this.#ask(conversation);
    if (!opened.ok) throw new Error(`not opened: ${opened.refusal.code}`);
    return opened;
  }

  /** Waits as it is told to when its person has opened as much as is allowed for now. */
  async openAsAllowed(conversation: ConversationId): Promise<Accepted> {
    for (let opened = await this.#ask(conversation); ; opened = await this.#ask(conversation)) {
      if (opened.ok) return opened;
      if (opened.refusal.code !== 'rate-limited') throw new Error(`not opened: ${opened.refusal.code}`);
      await sleep(opened.refusal.retryAfterMs ?? AGAIN_AFTER_MS);
    }
  }

  #ask(conversation: ConversationId): Promise<Opened> {
    this.conversation = conversation;
    this.#isOpening = true;
    return this.raw.ask<Opened>('open', { conversation, position: this.position }, (answer) => {
      this.#isOpening = false;
      if (!answer.ok) return;
      if ('events' in answer) for (const [epoch, seq, event] of answer.events) this.#apply(epoch, seq, event);
      else this.#takeView(answer.view);
    });
  }

  #takeView(view: Extract<Opened, { view: unknown }>['view']): void {
    this.views += 1;
    this.position = view.position;
    const reply = view.turn?.reply ?? view.messages.findLast((message) => message.author === 'model');
    if (reply === undefined) return;
    this.reply = reply.id;
    this.text = textOf(reply);
    const hasEnded = this.isRunning && view.turn === null;
    this.isRunning = view.turn !== null;
    if (this.text !== '') this.onText(this.text);
    if (hasEnded) this.onEnd();
  }

  #hear(name: string, args: readonly unknown[]): void {
    if (this.#isOpening || this.conversation === undefined) return;
    if (name === 't') this.#apply(this.position.epoch, args[1] as number, { type: 'text-delta', text: args[2] as string });
    else if (name === 'e') this.#apply(args[1] as number, args[2] as number, args[3] as ConversationEvent);
    else if (name === 'resume') void this.open(this.conversation);
    else if (name === 'view') this.#takeView(args[1] as Extract<Opened, { view: unknown }>['view']);
  }

  #apply(epoch: number, seq: number, event: ConversationEvent): void {
    if (epoch === this.position.epoch && seq <= this.position.seq) return;
    if (seq !== this.position.seq + 1) this.gaps += 1;
    this.position = { epoch, seq };
    if (event.type === 'text-delta') {
      this.text += event.text;
      this.deltas += 1;
      this.onText(event.text);
    } else if (event.type === 'turn-start') {
      this.reply = event.reply.id;
      this.text = '';
      this.isRunning = true;
    } else if (event.type === 'turn-end') {
      this.isRunning = false;
      if (event.length !== this.text.length) this.gaps += 1;
      this.onEnd();
    }
  }
}
