import type { Command, Done } from '../../contracts/commands.ts';
import type { Refusal } from '../../contracts/failures.ts';
import type { ConversationId, TabId, UserId } from '../../contracts/ids.ts';
import type { Person, Settings } from '../../contracts/routes.ts';
import type { Handshake } from '../../contracts/socket.ts';
import { newId } from '../link/ids.ts';
import { OutboxEntries } from '../link/outbox-entries.ts';
import type { OutboxEntry } from '../link/outbox-entries.ts';
import { Outbox } from '../link/outbox.ts';
import { Link, PROTOCOL_VERSION } from '../link/socket.ts';
import type { LinkListener, TabSocket } from '../link/socket.ts';
import { Drafts } from './drafts.ts';
import { later } from './frame.ts';

/** What exists in a tab while somebody is known: signed in, or a visitor of a site. */
export interface Account {
  person: Person;
  settings: Settings;
  readonly tab: TabId;
  readonly link: Link;
  readonly entries: OutboxEntries;
  readonly outbox: Outbox;
  readonly drafts: Drafts;
}

/** A part of the page that lives with the account. It hears the link and what becomes of commands. */
export interface Member {
  readonly listener: LinkListener;
  signedIn(account: Account): void;
  signedOut(): void;
  outboxChanged?(): void;
  commandDone?(command: Command, answer: Done): void;
  commandRefused?(entry: OutboxEntry, refusal: Refusal): void;
}

/** The browser, as far as an account touches it. */
export interface AccountParts {
  readonly socket: (handshake: Handshake) => TabSocket;
  readonly storage: Storage | undefined;
  readonly locks: Pick<LockManager, 'request'> | undefined;
}

export interface AccountStart {
  readonly person: Person;
  readonly settings: Settings;
  /** Of a visitor. */
  readonly token?: string;
}

/** The account with its connection, which is not made yet. `tell` reaches every member. */
export function openAccount({ person, settings, token }: AccountStart, { socket, storage, locks }: AccountParts, tell: (what: (member: Member) => void) => void): Account {
  const tab = newId<TabId>();
  const handshake: Handshake = { version: PROTOCOL_VERSION, tab, user: person.id, ...(token !== undefined && { token }) };
  const link = new Link(handshake, { socket: socket(handshake), random: Math.random, later });
  const entries = new OutboxEntries(person.id, storage);
  const outbox: Outbox = new Outbox({
    entries, tab, locks, later,
    now: Date.now,
    send: (command) => link.command(command),
    changed: () => tell((member) => member.outboxChanged?.()),
    done: (command, answer) => tell((member) => member.commandDone?.(command, answer)),
    refused: (entry, refusal) => {
      // Only a message is worth keeping as refused; what other refused commands asked for is over, and the page says why.
      if (entry.command.type !== 'turn.send') outbox.remove(entry.command.commandId);
      tell((member) => member.commandRefused?.(entry, refusal));
    },
  });
  const drafts = new Drafts({ account: person.id, storage, push: (place, text) => link.typing(place, text), later });
  return { person, settings, tab, link, entries, outbox, drafts };
}

/** What a visitor had not sent when the site said who they are, or sent without an answer, is the user's. The result is the conversation of the last message among it. */
export function bringOver(account: Account, was: UserId, left: Account | undefined, storage: Storage | undefined): ConversationId | undefined {
  const before = left?.person.id === was ? left : undefined;
  const brought = account.outbox.bring(before?.entries ?? new OutboxEntries(was, storage), before?.tab);
  return brought.findLast(({ command }) => command.type === 'turn.send')?.command.conversation;
}

/** The conversation of the last message that has not gone out yet. */
export function unsentIn({ outbox }: Account): ConversationId | undefined {
  return outbox.entries.findLast(({ command }) => command.type === 'turn.send')?.command.conversation;
}

/** Ends the connection and the outbox of an account that is left. */
export function closeAccount({ link, outbox }: Account): void {
  link.close();
  outbox.close();
}
