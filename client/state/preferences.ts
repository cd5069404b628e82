import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Settings } from '../../contracts/routes.ts';
import { keepItem, readItem } from './storage.ts';

const COLLAPSED = 'gorunchat.sidebar-collapsed';
const THEME = 'gorunchat.theme';

/** What only this browser needs to know, the same in all its tabs: whether the sidebar is folded, and the theme to begin with before the settings are there. */
export class PreferencesController implements ReactiveController {
  isCollapsed: boolean;
  readonly #host: ReactiveControllerHost;
  readonly #storage: Storage | undefined;
  #channel: BroadcastChannel | undefined;

  constructor(host: ReactiveControllerHost, storage: Storage | undefined) {
    this.#host = host;
    this.#storage = storage;
    this.isCollapsed = readItem(storage, COLLAPSED) === 'true';
    host.addController(this);
  }

  hostConnected(): void {
    this.wear(readItem(this.#storage, THEME) as Settings['theme'] | undefined);
    this.#channel = new BroadcastChannel('gorunchat.preferences');
    this.#channel.onmessage = (event: MessageEvent<{ isCollapsed?: unknown }>) => {
      if (typeof event.data?.isCollapsed !== 'boolean') return;
      this.isCollapsed = event.data.isCollapsed;
      this.#host.requestUpdate();
    };
  }

  hostDisconnected(): void {
    this.#channel?.close();
  }

  collapse(isCollapsed: boolean): void {
    this.isCollapsed = isCollapsed;
    keepItem(this.#storage, COLLAPSED, String(isCollapsed));
    this.#channel?.postMessage({ isCollapsed });
    this.#host.requestUpdate();
  }

  /** Puts a theme on the document; `system` and anything unknown leave it to the system. */
  wear(theme: Settings['theme'] | undefined): void {
    const root = document.documentElement;
    if (theme === 'light' || theme === 'dark') root.dataset['gorunTheme'] = theme;
    else delete root.dataset['gorunTheme'];
    if (theme !== undefined && readItem(this.#storage, THEME) !== theme) keepItem(this.#storage, THEME, theme);
  }
}
