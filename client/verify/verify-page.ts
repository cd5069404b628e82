import { msg, str } from '@lit/localize';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { Language } from '../../contracts/languages.ts';
import { mark } from '../icons.ts';
import { fields, host } from '../styles/host.ts';
import { check, type Checked } from './checking.ts';
import { NAMES, speak } from './languages.ts';
import { renderChecked, summaryOf } from './outcome.ts';
import { styles } from './verify-page.styles.ts';

/** Checks an export package that a person chooses, where it is: no server is asked and nothing leaves the page. */
@customElement('gorun-verify-page')
export class GorunVerifyPage extends LitElement {
  static override styles = [host, fields, styles];
  @property() language: Language = 'en';
  @state() private file: File | undefined;
  @state() private checkpoint = '';
  @state() private keys = '';
  @state() private done: number | undefined;
  @state() private checked: Checked | undefined;
  @state() private isOver = false;
  @query('#file') private readonly chooser!: HTMLInputElement;
  @query('#outcome') private readonly outcome!: HTMLElement | null;
  private stopping = new AbortController();

  protected override render(): TemplateResult {
    return html`<main>
      <header><span class="brand">${mark}<span class="wordmark">GoRunChat</span></span>
        <label class="sr" for="language">${msg('Language')}</label>
        <select id="language" class="input" .value=${this.language} @change=${({ target }: Event) => this.change((target as HTMLSelectElement).value as Language)}>${Object.entries(NAMES).map(([language, name]) => html`<option value=${language} lang=${language} ?selected=${language === this.language}>${name}</option>`)}</select></header>
      <h1>${msg('Verify a package')}</h1>
      <p>${msg('Checks an export package from GoRunChat on this computer. Nothing is sent anywhere: this page has no connection to any server.')}</p>
      ${this.renderForm()}
      ${this.done === undefined ? nothing : this.renderProgress(this.done)}
      ${this.checked === undefined ? nothing : html`<section aria-labelledby="outcome">${renderChecked(this.checked, { file: this.file, checkpoint: this.kept.checkpoints[0], hasKeys: this.kept.keys.length > 0 })}</section>`}
      ${renderLimits()}
      <p class="sr" role="status">${this.said}</p></main>`;
  }

  protected override updated(): void {
    document.title = `${msg('Verify a package')} – GoRunChat`;
  }

  private renderForm(): TemplateResult {
    const { file } = this;
    return html`<form @submit=${this.start}>
      <div class="drop ${this.isOver ? 'over' : ''}" @dragover=${this.over} @dragleave=${() => (this.isOver = false)} @drop=${this.drop}>
        <label for="file">${msg('Choose a package (.zip) or drop it here')}</label>
        <input id="file" type="file" accept=".zip,application/zip" @change=${() => this.take(this.chooser.files?.[0])} /></div>
      <details><summary>${msg('What you kept elsewhere (optional)')}</summary><div class="kept">
        <div class="field"><label for="checkpoint">${msg('Checkpoint')}</label><textarea id="checkpoint" class="input mono" rows="5" dir="ltr" spellcheck="false" aria-describedby="checkpoint-hint" @input=${({ target }: Event) => (this.checkpoint = (target as HTMLTextAreaElement).value)}></textarea>
          <p class="hint" id="checkpoint-hint">${msg('A checkpoint that you kept, or that somebody gave you.')}</p></div>
        <div class="field"><label for="keys">${msg('Public keys that you trust, one per line')}</label><textarea id="keys" class="input mono" rows="2" dir="ltr" spellcheck="false" aria-describedby="keys-hint" @input=${({ target }: Event) => (this.keys = (target as HTMLTextAreaElement).value)}></textarea>
          <p class="hint" id="keys-hint">${msg('With a key, only what is signed with it counts, and not what the package names itself.')}</p></div></div></details>
      <div class="acts"><button class="button primary" aria-disabled=${file === undefined || this.done !== undefined ? 'true' : nothing}>${msg('Check')}</button>
        ${this.done === undefined ? nothing : html`<button type="button" class="button" @click=${() => this.stopping.abort()}>${msg('Cancel')}</button>`}</div></form>`;
  }

  private renderProgress(done: number): TemplateResult {
    return html`<div class="progress"><label for="progress">${msg(str`Checking ${this.file?.name ?? ''}`)}</label><progress id="progress" max="1" .value=${done}></progress></div>`;
  }

  /** What a screen reader is told: that it goes on, at each quarter, and what came of it. */
  private get said(): string {
    if (this.done !== undefined) return `${msg(str`Checking ${this.file?.name ?? ''}`)} ${new Intl.NumberFormat(this.language, { style: 'percent' }).format(Math.floor(this.done * 4) / 4)}`;
    return this.checked === undefined ? '' : summaryOf(this.checked);
  }

  private get kept(): { readonly checkpoints: readonly string[]; readonly keys: readonly string[] } {
    const note = this.checkpoint.replaceAll('\r\n', '\n').trim();
    return { checkpoints: note === '' ? [] : [`${note}\n`], keys: this.keys.split('\n').map((key) => key.trim()).filter((key) => key !== '') };
  }

  private readonly start = async (event: Event): Promise<void> => {
    event.preventDefault();
    const { file } = this;
    if (file === undefined) this.chooser.focus();
    if (file === undefined || this.done !== undefined) return;
    this.stopping = new AbortController();
    [this.checked, this.done] = [undefined, 0];
    this.checked = await check(file, this.kept, { signal: this.stopping.signal, onPart: (done) => (this.done = done) });
    this.done = undefined;
    await this.updateComplete;
    this.outcome?.focus();
  };

  private take(file: File | undefined): void {
    if (file === undefined || this.done !== undefined) return;
    [this.file, this.checked] = [file, undefined];
  }

  private readonly over = (event: DragEvent): void => {
    event.preventDefault();
    this.isOver = true;
  };

  private readonly drop = (event: DragEvent): void => {
    event.preventDefault();
    this.isOver = false;
    const files = event.dataTransfer?.files;
    if (files === undefined || files.length === 0 || this.done !== undefined) return;
    this.chooser.files = files; // so that it says which one it is
    this.take(files[0]);
  };

  private async change(language: Language): Promise<void> {
    await speak(language);
    this.language = language;
  }
}

/** What no check of a package can know. */
function renderLimits(): TemplateResult {
  return html`<section class="limits"><h2>${msg('What this cannot know')}</h2><ul>
    <li>${msg('Whether what a record says is true, and who sat at the keyboard.')}</li>
    <li>${msg('Whether there were other conversations than the deployment counted and signed.')}</li>
    <li>${msg('Whether this page is the right one: trust it as far as whoever you had it from. One that comes with a package cannot vouch for it.')}</li></ul></section>`;
}

declare global {
  interface HTMLElementTagNameMap {
    'gorun-verify-page': GorunVerifyPage;
  }
}
