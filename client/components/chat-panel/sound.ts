import type { MessageId, SiteId } from '../../../contracts/ids.ts';
import { keepItem, readItem } from '../../state/storage.ts';

/** Whether a visitor wants to hear that something has come while they look elsewhere. What makes the tone is fetched only for those who do. */
export class Sound {
  readonly #storage: Storage | undefined;
  readonly #site: () => SiteId;
  /** Where nothing can be kept, for as long as the page lasts. */
  #isOn = false;
  #isLooking = false;
  #endLook: (() => void) | undefined;

  constructor(storage: Storage | undefined, site: () => SiteId) {
    this.#storage = storage;
    this.#site = site;
  }

  /** As the visitor had it last, in whichever tab. */
  get isOn(): boolean {
    const kept = readItem(this.#storage, this.#key);
    return kept === undefined ? this.#isOn : kept === 'on';
  }

  /** On or off. What it will sound like is heard at once, which is also what makes a browser let it sound later. */
  async turn(): Promise<void> {
    this.#isOn = !this.isOn;
    keepItem(this.#storage, this.#key, this.#isOn ? 'on' : 'off');
    this.look(this.#isLooking);
    if (this.#isOn) await (await loadTone()).play();
  }

  /** What another tab has taken away is not known here either. */
  lapse(): void {
    this.#isOn = false;
  }

  forget(): void {
    this.lapse();
    for (const key of [this.#key, rungOf(this.#site())]) keepItem(this.#storage, key, undefined);
  }

  /** Somebody looks at the chat here, or not any more. */
  look(isLooking: boolean): void {
    this.#isLooking = isLooking;
    const isSaid = isLooking && this.isOn;
    if (isSaid === (this.#endLook !== undefined)) return;
    this.#endLook?.();
    if (!isSaid) return void (this.#endLook = undefined);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#endLook = resolve;
    void loadTone().then(({ look }) => look(this.#site(), promise));
  }

  /** Something has come that somebody may want to hear of. */
  async came(message: MessageId): Promise<void> {
    if (this.isOn && !this.#isLooking) await (await loadTone()).ring(this.#site(), message, this.#storage);
  }

  get #key(): string {
    return `gorunchat.sound.${this.#site()}`;
  }
}

/** Where it is kept for which message a tab has sounded last. */
export function rungOf(site: SiteId): string {
  return `gorunchat.rung.${site}`;
}

function loadTone(): Promise<typeof import('./tone.ts')> {
  return import('./tone.ts');
}
