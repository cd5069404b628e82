import { msg, str } from '@lit/localize';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { type Icon, icon } from '../../icons.ts';
import { host } from '../../styles/host.ts';
import { keyName, keyNames } from '../../text/key-names.ts';
import '../dialog/dialog.ts';
import type { GorunDialog } from '../dialog/dialog.ts';
import { rank, splitAt } from './match.ts';
import { styles } from './palette.styles.ts';

/** Something that can be opened or done. `href` may also be opened in a new tab. */
export interface PaletteEntry {
  readonly id: string;
  readonly text: string;
  readonly second?: string;
  readonly icon: Icon;
  readonly keys?: readonly string[];
  readonly href?: string;
}

/** Entries under one heading, the most likely first. */
export interface PaletteSource {
  readonly title: string;
  readonly entries: readonly PaletteEntry[];
  /** So many of them are shown at once; all of them without. */
  readonly most?: number;
}

/** The person chose an entry; the palette is closed by then. */
export class RunCommandEvent extends Event {
  readonly entry: string;
  readonly query: string;
  readonly inNewTab: boolean;
  constructor(entry: string, query: string, inNewTab: boolean) {
    super('gorun-run-command', { bubbles: true, composed: true });
    this.entry = entry;
    this.query = query;
    this.inNewTab = inNewTab;
  }
}

/** The id of the entry that searches messages. */
export const SEARCH_MESSAGES = 'search-messages';

/**
 * Finds conversations and commands by a few letters.
 * @fires gorun-run-command
 */
@customElement('gorun-palette')
export class GorunPalette extends LitElement {
  static override styles = [host, styles];
  @property({ attribute: false }) sources: readonly PaletteSource[] = [];
  @state() private typed = '';
  @state() private active = 0;
  @query('gorun-dialog') private readonly dialog!: GorunDialog;
  @query('input') private readonly input!: HTMLInputElement;

  /** Opens with nothing typed, over what can be found right now. */
  show(sources: readonly PaletteSource[] = this.sources): void {
    this.sources = sources;
    this.typed = '';
    this.active = 0;
    this.performUpdate();
    this.input.value = '';
    this.dialog.show();
  }

  get isOpen(): boolean {
    return this.hasUpdated && this.dialog.isOpen;
  }

  protected override render(): TemplateResult {
    const groups = this.found();
    const entries = groups.flatMap((group) => group.entries);
    const active = entries[this.active];
    return html`<gorun-dialog bare size="high" .heading=${msg('Search and commands')}>
      <div class="palette">
        <div class="ask">${icon('search')}<input type="text" role="combobox" autocomplete="off" spellcheck="false" aria-label=${msg('Search and commands')} placeholder=${msg('Find a conversation or a command')}
          aria-expanded="true" aria-controls="found" aria-activedescendant=${active ? `entry-${this.active}` : nothing} @input=${this.onInput} @keydown=${this.onKey} /><kbd>Esc</kbd></div>
        <div id="found" role="listbox" aria-label=${msg('Results')}>${groups.map((group) => this.renderGroup(group, entries))}</div>
        <p class="sr" role="status">${this.typed === '' ? '' : msg(str`${entries.length} results`)}</p>
        ${this.renderNone(groups)}
        <footer><span><kbd>↑</kbd> <kbd>↓</kbd> ${msg('choose')}</span><span><kbd>Enter</kbd> ${msg('open')}</span><span><kbd>${keyNames('Ctrl', 'Enter')}</kbd> ${msg('in a new tab')}</span></footer>
      </div>
    </gorun-dialog>`;
  }

  private renderGroup(group: PaletteSource, all: readonly PaletteEntry[]): TemplateResult {
    return html`<div role="group" aria-label=${group.title}><div class="label" aria-hidden="true">${group.title}</div>${group.entries.map((entry) => this.renderEntry(entry, all.indexOf(entry)))}</div>`;
  }

  private renderEntry(entry: PaletteEntry, at: number): TemplateResult {
    const [before, hit, after] = splitAt(entry.text, this.typed);
    const isActive = at === this.active;
    return html`<div class="item ${isActive ? 'active' : ''}" role="option" id="entry-${at}" aria-selected=${isActive} @pointermove=${() => (this.active = at)} @click=${(event: MouseEvent) => this.run(entry, event.ctrlKey || event.metaKey)}>
      ${icon(entry.icon)}<span class="grow"><span dir="auto">${before}${hit ? html`<mark>${hit}</mark>` : nothing}${after}</span>${entry.second ? html`<span class="second">${entry.second}</span>` : nothing}</span>
      ${isActive ? html`<kbd>Enter</kbd>` : (entry.keys ?? []).map((key) => html`<kbd>${keyName(key)}</kbd>`)}
    </div>`;
  }

  private renderNone(groups: readonly PaletteSource[]): TemplateResult | typeof nothing {
    const isNothing = groups.every((group) => group.entries.every((entry) => entry.id === SEARCH_MESSAGES));
    if (this.typed === '' || !isNothing) return nothing;
    return html`<p class="none">${msg(str`Nothing found for "${this.typed}".`)} ${msg('Try fewer words, or search messages too.')}</p>`;
  }

  private found(): readonly PaletteSource[] {
    const found = this.sources.map((source) => ({ title: source.title, entries: rank(source.entries, this.typed, (entry) => entry.text).slice(0, source.most) }));
    const messages: PaletteEntry = { id: SEARCH_MESSAGES, text: msg(str`Search all messages for “${this.typed}”`), icon: 'search', keys: ['Ctrl', '⇧', 'F'] };
    return [...found.filter((source) => source.entries.length > 0), ...(this.typed === '' ? [] : [{ title: msg('Messages'), entries: [messages] }])];
  }

  private readonly onInput = (): void => {
    this.typed = this.input.value.trim();
    this.active = 0;
  };

  private readonly onKey = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    const entries = this.found().flatMap((group) => group.entries);
    const last = entries.length - 1;
    const to = { ArrowDown: this.active >= last ? 0 : this.active + 1, ArrowUp: this.active <= 0 ? last : this.active - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      this.active = to;
      void this.updateComplete.then(() => this.shadowRoot?.querySelector('.active')?.scrollIntoView({ block: 'nearest' }));
    }
    const entry = entries[this.active];
    if (event.key !== 'Enter' || entry === undefined) return;
    event.preventDefault();
    this.run(entry, event.ctrlKey || event.metaKey);
  };

  private run(entry: PaletteEntry, inNewTab: boolean): void {
    const { typed } = this;
    this.dialog.close();
    this.dispatchEvent(new RunCommandEvent(entry.id, typed, inNewTab && entry.href !== undefined));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'gorun-palette': GorunPalette;
  }
  interface HTMLElementEventMap {
    'gorun-run-command': RunCommandEvent;
  }
}
