import { msg, str } from '@lit/localize';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import type { SearchHit } from '../../../contracts/routes.ts';
import { icon } from '../../icons.ts';
import { host } from '../../styles/host.ts';
import { navRow } from '../sidebar/sidebar.styles.ts';
import { snippetParts } from './snippet.ts';
import { styles } from './search.styles.ts';

/** The words to look for have changed; the page asks for results. */
export class SearchEvent extends Event {
  readonly words: string;
  constructor(words: string) {
    super('gorun-search', { bubbles: true, composed: true });
    this.words = words;
  }
}

/** The person wants older results, or the same ones once more after a failure. */
export class MoreResultsEvent extends Event {
  constructor() {
    super('gorun-more-results', { bubbles: true, composed: true });
  }
}

const TYPING_PAUSE_MS = 250;

/**
 * Finds messages and titles.
 * @fires gorun-search
 * @fires gorun-more-results
 */
@customElement('gorun-search')
export class GorunSearch extends LitElement {
  static override styles = [host, navRow, styles];
  @property() words = '';
  @property() state: 'idle' | 'searching' | 'ready' | 'failed' = 'idle';
  @property({ attribute: false }) hits: readonly SearchHit[] = [];
  @property({ type: Boolean }) hasMore = false;
  /** The sentence of a failure. */
  @property() failure = '';
  /** Says when something was, in words. */
  @property({ attribute: false }) dayOf: (at: number) => string = String;
  @query('input') private readonly input!: HTMLInputElement;
  private pause: ReturnType<typeof setTimeout> | undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.pause);
  }

  override focus(): void {
    this.input.focus();
  }

  protected override firstUpdated(): void {
    this.input.focus();
  }

  protected override render(): TemplateResult {
    return html`<div class="find-box">${icon('search')}<input type="search" aria-label=${msg('Search conversations')} placeholder=${msg('Search messages and titles')} .value=${this.words} @input=${this.onInput} @keydown=${this.onKey} />
        ${this.words === '' ? nothing : html`<button type="button" class="clear" @click=${this.onClear}>${msg('Clear')}</button>`}</div>
      <p class="count" role="status">${this.renderCount()}</p>
      ${this.renderResults()}`;
  }

  private renderCount(): string {
    if (this.state === 'searching') return msg('Searching…');
    if (this.state !== 'ready' || this.hits.length === 0) return '';
    if (this.hasMore) return msg(str`${this.hits.length} results and more`);
    return this.hits.length === 1 ? msg('1 result') : msg(str`${this.hits.length} results`);
  }

  private renderResults(): TemplateResult | typeof nothing {
    if (this.state === 'failed') return html`<p class="none" role="alert">${this.failure} <button type="button" class="button small" @click=${this.more}>${msg('Try again')}</button></p>`;
    if (this.state === 'ready' && this.hits.length === 0) return html`<p class="none">${msg(str`Nothing found for "${this.words}".`)} ${msg('Try fewer words.')}</p>`;
    return html`<ul>${this.hits.map((hit) => this.renderHit(hit))}</ul>${this.hasMore ? html`<button type="button" class="button" @click=${this.more}>${msg('Show more')}</button>` : nothing}`;
  }

  private renderHit(hit: SearchHit): TemplateResult {
    return html`<li><a class="nav-row" href="/c/${hit.conversation}${hit.message ? `#${hit.message}` : ''}">
      <span class="line"><strong dir="auto">${hit.title === '' ? msg('New chat') : hit.title}</strong><span class="quiet when">${this.dayOf(hit.at)}</span></span>
      <span class="snippet" dir="auto">${snippetParts(hit.snippet).map((part) => (part.isHit ? html`<mark>${part.text}</mark>` : part.text))}</span>
    </a></li>`;
  }

  private readonly onInput = (): void => {
    clearTimeout(this.pause);
    this.pause = setTimeout(() => this.ask(), TYPING_PAUSE_MS);
  };

  private readonly onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || event.isComposing) return;
    clearTimeout(this.pause);
    this.ask();
  };

  private readonly onClear = (): void => {
    this.input.value = '';
    this.ask();
    this.input.focus();
  };

  private readonly more = (): void => {
    this.dispatchEvent(new MoreResultsEvent());
  };

  private ask(): void {
    this.dispatchEvent(new SearchEvent(this.input.value.trim()));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'gorun-search': GorunSearch;
  }
  interface HTMLElementEventMap {
    'gorun-search': SearchEvent;
    'gorun-more-results': MoreResultsEvent;
  }
}
