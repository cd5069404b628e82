import { msg } from '@lit/localize';
import { html, LitElement, type TemplateResult } from 'lit';
import { customElement, query } from 'lit/decorators.js';
import { host } from '../../styles/host.ts';
import { keyName } from '../../text/key-names.ts';
import '../dialog/dialog.ts';
import type { GorunDialog } from '../dialog/dialog.ts';
import { keyMap } from './keys.ts';
import { styles } from './shortcuts.styles.ts';

/** The list of all keys, in a dialog. */
@customElement('gorun-shortcuts')
export class GorunShortcuts extends LitElement {
  static override styles = [host, styles];
  @query('gorun-dialog') private readonly dialog!: GorunDialog;

  show(): void {
    this.dialog.show();
  }

  protected override render(): TemplateResult {
    return html`<gorun-dialog .heading=${msg('Keyboard')}>
      <div class="columns">${keyMap().map(
        (group) => html`<section><h3>${group.title}</h3><dl>${group.lines.map(
          (line) => html`<div><dt>${line.what}</dt><dd>${line.keys.map((key) => html`<kbd>${keyName(key)}</kbd>`)}</dd></div>`,
        )}</dl></section>`,
      )}</div>
    </gorun-dialog>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'gorun-shortcuts': GorunShortcuts;
  }
}
