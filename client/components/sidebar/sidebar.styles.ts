import { css } from 'lit';

/** A row that goes somewhere, in the sidebar and in lists of the main column. */
export const navRow = css`
  .nav-row { display: flex; align-items: center; gap: .625rem; inline-size: 100%; min-block-size: var(--gorun-row); padding: .25rem .5rem; border: 0; border-radius: var(--gorun-radius-2); background: transparent; color: var(--gorun-text-2); font-size: var(--gorun-size-md); text-align: start; text-decoration: none; }
  .nav-row:hover { background: var(--gorun-hover); color: var(--gorun-text); }
  .nav-row .grow { flex: 1; min-inline-size: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .nav-row.strong { color: var(--gorun-text); font-weight: var(--gorun-weight-medium); }
  @media (max-width: 860px) { .nav-row { min-block-size: var(--gorun-target); font-size: var(--gorun-size-lg); } }
`;

export const styles = [
  navRow,
  css`
    :host { display: block; min-inline-size: 0; min-block-size: 0; background: var(--gorun-sunken); border-inline-end: 1px solid var(--gorun-line); }
    nav { display: grid; grid-template-rows: auto minmax(0, 1fr) auto; block-size: 100%; }
    .top { padding: .625rem .625rem .5rem; }
    .brand { display: flex; align-items: center; gap: .5rem; min-block-size: 2rem; padding-inline: .5rem 0; margin-block-end: .625rem; }
    .brand .wordmark { flex: 1; }
    .nav-row .new { display: grid; place-items: center; inline-size: 1.375rem; block-size: 1.375rem; margin-inline: -.125rem; border-radius: 7px; background: var(--gorun-action); color: var(--gorun-on-action-glyph); flex: none; }
    .nav-row .new .icon { inline-size: 1rem; block-size: 1rem; stroke-width: 2; }
    .lists { overflow-y: auto; padding: .25rem .625rem 1rem; scrollbar-width: thin; scrollbar-color: var(--gorun-line) transparent; }
    h2 { display: flex; align-items: center; min-block-size: 1.75rem; margin-block-start: .875rem; padding-inline: .5rem; color: var(--gorun-text-3); font-size: var(--gorun-size-xs); font-weight: var(--gorun-weight-medium); }
    .leaving { overflow: hidden; animation: gorun-collapse 200ms var(--gorun-ease) forwards; }
    @keyframes gorun-collapse { from { block-size: var(--gorun-row); } to { block-size: 0; opacity: 0; } }
    .say { display: grid; gap: .5rem; justify-items: start; padding: 1rem .5rem; color: var(--gorun-text-3); font-size: var(--gorun-size-sm); }
    .bars { display: grid; gap: 1.25rem; padding: 1.5rem .5rem; animation: gorun-show 0s .2s both; }
    .bars .skeleton:nth-child(odd) { inline-size: 74%; }
    .bars .skeleton:nth-child(3n) { inline-size: 58%; }
    @keyframes gorun-show { from { visibility: hidden; } }
    .bottom { padding: .375rem .625rem .5rem; border-block-start: 1px solid var(--gorun-line); }
    .only-narrow { display: none; }
    @media (max-width: 860px) { .only-narrow { display: inline-grid; } .only-wide { display: none; } }
    @media (forced-colors: active) { .nav-row .new { forced-color-adjust: none; background: ButtonText; color: ButtonFace; } }
  `,
];
