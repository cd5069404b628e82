import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { type Shortcut, shortcutOf } from '../components/shortcuts/keys.ts';

/** Hears the keys that count anywhere on the page. `run` answers whether it did something; only then is the key taken from the browser. */
export class KeyboardController implements ReactiveController {
  readonly #singleKeys: () => boolean;
  readonly #run: (shortcut: Shortcut) => boolean;

  constructor(host: ReactiveControllerHost, parts: { singleKeys: () => boolean; run: (shortcut: Shortcut) => boolean }) {
    this.#singleKeys = parts.singleKeys;
    this.#run = parts.run;
    host.addController(this);
  }

  hostConnected(): void {
    addEventListener('keydown', this.#onKey);
  }

  hostDisconnected(): void {
    removeEventListener('keydown', this.#onKey);
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    const shortcut = shortcutOf(event, { isTyping: isField(event.composedPath()[0]), singleKeys: this.#singleKeys() });
    if (shortcut !== undefined && this.#run(shortcut)) event.preventDefault();
  };
}

function isField(target: EventTarget | undefined): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches('textarea, select, input:not([type="checkbox"], [type="radio"], [type="button"])'));
}
