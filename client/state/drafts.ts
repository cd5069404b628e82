import type { ConversationId, TabId, UserId } from '../../contracts/ids.ts';
import { DraftFiles } from './draft-files.ts';
import { dropItems, keepItem, keysWith, readItem } from './storage.ts';

/** What is written for a temporary chat that has not begun is kept apart, and told to no other tab. */
export type DraftPlace = ConversationId | 'new' | 'temporary';
type ToldPlace = Exclude<DraftPlace, 'temporary'>;

export interface DraftParts {
  readonly account: UserId;
  readonly storage: Storage | undefined;
  /** Tells the person's other tabs. */
  readonly push: (place: ToldPlace, text: string) => void;
  readonly later: (ms: number, run: () => void) => () => void;
}

/** Longer ones are kept here and not told to other tabs. */
const LONGEST_TOLD = 20_000;
/** Other tabs are told at most this often while one writes. */
const PUSH_EVERY_MS = 400;

/** Half-written messages of one account: kept in this browser per conversation, shown to the account's other tabs as they grow. */
export class Drafts {
  /** The images that lie beside the texts. */
  readonly files: DraftFiles;
  readonly #parts: DraftParts;
  readonly #texts = new Map<DraftPlace, string>();
  readonly #elsewhere = new Map<DraftPlace, { tab: TabId; text: string; isKept: boolean }>();
  /** Places in which something was written in this tab; elsewhere stands what another one left in the browser. */
  readonly #own = new Set<DraftPlace>();
  readonly #due = new Map<DraftPlace, () => void>();

  constructor(parts: DraftParts) {
    this.#parts = parts;
    this.files = new DraftFiles(parts.storage, parts.account);
  }

  get(place: DraftPlace): string {
    const known = this.#texts.get(place);
    if (known !== undefined) return known;
    const kept = readItem(this.#parts.storage, this.#key(place)) ?? '';
    this.#texts.set(place, kept);
    return kept;
  }

  set(place: DraftPlace, text: string): void {
    this.#texts.set(place, text);
    this.#own.add(place);
    keepItem(this.#parts.storage, this.#key(place), text === '' ? undefined : text);
    if (text === '') return this.#pushNow(place);
    if (!this.#due.has(place)) this.#due.set(place, this.#parts.later(PUSH_EVERY_MS, () => this.#pushNow(place)));
  }

  /** What is typed in another tab for the same place, when it is something else than here. */
  elsewhere(place: DraftPlace): string | undefined {
    const text = this.#elsewhere.get(place)?.text ?? '';
    return text === '' || text === this.get(place) ? undefined : text;
  }

  heard(place: DraftPlace, tab: TabId, text: string): void {
    const kept = readItem(this.#parts.storage, this.#key(place));
    const isOwn = this.#own.has(place);
    if (text !== '') return void this.#elsewhere.set(place, { tab, text, isKept: kept !== undefined && !(isOwn && kept === this.get(place)) });
    // A tab of this browser that was reloaded in between has another name; what it sent is no longer kept.
    const before = this.#elsewhere.get(place);
    if (before?.tab === tab || (before?.isKept === true && kept === undefined)) this.#elsewhere.delete(place);
    if (kept === undefined && !isOwn) this.#texts.delete(place);
  }

  /** Whether the text was written here, and not only found in this browser. */
  isOwn(place: DraftPlace): boolean {
    return this.#own.has(place);
  }

  /** After a lost connection nobody knows whether the other tab still writes. */
  forgetElsewhere(): void {
    this.#elsewhere.clear();
  }

  /** How many there are in this browser. */
  get count(): number {
    const kept = keysWith(this.#parts.storage, this.#key('')).map((key) => key.slice(this.#key('').length));
    const written = [...this.#texts].filter(([, text]) => text !== '').map(([place]) => place);
    return new Set([...kept, ...written, ...this.files.places]).size;
  }

  /** Takes every draft of this account out of this browser. */
  clear(): void {
    for (const cancel of this.#due.values()) cancel();
    this.#due.clear();
    this.#texts.clear();
    this.#own.clear();
    this.#elsewhere.clear();
    dropItems(this.#parts.storage, this.#key(''));
    this.files.clear();
  }

  #pushNow(place: DraftPlace): void {
    this.#due.get(place)?.();
    this.#due.delete(place);
    const text = this.get(place);
    if (place !== 'temporary' && text.length <= LONGEST_TOLD) this.#parts.push(place, text);
  }

  #key(place: string): string {
    return `gorunchat.draft.${this.#parts.account}.${place}`;
  }
}
