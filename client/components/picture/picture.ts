import { msg } from '@lit/localize';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { icon } from '../../icons.ts';
import { host } from '../../styles/host.ts';
import '../dialog/dialog.ts';
import type { GorunDialog } from '../dialog/dialog.ts';

/** A picture of a message: what it is called and where its bytes are. */
export interface ShownPicture {
  readonly name: string;
  readonly address: string;
}

const styles = css`
  figure { display: grid; place-items: center; min-block-size: 8rem; }
  img { display: block; max-inline-size: 100%; max-block-size: min(75dvh, 100%); inline-size: auto; block-size: auto; border-radius: var(--gorun-radius-2); }
  .push { margin-inline-start: auto; }
`;

/** One picture, as large as the window allows. */
@customElement('gorun-picture')
export class GorunPicture extends LitElement {
  static override styles = [host, styles];
  @state() private shown: ShownPicture | undefined;
  @query('gorun-dialog') private readonly dialog!: GorunDialog;

  show(picture: ShownPicture): void {
    this.shown = picture;
    this.performUpdate();
    this.dialog.show();
  }

  protected override render(): TemplateResult {
    const { shown } = this;
    return html`<gorun-dialog size="wide" .heading=${shown?.name ?? ''} @gorun-close-dialog=${() => (this.shown = undefined)}>
      ${shown === undefined ? nothing : html`<figure><img src=${shown.address} alt=${shown.name} /></figure>
        <a slot="footer" class="button push" href=${shown.address} target="_blank" rel="noopener">${icon('external', 'small')}${msg('Open in a new tab')}</a>
        <a slot="footer" class="button" href=${shown.address} download=${shown.name}>${icon('download', 'small')}${msg('Download')}</a>`}
    </gorun-dialog>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'gorun-picture': GorunPicture;
  }
}
