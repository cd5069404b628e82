import { css } from 'lit';

export const styles = css`
  :host { display: block; container-type: inline-size; }
  .composer { position: relative; border: 1px solid var(--gorun-line-strong); border-radius: var(--gorun-radius-4); background: var(--gorun-surface); box-shadow: var(--gorun-shadow-2); transition: border-color var(--gorun-fast); }
  /* The frame is the ring of the field; its buttons have their own. */
  .composer:has(textarea:focus) { border-color: var(--gorun-focus); box-shadow: 0 0 0 1px var(--gorun-focus), var(--gorun-shadow-2); }
  .composer.dropping { border-style: dashed; border-color: var(--gorun-accent); }
  .tray { display: flex; flex-wrap: wrap; gap: .5rem; padding: .75rem .75rem 0; max-block-size: 30dvh; overflow-y: auto; }
  textarea { display: block; inline-size: 100%; min-block-size: 3rem; max-block-size: 40dvh; padding: .875rem 1rem .25rem; border: 0; background: transparent; resize: none; font-size: var(--gorun-size-lg); line-height: 1.5; field-sizing: content; }
  textarea:focus-visible { outline: none; }
  .tools { display: flex; align-items: center; gap: .25rem; padding: .375rem .5rem .5rem; }
  .tools > .icon-button { inline-size: 2.25rem; block-size: 2.25rem; }
  .push { flex: 1; }
  .hint { color: var(--gorun-text-3); font-size: var(--gorun-size-sm); padding-inline-end: .5rem; }
  .problem { display: flex; align-items: center; gap: .35rem; min-inline-size: 0; color: var(--gorun-danger); font-size: var(--gorun-size-sm); padding-inline: .25rem .5rem; }
  .send { display: inline-grid; place-items: center; inline-size: 2.25rem; block-size: 2.25rem; padding: 0; border: 0; border-radius: var(--gorun-radius-3); background: var(--gorun-action); color: var(--gorun-on-action-glyph); flex: none; }
  .send:hover { background: var(--gorun-action-hover); }
  .send[aria-disabled='true'] { background: var(--gorun-hover); color: var(--gorun-text-3); cursor: default; }
  .send .icon { stroke-width: 2; }
  .drop { position: absolute; inset: 0; z-index: 1; display: grid; place-items: center; align-content: center; border-radius: inherit; background: color-mix(in srgb, var(--gorun-surface) 92%, transparent); color: var(--gorun-text); font-weight: var(--gorun-weight-strong); pointer-events: none; }
  :host([compact]) .composer { display: grid; grid-template-columns: auto minmax(0, 1fr) auto; align-items: end; padding: 4px; border-radius: calc(var(--gorun-chat-radius, var(--gorun-radius-4)) * .8); box-shadow: none; }
  :host([compact]) .composer:has(textarea:focus) { box-shadow: 0 0 0 1px var(--gorun-focus); }
  :host([compact]) .tray, :host([compact]) .problem { grid-column: 1 / -1; }
  :host([compact]) .tray { order: -1; padding: 6px 6px 2px; }
  :host([compact]) textarea { order: 1; min-block-size: 2.25rem; max-block-size: 10rem; padding: .375rem; line-height: 1.5rem; }
  :host([compact]) .tools { display: contents; }
  :host([compact]) .send { order: 2; }
  :host([compact]) :is(.push, .hint) { display: none; }
  :host([compact]) .composer:not(:has(input)) { grid-template-columns: minmax(0, 1fr) auto; }
  @container (max-width: 400px) { .hint { display: none; } }
  @media (pointer: coarse) { .send, .tools > .icon-button { inline-size: var(--gorun-target); block-size: var(--gorun-target); } }
  @media (forced-colors: active) {
    .composer { border: 1px solid CanvasText; }
    .send { border: 1px solid ButtonText; }
    .send:not([aria-disabled='true']) { forced-color-adjust: none; background: ButtonText; color: ButtonFace; }
  }
`;
