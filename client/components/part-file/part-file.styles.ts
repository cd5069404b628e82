import { css } from 'lit';

export const styles = css`
  :host { display: block; min-inline-size: 0; max-inline-size: 100%; }
  .file { display: inline-flex; align-items: center; gap: .625rem; max-inline-size: min(17rem, 100%); min-block-size: 3.25rem; padding-block: .375rem; padding-inline: .4375rem .75rem; border: 1px solid var(--gorun-line); border-radius: var(--gorun-radius-3); background: var(--gorun-surface); text-align: start; color: inherit; position: relative; }
  button.file:hover { background: var(--gorun-hover); }
  .file.removable { padding-inline-end: 2.25rem; }
  .file.refused { border-color: var(--gorun-danger); }
  .tile { display: grid; place-items: center; inline-size: 2.375rem; block-size: 2.375rem; border-radius: var(--gorun-radius-2); background: var(--gorun-accent-soft); color: var(--gorun-accent); flex: none; }
  .refused .tile { background: var(--gorun-danger-soft); color: var(--gorun-danger); }
  .text { min-inline-size: 0; }
  .name { display: block; font-weight: var(--gorun-weight-medium); font-size: var(--gorun-size-md); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .size { display: block; color: var(--gorun-text-3); font-size: var(--gorun-size-xs); }
  .refused .size { color: var(--gorun-danger); }
  .remove { position: absolute; inset-inline-end: .25rem; }
  .picture { display: block; padding: 0; border: 1px solid var(--gorun-line); border-radius: var(--gorun-radius-3); overflow: hidden; background: var(--gorun-sunken); }
  .picture img { display: block; block-size: 5rem; inline-size: auto; min-inline-size: 5rem; max-inline-size: 15rem; object-fit: cover; }
  .bar { position: absolute; inset-inline: .5rem; inset-block-end: .25rem; block-size: 3px; border-radius: 2px; background: var(--gorun-line); overflow: hidden; }
  .bar progress { display: block; appearance: none; inline-size: 100%; block-size: 100%; border: 0; background: none; }
  .bar progress::-webkit-progress-bar { background: none; }
  .bar progress::-webkit-progress-value { background: var(--gorun-accent); }
  .bar progress::-moz-progress-bar { background: var(--gorun-accent); }
  @media (pointer: coarse) { .file.removable { padding-inline-end: 3rem; } }
  @media (forced-colors: active) { .file, .picture { border: 1px solid CanvasText; } }
`;
