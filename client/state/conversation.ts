import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Command, CommandOf } from '../../contracts/commands.ts';
import type { FilePart, Rating } from '../../contracts/conversation.ts';
import type { FailureCode } from '../../contracts/failures.ts';
import type { CommandId, ConversationId, FileId, MessageId, ModelId } from '../../contracts/ids.ts';
import type { Parameters } from '../../contracts/models.ts';
import { pathOf, textOf } from '../../contracts/view.ts';
import type { ConversationView } from '../../contracts/view.ts';
import type { PageContext } from '../../contracts/page-context.ts';
import { newId } from '../link/ids.ts';
import type { OutboxEntry } from '../link/outbox-entries.ts';
import { Follow, PASSING } from '../link/resume.ts';
import type { LinkListener } from '../link/socket.ts';
import { hiddenOn, type FoundMessage } from './found-message.ts';
import { later, oncePerFrame } from './frame.ts';
import { emptyView, KeptViews } from './kept-views.ts';
import { isSeen, isSend, keepSame, SENDING_AFTER_MS, unseenOf } from './pending.ts';
import type { Unseen } from './pending.ts';
import type { Account, Member } from './account.ts';

/** `new`: nothing has been sent yet. `missing`: not there, not theirs, or gone. */
export type ConversationPhase = 'new' | 'loading' | 'ready' | 'failed' | 'missing';

const GONE: readonly FailureCode[] = ['not-found', 'erased', 'not-permitted'];
const AGAIN_AFTER_MS = 1_000;
/** Without a connection nobody answers; after this the page says so instead of showing grey bars for ever. */
const LATE_AFTER_MS = 10_000;
/** An acknowledged message that no event shows was removed elsewhere in the meantime. */
const FORGET_AFTER_MS = 10_000;
const NO_PARAMETERS: Parameters = {};

type Unnamed<C extends Command = Command> = C extends Command ? Omit<C, 'commandId' | 'conversation'> : never;

/** The conversation in the main column: what is known of it, what was sent and not yet seen, and everything that can be asked of it. */
export class ConversationController implements ReactiveController, Member {
  /** A new one has its id before the server knows of it. */
  id: ConversationId = newId();
  isNew = true;
  /** Tabs of this person that have it open, this one included. */
  tabs = 1;
  readonly #host: ReactiveControllerHost;
  readonly #draw: () => void;
  #account: Account | undefined;
  #follow: Follow | undefined;
  readonly #views = new KeptViews();
  readonly #files = new Map<FileId, FilePart>();
  /** Sent and acknowledged, but not seen yet. */
  #acknowledged: OutboxEntry[] = [];
  #unseen: readonly Unseen[] = [];
  #empty: ConversationView | undefined;
  #found: FoundMessage | undefined;
  #chosen: { model?: ModelId; parameters?: Parameters; temporary?: boolean } = {};
  #isLate = false;
  #isAskingAgain = false;
  #isSentElsewhere = false;
  #cancelLate: (() => void) | undefined;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    this.#draw = oncePerFrame(() => host.requestUpdate());
    host.addController(this);
  }

  hostConnected(): void {
    // Everything begins with the account.
  }

  // What is shown ---------------------------------------------------------------------------------------------------

  get view(): ConversationView {
    return this.#follow?.view ?? (this.#empty = emptyView(this.id, this.#empty, this.#chosen.model));
  }

  get phase(): ConversationPhase {
    const view = this.#follow?.view;
    if (view !== undefined) return view.isErased ? 'missing' : 'ready';
    if (this.unseen.length > 0) return 'ready';
    if (this.isNew) return 'new';
    const code = this.#follow?.refusal?.code ?? 'internal';
    if (this.#follow?.state === 'refused' && GONE.includes(code)) return 'missing';
    if (this.#follow?.state === 'refused' && !PASSING.includes(code)) return 'failed';
    return this.#follow?.state === 'unanswered' || this.#isLate ? 'failed' : 'loading';
  }

  /** What is shown may be behind what others see. */
  get isCatchingUp(): boolean {
    return this.#follow?.state === 'asking' && this.#follow.view !== undefined;
  }

  get isRunning(): boolean {
    return this.view.turn !== null;
  }

  get unseen(): readonly Unseen[] {
    const outbox = this.#account?.outbox.of(this.id) ?? [];
    const isOffline = this.#account?.link.state !== 'live' && !navigator.onLine;
    const factsOf = (entry: OutboxEntry) => ({ now: Date.now(), isOffline, isUnknown: this.#account?.outbox.isUnknown(entry.command.commandId) ?? false, fileOf: (id: FileId) => this.#files.get(id) });
    const known = new Set(outbox.map((entry) => entry.command.commandId));
    const entries = [...this.#acknowledged.filter((entry) => !known.has(entry.command.commandId)), ...outbox];
    const unseen = entries.flatMap((entry) => (isSend(entry.command, this.id) && !isSeen(this.#follow?.view, entry.command) ? [unseenOf(entry, entry.command, factsOf(entry))] : []));
    this.#unseen = keepSame(this.#unseen, unseen);
    return this.#unseen;
  }

  // Where the page is -------------------------------------------------------------------------------------------------

  /** Shows this conversation; without one, a new chat. */
  show(id: ConversationId | undefined): void {
    if (id === undefined ? this.isNew && this.phase === 'new' : id === this.id && !this.isNew) return;
    this.#leave();
    this.isNew = id === undefined;
    if (id !== this.id) this.#chosen = {};
    if (id !== this.id) this.id = id ?? newId();
    this.#found = undefined;
    this.tabs = 1;
    this.#follow = undefined;
    if (id !== undefined) this.#open();
    this.#host.requestUpdate();
  }

  /** A new chat to which images were uploaded already keeps the id that they were uploaded under. */
  beginAs(id: ConversationId): void {
    if (this.phase === 'new') this.id = id;
    this.#host.requestUpdate();
  }

  /** Shows this message: the branch that holds it is chosen, in every tab, once the conversation is there. */
  find(message: MessageId): void {
    this.#found = { message, isShown: false };
    this.#revealFound();
    this.#host.requestUpdate();
  }

  /** The message to be shown, once it is on the shown path. */
  get found(): FoundMessage | undefined {
    return this.#found;
  }

  #revealFound(): void {
    const view = this.#follow?.view;
    if (view === undefined || this.#found === undefined || this.#found.isShown) return;
    const hidden = hiddenOn(view, this.#found.message);
    if (hidden === undefined) return;
    this.#found.isShown = true;
    for (const message of hidden) this.choose(message);
  }

  again(): void {
    this.#isLate = false;
    this.#follow?.again();
  }

  #open(): void {
    const { link } = this.#account ?? {};
    this.#follow = new Follow(this.id, (conversation, position) => this.#account?.link.open(conversation, position) ?? Promise.reject(new Error('signed out')), () => this.#changed());
    this.#follow.view = this.#views.get(this.id);
    this.#isLate = false;
    this.#cancelLate?.();
    this.#cancelLate = later(LATE_AFTER_MS, () => {
      this.#isLate = true;
      this.#host.requestUpdate();
    });
    // A conversation whose first message is still on its way is asked for when the server knows it.
    this.#isSentElsewhere = this.#sendsElsewhere;
    if (link?.state === 'live' && this.unseen.length === 0) this.#follow.connected();
  }

  #leave(): void {
    this.#cancelLate?.();
    const view = this.#follow?.view;
    if (this.#follow === undefined) return;
    this.#follow.disconnected();
    this.#account?.link.leave(this.id);
    if (view !== undefined) this.#views.keep(view);
  }

  #changed(): void {
    this.#askAgainLater();
    this.#revealFound();
    this.#acknowledged = this.#acknowledged.filter((entry) => entry.command.type === 'turn.send' && !isSeen(this.#follow?.view, entry.command));
    this.#draw();
  }

  /** A conversation between two owners, or a server that has lost the others for a moment, is not lost: the page asks again by itself, and shows what it has meanwhile. */
  #askAgainLater(): void {
    const follow = this.#follow;
    if (follow?.state !== 'refused' || this.#isAskingAgain || !PASSING.includes(follow.refusal?.code ?? 'internal')) return;
    this.#isAskingAgain = true;
    later(follow.refusal?.retryAfterMs ?? AGAIN_AFTER_MS, () => {
      this.#isAskingAgain = false;
      if (follow === this.#follow && follow.state === 'refused') follow.again();
    });
  }

  // What can be asked --------------------------------------------------------------------------------------------------

  get model(): ModelId | undefined {
    return this.#follow?.view?.conversation.model ?? this.#chosen.model;
  }

  /** In no list, and deleted after some hours. */
  get isTemporary(): boolean {
    return (this.#follow?.view === undefined ? this.#chosen : this.#follow.view.conversation).temporary === true;
  }

  get parameters(): Parameters {
    return this.#follow?.view?.conversation.parameters ?? this.#chosen.parameters ?? NO_PARAMETERS;
  }

  send(said: { text: string; files: readonly FilePart[]; model: ModelId; mode: 'queue' | 'stop-and-send'; context?: PageContext | undefined; toPerson?: true | undefined }): void {
    const unseen = this.unseen.filter((one) => one.state !== 'refused');
    const path = pathOf(this.view);
    const position = this.#follow?.view?.position;
    for (const file of said.files) this.#files.set(file.fileId, file);
    this.#put({
      type: 'turn.send',
      message: newId<MessageId>(),
      parent: path.at(-1)?.message.id ?? null,
      text: said.text,
      files: said.files.map((file) => file.fileId),
      ...(this.isNew && this.#chosen),
      model: said.model,
      mode: said.mode,
      ...(said.context && { context: said.context }),
      ...(said.toPerson && { toPerson: true }),
      // Decided on what is shown: with something of its own on the way, or a reply that is running, it simply comes next.
      ...(position !== undefined && unseen.length === 0 && !this.isRunning && { expected: { epoch: position.epoch, seq: position.seq } }),
    });
    this.isNew = false;
    if (this.#follow === undefined) this.#open();
  }

  /** Asks the same thing in other words, beside the message that is there. */
  edit(message: MessageId, text: string, model: ModelId): void {
    const edited = this.view.messages.find((one) => one.id === message);
    if (edited === undefined) return;
    const files = edited.parts.filter((part) => part.type === 'file');
    for (const file of files) this.#files.set(file.fileId, file);
    const mode = this.view.turn === null ? 'queue' : 'stop-and-send';
    this.#put({ type: 'turn.send', message: newId<MessageId>(), parent: edited.parent, text, files: files.map((file) => file.fileId), model, mode, edits: true });
  }

  /** Sends a refused message once more, with this text and below what is shown now. */
  sendAgain(message: MessageId, text: string): void {
    const entry = this.#entryOf(message);
    if (entry === undefined) return;
    this.#account?.outbox.sendAgain(entry.command.commandId, (command) => {
      if (command.type !== 'turn.send') return command;
      const { expected: _, ...rest } = command;
      const last = pathOf(this.view).at(-1)?.message.id;
      return { ...rest, text, ...(rest.edits !== true && { parent: last ?? null }) };
    });
  }

  /** Takes an unsent message out of the outbox. */
  takeBack(message: MessageId): void {
    const entry = this.#entryOf(message);
    if (entry !== undefined) this.#account?.outbox.remove(entry.command.commandId);
  }

  #entryOf(message: MessageId): OutboxEntry | undefined {
    return this.#account?.outbox.of(this.id).find(({ command }) => command.type === 'turn.send' && command.message === message);
  }

  stop(): void {
    const { turn } = this.view;
    if (turn !== null) this.#put({ type: 'turn.stop', turn: turn.id });
  }

  tryAgain(message: MessageId, model?: ModelId): void {
    this.#put({ type: 'turn.regenerate', message, ...(model && { model }) });
  }

  goOn(message: MessageId): void {
    this.#put({ type: 'turn.continue', message });
  }

  /** Asks what this reply answers once more, without anything that was said before it; that stays as the other version. Says whether there was anything before. */
  shorten(reply: MessageId, model: ModelId): boolean {
    const asked = this.view.messages.find((one) => one.id === this.view.messages.find(({ id }) => id === reply)?.parent);
    if (asked === undefined || asked.parent === null) return false;
    const files = asked.parts.filter((part) => part.type === 'file');
    for (const file of files) this.#files.set(file.fileId, file);
    this.#put({ type: 'turn.send', message: newId<MessageId>(), parent: null, text: textOf(asked), files: files.map((file) => file.fileId), model, mode: 'queue', edits: true });
    return true;
  }

  rate(message: MessageId, rating: Rating | null): void {
    this.#put({ type: 'message.rate', message, rating });
  }

  /** To a person, to oneself, back to the model. */
  handoff(step: 'ask' | 'join' | 'end'): void {
    this.#put({ type: `handoff.${step}` });
  }

  /** Which only those who answer are shown. */
  note(text: string): void {
    this.#put({ type: 'handoff.note', text });
  }

  /** Answers a visitor in the model's place. */
  answer(text: string): void {
    this.#put({ type: 'handoff.say', message: newId<MessageId>(), text });
  }

  choose(message: MessageId): void {
    this.#put({ type: 'branch.choose', message });
  }

  queue(change: Unnamed<CommandOf<'queue.edit'> | CommandOf<'queue.remove'> | CommandOf<'queue.move'>>): void {
    this.#put(change);
  }

  /** Of one that is about to begin. */
  makeTemporary(temporary: boolean): void {
    const { temporary: before = false, ...others } = this.#chosen;
    if (!this.isNew || before === temporary) return;
    this.#chosen = temporary ? { ...others, temporary } : others;
    this.#host.requestUpdate();
  }

  /** Changes the model or the parameters: of the conversation, or for the one that is about to begin. */
  change(change: { model?: ModelId; parameters?: Parameters }): void {
    if (this.isNew) this.#chosen = { ...this.#chosen, ...change };
    else this.#put({ type: 'conversation.change', ...change });
    this.#host.requestUpdate();
  }

  #put(command: Unnamed): void {
    this.#account?.outbox.put(this.#named(command));
  }

  #named(command: Unnamed): Command {
    return { ...command, commandId: newId<CommandId>(), conversation: this.id } as Command;
  }

  // What is heard -------------------------------------------------------------------------------------------------------

  signedIn(account: Account): void {
    this.#account = account;
    if (!this.isNew) this.#open();
  }

  signedOut(): void {
    this.#leave();
    this.#views.clear();
    this.#files.clear();
    this.#acknowledged = [];
    this.#account = undefined;
    this.#follow = undefined;
  }

  readonly listener: LinkListener = {
    greeted: () => this.#follow?.connected(),
    moved: (state) => {
      if (state !== 'live') this.#follow?.disconnected();
    },
    t: (alias, seq, text) => this.#follow?.text(alias, seq, text),
    r: (alias, seq, text) => this.#follow?.reasoning(alias, seq, text),
    e: (alias, epoch, seq, event) => this.#follow?.event(alias, epoch, seq, event),
    view: (alias, view) => this.#follow?.whole(alias, view),
    resume: (alias) => this.#follow?.brokenOff(alias),
    notice: (_, notice) => {
      if (notice.type === 'tabs' && notice.conversation === this.id) this.tabs = notice.count;
    },
  };

  outboxChanged(): void {
    if (this.unseen.some((one) => one.state === 'pending')) later(SENDING_AFTER_MS, this.#draw);
    const wasElsewhere = this.#isSentElsewhere;
    this.#isSentElsewhere = this.#sendsElsewhere;
    if (wasElsewhere && !this.#isSentElsewhere) this.#askIfUnknown(); // that tab was answered
    this.#draw();
  }

  commandDone(command: Command): void {
    if (!isSend(command, this.id)) return;
    const tab = this.#account?.tab;
    if (tab === undefined || isSeen(this.#follow?.view, command)) return;
    this.#acknowledged.push({ command, tab, at: Date.now(), order: 0, state: 'pending' });
    later(FORGET_AFTER_MS, () => {
      this.#acknowledged = this.#acknowledged.filter((entry) => entry.command.commandId !== command.commandId);
      this.#draw();
    });
    this.#askIfUnknown();
  }

  #askIfUnknown(): void {
    const { state } = this.#follow ?? {};
    if (this.#account?.link.state === 'live' && (state === 'away' || state === 'refused')) this.#follow?.connected();
  }

  /** A message to this conversation is on its way from another tab. */
  get #sendsElsewhere(): boolean {
    const { outbox, tab } = this.#account ?? {};
    return outbox?.of(this.id).some((entry) => entry.tab !== tab && isSend(entry.command, this.id)) ?? false;
  }
}
