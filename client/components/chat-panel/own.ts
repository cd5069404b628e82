import type { SiteId, UserId } from '../../../contracts/ids.ts';
import { dropItems, keepItem, readItem } from '../../state/storage.ts';

const WHAT = ['agreed', 'text'] as const;
type What = (typeof WHAT)[number];

/**
 * What a visitor has written and not sent, and whether they have agreed to what a site says before the first message: here, or in another tab where the browser keeps anything. What is one user's of the site is
 * no other's, whichever tab each of them is in.
 */
export class Own {
  /** As it stands in this tab. */
  text = '';
  readonly #storage: Storage | undefined;
  readonly #site: () => SiteId;
  /** Where nothing can be kept, for as long as the page lasts. */
  #hasAgreed = false;
  /** In this tab; another may be in somebody else's hands. */
  #user: UserId | undefined;

  constructor(storage: Storage | undefined, site: () => SiteId) {
    this.#storage = storage;
    this.#site = site;
  }

  get hasAgreed(): boolean {
    return (this.#hasAgreed ||= this.#read('agreed') === 'yes');
  }

  agree(): void {
    this.#hasAgreed = true;
    this.#keep('agreed', 'yes');
  }

  write(text: string): void {
    this.text = text;
    this.#keep('text', text || undefined);
  }

  /** Goes on with what was left here. */
  resume(): void {
    this.text ||= this.#read('text') ?? '';
  }

  /**
   * The site vouches for this user. What somebody anonymous wrote and agreed to is theirs: they may be the one whom the site had not named yet. Where another user was here before it may be that one's, and is
   * dropped with what they left.
   */
  become(user: UserId): void {
    if (user === this.#user) return;
    const before = this.#user ?? this.#last;
    const isAnother = before !== undefined && before !== user;
    const { text, hasAgreed } = isAnother ? { text: '', hasAgreed: false } : this;
    for (const whose of isAnother ? ['', before] : ['']) {
      for (const what of WHAT) keepItem(this.#storage, this.#keyOf(what, whose), undefined);
    }
    keepItem(this.#storage, this.#lastKey, (this.#user = user));
    this.text = text;
    this.#hasAgreed = hasAgreed;
    if (hasAgreed) this.agree();
    const kept = this.#read('text') ?? ''; // where they had something half written before, nothing of either is lost
    this.write([kept, text].filter((one, at, both) => one !== '' && both.indexOf(one) === at).join('\n\n'));
  }

  /** Another tab has changed what is kept under this key. Where somebody else has signed in there, what that dropped is kept again: it still stands here. */
  heard(key: string): void {
    if (key !== this.#lastKey || this.#user === undefined || this.#last === undefined || this.#last === this.#user) return;
    if (this.text !== '') this.write(this.text);
    if (this.#hasAgreed) this.agree();
  }

  /** What another tab has taken away is not known here either. */
  lapse(): void {
    for (const what of WHAT) this.#keep(what, undefined);
    this.text = '';
    this.#hasAgreed = false;
    this.#user = undefined;
  }

  forget(): void {
    this.lapse();
    for (const what of WHAT) dropItems(this.#storage, `gorunchat.${what}.${this.#site()}`);
    keepItem(this.#storage, this.#lastKey, undefined);
  }

  #keep(what: What, value: string | undefined): void {
    keepItem(this.#storage, this.#keyOf(what), value);
  }

  #read(what: What): string | undefined {
    return readItem(this.#storage, this.#keyOf(what));
  }

  /** What is nobody's by name is kept under the site alone. */
  #keyOf(what: What, whose = this.#user ?? ''): string {
    return `gorunchat.${what}.${this.#site()}${whose && `.${whose}`}`;
  }

  /** Which user of the site this browser was last, in whichever tab. */
  get #last(): string | undefined {
    return readItem(this.#storage, this.#lastKey);
  }

  get #lastKey(): string {
    return `gorunchat.user.${this.#site()}`;
  }
}
