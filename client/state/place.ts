import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { readAddress, writeAddress } from './address.ts';
import type { Address, Place } from './address.ts';

/** Where the page is, in step with the address bar and the way back. Links inside the page do not load it again. */
export class PlaceController implements ReactiveController {
  address: Address = readAddress(new URL(location.href), history.state);
  readonly #host: ReactiveControllerHost & EventTarget;
  readonly #moved: (address: Address) => void;

  constructor(host: ReactiveControllerHost & EventTarget, moved: (address: Address) => void) {
    this.#host = host;
    this.#moved = moved;
    host.addController(this);
  }

  hostConnected(): void {
    addEventListener('popstate', this.#onBack);
    this.#host.addEventListener('click', this.#onClick as EventListener);
  }

  hostDisconnected(): void {
    removeEventListener('popstate', this.#onBack);
    this.#host.removeEventListener('click', this.#onClick as EventListener);
  }

  go(place: Place, how: 'push' | 'replace' = 'push'): void {
    const url = writeAddress(place);
    if (how === 'replace') history.replaceState(null, '', url);
    else if (url !== location.pathname + location.search + location.hash) history.pushState(null, '', url);
    this.#arrive({ place, settings: false });
  }

  /** Goes to an address of this page, such as a link has. */
  goTo(href: string): void {
    const { place, settings } = readAddress(new URL(href, location.href));
    this.go(place);
    if (settings) this.openSettings();
  }

  /** The message that the address named is found: the way back and a reload lead to the conversation, not to that message once more. */
  forgetMessage(): void {
    const { place } = this.address;
    if (place.view !== 'conversation' || place.message === undefined) return;
    this.address = { ...this.address, place: { view: 'conversation', id: place.id } };
    if (!this.address.settings) history.replaceState(history.state, '', writeAddress(this.address.place));
  }

  openSettings(): void {
    if (!this.address.settings) history.pushState(location.pathname + location.search, '', '/settings');
    this.#arrive({ ...this.address, settings: true });
  }

  closeSettings(): void {
    if (!this.address.settings) return;
    this.#arrive({ ...this.address, settings: false });
    // What was opened from this page is left by the way it came, so that the way back does not lead into it again.
    if (typeof history.state === 'string') history.back();
    else history.replaceState(null, '', writeAddress(this.address.place));
  }

  #arrive(address: Address): void {
    this.address = address;
    this.#moved(address);
    this.#host.requestUpdate();
  }

  readonly #onBack = (): void => {
    this.#arrive(readAddress(new URL(location.href), history.state));
  };

  readonly #onClick = (event: MouseEvent): void => {
    if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = event.composedPath().find((one) => one instanceof HTMLAnchorElement);
    if (link === undefined || link.origin !== location.origin || link.target !== '' || link.hasAttribute('download') || link.pathname.startsWith('/api/')) return;
    if (link.hash !== '' && link.pathname === location.pathname && link.search === location.search) return;
    event.preventDefault();
    this.goTo(link.href);
  };
}
