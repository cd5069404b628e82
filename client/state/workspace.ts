import { msg, str } from '@lit/localize';
import type { ReactiveControllerHost } from 'lit';
import type { Command, CommandOf, Done } from '../../contracts/commands.ts';
import type { QueuedMessage } from '../../contracts/conversation.ts';
import type { Refusal } from '../../contracts/failures.ts';
import type { CommandId, ConversationId, MessageId, ModelId } from '../../contracts/ids.ts';
import type { Model } from '../../contracts/models.ts';
import { happenedWhere } from '../components/settings/notice-words.ts';
import { wordsOf } from '../link/api.ts';
import { addressOf, call } from '../link/app-api.ts';
import { download } from '../link/download.ts';
import { follow } from '../link/follow.ts';
import { newId } from '../link/ids.ts';
import type { OutboxEntry } from '../link/outbox-entries.ts';
import { openSocket, type LinkListener } from '../link/socket.ts';
import { isThere, upload } from '../link/upload.ts';
import { AccountDetailsController } from './account-details.ts';
import type { Address } from './address.ts';
import { AttachmentsController } from './attachments.ts';
import { AuditController } from './audit.ts';
import { CasesController } from './cases.ts';
import { ExportsController } from './exports.ts';
import { SealedRecords } from './checkpoint.ts';
import { InboxController } from './inbox.ts';
import { ConversationListController } from './conversation-list.ts';
import { ConversationController } from './conversation.ts';
import type { DraftPlace } from './drafts.ts';
import { later } from './frame.ts';
import { ModelsController } from './models.ts';
import { PeopleController } from './people.ts';
import { PlaceController } from './place.ts';
import { PreferencesController } from './preferences.ts';
import { ReviewController } from './review.ts';
import { SearchController } from './search.ts';
import { SessionController } from './session.ts';
import { SitesController } from './sites.ts';
import { WritersController } from './writers.ts';
import type { Account, Member } from './account.ts';
import { openStorage } from './storage.ts';

/** What is said in passing, with a way to undo it where there is one. */
export interface Said {
  readonly text: string;
  readonly undo?: () => void;
  readonly forMs?: number;
  /** More of it is to be read with what happened to the account. */
  readonly isOfSecurity?: boolean;
}

const SHORT_TITLE = 40;
/** What takes no longer needs no words. */
const SAY_AFTER_MS = 400;

/** All that the page knows and can do, bound to one element. What a person does to a conversation goes through the outbox; what came of it is said when the server has answered. */
export class Workspace implements Member {
  readonly session: SessionController;
  readonly list: ConversationListController;
  readonly archive: ConversationListController;
  readonly models: ModelsController;
  readonly conversation: ConversationController;
  readonly preferences: PreferencesController;
  readonly place: PlaceController;
  readonly search: SearchController;
  readonly details: AccountDetailsController;
  readonly sites: SitesController;
  readonly people: PeopleController;
  /** The last one of the log over all records. */
  readonly sealed: SealedRecords;
  readonly audit: AuditController;
  readonly cases: CasesController;
  readonly review: ReviewController;
  readonly exports: ExportsController;
  readonly inbox: InboxController;
  /** The visitor's conversation that is looked at in the inbox. */
  readonly visited: ConversationController;
  readonly writers: WritersController;
  readonly attachments: AttachmentsController;
  isPanelOpen = false;
  readonly listener: LinkListener = {};
  readonly #host: ReactiveControllerHost;
  readonly #say: (said: Said) => void;
  /** What was taken out of the queue here, so that it can be put back. */
  readonly #removed = new Map<CommandId, QueuedMessage>();
  /** The last new chat that was given images. */
  #newWithFiles: ConversationId | undefined;
  /** What conversations were called when something was asked of them. */
  readonly #titles = new Map<ConversationId, string>();

  constructor(host: ReactiveControllerHost & EventTarget, say: (said: Said) => void) {
    const storage = openStorage();
    this.#host = host;
    this.#say = say;
    this.preferences = new PreferencesController(host, storage);
    this.place = new PlaceController(host, (address) => this.#arrive(address));
    this.search = new SearchController(host, { call });
    this.details = new AccountDetailsController(host, { call, tell: (notice) => say({ text: happenedWhere(notice), isOfSecurity: true }) });
    this.sites = new SitesController(host, { call });
    this.sealed = new SealedRecords(host, call);
    this.people = new PeopleController(host, { call, changed: (person) => { if (this.account?.person.id === person.id) this.account.person = person; } });
    this.audit = new AuditController(host, { call, download, follow });
    this.review = new ReviewController(host, { call });
    this.exports = new ExportsController(host, { call, download, names: (asked) => this.review.namesFor(asked) });
    this.cases = new CasesController(host, { call, names: (asked) => this.review.namesFor(asked) });
    this.inbox = new InboxController(host, { call });
    this.visited = new ConversationController(host);
    this.writers = new WritersController(host);
    this.attachments = new AttachmentsController(host, {
      upload, isThere,
      onReady: (conversation) => this.#keepFiles(conversation),
      onGone: (name) => this.#say({ text: msg(str`${name} was never sent and is no longer kept`) }),
      onStored: (key) => this.#filesStored(key),
    });
    this.list = new ConversationListController(host, { call, archived: false });
    this.archive = new ConversationListController(host, { call, archived: true });
    this.models = new ModelsController(host, { call });
    this.conversation = new ConversationController(host);
    this.session = new SessionController(host, { call, socket: openSocket, storage, locks: globalThis.navigator.locks as LockManager | undefined, reload: () => location.reload() });
    for (const member of [this.details, this.review, this.list, this.archive, this.models, this.conversation, this.visited, this.inbox, this.writers, this]) this.session.add(member);
    this.#arrive(this.place.address);
  }

  get account(): Account | undefined {
    return this.session.account;
  }

  // Models ---------------------------------------------------------------------------------------------------------------

  /** The model that the next message goes to. */
  get model(): ModelId | undefined {
    const wanted = [this.conversation.model, this.account?.settings.model, this.models.preferred];
    // A conversation keeps a model that is gone: the person is told, instead of silently asking another one.
    if (!this.conversation.isNew && wanted[0]) return wanted[0];
    return wanted.find((id): id is ModelId => !!id && this.models.get(id) !== undefined) ?? this.models.models[0]?.id;
  }

  get modelDetails(): Model | undefined {
    return this.model === undefined ? undefined : this.models.get(this.model);
  }

  /** For this conversation, and for those that begin afterwards. */
  chooseModel(model: ModelId): void {
    this.conversation.change({ model });
    if (this.conversation.isNew) this.session.change({ model }).catch(() => undefined); // the choice holds here all the same
  }

  /** The parameters beside the thread. */
  openPanel(isOpen: boolean): void {
    this.isPanelOpen = isOpen;
    this.#host.requestUpdate();
  }

  // Writing --------------------------------------------------------------------------------------------------------------

  get draftPlace(): DraftPlace {
    const { id, isNew, isTemporary } = this.conversation;
    return isNew ? (isTemporary ? 'temporary' : 'new') : id;
  }

  get draft(): string {
    return this.account?.drafts.get(this.draftPlace) ?? '';
  }

  write(text: string): void {
    this.account?.drafts.set(this.draftPlace, text);
    this.#host.requestUpdate();
  }

  /** A chat that is about to begin becomes a temporary one, or one no more. What was written goes along. */
  turnTemporary(): void {
    const { draft: text, conversation: { isTemporary: was } } = this;
    this.write('');
    this.place.go({ view: 'new', ...(!was && { isTemporary: true }) }, 'replace');
    this.write(text);
  }

  takeDraft(text: string): void {
    const before = this.account?.drafts.isOwn(this.draftPlace) === true ? this.draft : '';
    this.write(text);
    if (before !== '') this.#say({ text: msg('Your own draft was replaced'), undo: () => this.write(before) });
  }

  send(text: string, mode: 'queue' | 'stop-and-send'): void {
    const { model } = this;
    if (model === undefined) return this.#sendLater(text, mode);
    const { id, isNew } = this.conversation;
    this.write('');
    this.conversation.send({ text, files: this.attachments.take(id), model, mode });
    if (id === this.#newWithFiles) this.#newWithFiles = undefined;
    if (isNew) this.place.go({ view: 'conversation', id });
  }

  /** Nobody has to press twice because the models were still being loaded: what is still written there then goes out. */
  #sendLater(text: string, mode: 'queue' | 'stop-and-send'): void {
    if (this.models.isRead) return;
    const place = this.draftPlace;
    const sayLater = later(SAY_AFTER_MS, () => this.#say({ text: msg('The models are being loaded. Your message goes out then.') }));
    this.models.whenRead(() => {
      sayLater();
      const files = this.attachments.of(this.conversation.id);
      const canSee = files.length === 0 || this.modelDetails?.vision === true;
      if (this.draftPlace === place && this.draft === text && this.modelDetails?.needsKey === false && canSee && files.every(({ state }) => state === 'ready')) this.send(text, mode);
    });
  }

  /** Whether there is a message that a file could go with. */
  get takesFiles(): boolean {
    const { view } = this.place.address.place;
    const { phase, view: shown } = this.conversation;
    return this.account !== undefined && (view === 'new' || view === 'conversation') && phase !== 'missing' && shown.conversation.deletedAt === null;
  }

  attach(files: readonly File[]): void {
    const limits = this.session.welcome?.limits;
    const model = this.modelDetails;
    if (!this.takesFiles || limits === undefined || files.length === 0) return;
    if (model?.vision === false) this.#say({ text: msg(str`${model.name} cannot see images. Choose another model first.`) });
    else {
      if (this.conversation.isNew) this.#newWithFiles = this.conversation.id;
      this.attachments.add(this.conversation.id, files, limits);
    }
  }

  #keepFiles(conversation: ConversationId): void {
    const place = conversation === this.#newWithFiles ? (this.conversation.isTemporary ? 'temporary' : 'new') : conversation;
    this.account?.drafts.files.keep(place, { conversation, files: this.attachments.readyOf(conversation) });
  }

  /** Puts the images of a half-written message back where they were before a reload, or before another conversation was looked at. */
  #restoreFiles(): void {
    const kept = this.account?.drafts.files.get(this.draftPlace);
    const { isNew } = this.conversation;
    const begun = kept?.conversation ?? this.#newWithFiles;
    if (isNew && begun !== undefined) {
      this.conversation.beginAs(begun);
      this.#newWithFiles = begun;
    }
    if (kept !== undefined) this.attachments.restore(kept.conversation, kept.files);
  }

  /** Another tab of this browser has sent or removed images that lie here, too. */
  #filesStored(key: string | null): void {
    const files = this.account?.drafts.files;
    if (files?.isFor(this.draftPlace, key) !== true) return;
    const { id, isNew } = this.conversation;
    const kept = files.get(this.draftPlace);
    this.attachments.forget(id, kept?.files ?? []);
    if (!isNew || kept !== undefined || this.attachments.of(id).length > 0) return;
    this.#newWithFiles = undefined;
    this.conversation.beginAs(newId());
  }

  shorten(reply: MessageId): void {
    if (this.model === undefined) return;
    const isShorter = this.conversation.shorten(reply, this.model);
    this.#say({ text: isShorter ? msg('Asked again without the earlier messages. They are the other version.') : msg('There is nothing earlier to leave out.') });
  }

  // Conversations ----------------------------------------------------------------------------------------------------------

  rename(conversation: ConversationId, title: string): void {
    this.#change(conversation, { title });
  }

  pin(conversation: ConversationId, pinned: boolean): void {
    this.#change(conversation, { pinned });
  }

  archiveIt(conversation: ConversationId, archived: boolean): void {
    this.#change(conversation, { archived });
  }

  delete(conversation: ConversationId): void {
    this.#put({ type: 'conversation.delete', commandId: newId(), conversation });
  }

  restore(conversation: ConversationId): void {
    this.#put({ type: 'conversation.restore', commandId: newId(), conversation });
  }

  removeQueued(queued: CommandId): void {
    const waiting = this.conversation.view.conversation.queue.find((one) => one.command === queued);
    if (waiting !== undefined) this.#removed.set(queued, waiting);
    this.conversation.queue({ type: 'queue.remove', queued });
  }

  /** Messages and drafts that only this browser has. */
  get unsent(): { readonly messages: number; readonly drafts: number } {
    const messages = this.account?.outbox.entries.filter((entry) => entry.command.type === 'turn.send').length ?? 0;
    return { messages, drafts: this.account?.drafts.count ?? 0 };
  }

  fileAddress(file: { readonly fileId: string }): string {
    return addressOf('file', { params: { file: file.fileId } });
  }

  #change(conversation: ConversationId, change: Omit<CommandOf<'conversation.change'>, 'type' | 'commandId' | 'conversation'>): void {
    this.#put({ type: 'conversation.change', commandId: newId(), conversation, ...change });
  }

  #put(command: Command): void {
    this.#titles.set(command.conversation, this.#titleOf(command.conversation));
    this.account?.outbox.put(command);
    if (this.session.connection === 'offline') this.#say({ text: msg('You are offline. This is done when you are back.') });
  }

  #arrive({ place }: Address): void {
    if (this.conversation.phase === 'ready') this.list.looked(this.conversation.id);
    if (place.view === 'conversation') this.#show(place.id, place.message);
    if (place.view === 'new') this.conversation.show(undefined);
    if (place.view === 'new') this.conversation.makeTemporary(place.isTemporary === true);
    if (place.view === 'new' || place.view === 'conversation') this.#restoreFiles();
    if (place.view === 'search') this.search.find(place.words);
    if (place.view === 'archive') this.archive.want();
    this.#readPage();
  }

  /** What a page of administration shows is read each time it is looked at, by those it is open to. */
  #readPage(): void {
    const { view } = this.place.address.place;
    const role = this.account?.person.role;
    const isAdmin = role === 'admin';
    if (view === 'people' && isAdmin) void this.people.list.read();
    if (isAdmin) this.sealed.look(view);
    this.audit.look(isAdmin ? this.place.address.place : undefined);
    if (view === 'cases' && role === 'reviewer') void this.cases.list.read();
  }

  #show(id: ConversationId, message: MessageId | undefined): void {
    this.conversation.show(id);
    if (message === undefined) return;
    this.conversation.find(message);
    this.place.forgetMessage();
  }

  // What is heard -----------------------------------------------------------------------------------------------------------

  signedIn(): void {
    this.#restoreFiles();
    if (this.place.address.place.view === 'archive') this.archive.want();
    this.#readPage();
  }

  signedOut(): void {
    this.people.list.clear();
    this.sealed.clear();
    this.cases.list.clear();
    this.exports.clear();
    this.search.clear();
    this.attachments.clear();
    this.#newWithFiles = undefined;
    this.#removed.clear();
    this.#titles.clear();
    this.place.go({ view: 'new' }, 'replace');
  }

  commandDone(command: Command, answer: Done): void {
    if (answer.did === 'nothing') return;
    const { conversation } = command;
    if (command.type === 'conversation.delete') this.#deleted(conversation, answer.isHeld === true);
    if (command.type === 'conversation.restore') this.place.go({ view: 'conversation', id: conversation });
    if (command.type === 'queue.remove') this.#unqueued(command);
    if (command.type !== 'conversation.change') return;
    const title = this.#titles.get(conversation) ?? this.#titleOf(conversation);
    if (command.archived === true) this.#archived(conversation, title);
    if (command.archived === false) this.#say({ text: msg(str`“${title}” is in the list again`) });
    if (command.pinned === false) this.#say({ text: msg(str`“${title}” unpinned`), undo: () => this.pin(conversation, true) });
  }

  commandRefused(entry: OutboxEntry, refusal: Refusal): void {
    const { command } = entry;
    if (command.type === 'turn.send') return; // said where the message stands
    this.#say({ text: wordsOf(refusal) });
    if (command.type === 'queue.edit' && command.conversation === this.conversation.id && this.draft === '') this.write(command.text);
  }

  #deleted(conversation: ConversationId, isHeld: boolean): void {
    const seconds = this.session.welcome?.restoreSeconds ?? 10;
    const title = this.#titles.get(conversation) ?? this.#titleOf(conversation);
    if (conversation === this.conversation.id) this.place.go({ view: 'new' });
    this.#say({ text: isHeld ? msg(str`“${title}” deleted. It is kept for a legal case for as long as that needs it.`) : msg(str`“${title}” deleted`), undo: () => this.restore(conversation), forMs: seconds * 1_000 });
  }

  #archived(conversation: ConversationId, title: string): void {
    this.#say({ text: msg(str`“${title}” archived`), undo: () => this.archiveIt(conversation, false) });
  }

  #unqueued(command: CommandOf<'queue.remove'>): void {
    const waiting = this.#removed.get(command.queued);
    this.#removed.delete(command.queued);
    if (waiting === undefined || command.conversation !== this.conversation.id) return;
    this.#say({ text: msg('Removed from the queue'), undo: () => this.conversation.send({ text: waiting.text, files: waiting.files, model: waiting.model, mode: 'queue' }) });
  }

  #titleOf(conversation: ConversationId): string {
    const open = this.conversation.id === conversation ? this.conversation.view.conversation.title : '';
    const title = this.list.get(conversation)?.title || this.archive.get(conversation)?.title || open || msg('New chat');
    return title.length > SHORT_TITLE ? `${title.slice(0, SHORT_TITLE - 1).trimEnd()}…` : title;
  }
}
