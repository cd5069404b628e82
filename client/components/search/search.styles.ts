import { css } from 'lit';

export const styles = css`
  :host { display: block; inline-size: 100%; max-inline-size: 49rem; margin-inline: auto; padding: 1.5rem; }
  .find-box { display: flex; align-items: center; gap: .5rem; min-block-size: 2.75rem; padding: 0 .75rem; border: 1px solid var(--gorun-line-strong); border-radius: var(--gorun-radius-2); background: var(--gorun-surface); color: var(--gorun-text-3); }
  .find-box:has(input:focus) { border-color: var(--gorun-focus); box-shadow: 0 0 0 1px var(--gorun-focus); }
  input { flex: 1; min-inline-size: 0; border: 0; background: transparent; outline: 0; color: var(--gorun-text); font-size: var(--gorun-size-lg); }
  input:focus-visible { outline: 0; }
  input::-webkit-search-cancel-button { display: none; }
  .clear { min-block-size: 2rem; padding: 0 .5rem; border: 0; border-radius: var(--gorun-radius-1); background: transparent; color: var(--gorun-text-2); font-size: var(--gorun-size-sm); }
  .clear:hover { background: var(--gorun-hover); }
  .count { min-block-size: 1.5rem; margin-block: .5rem .25rem; text-align: end; color: var(--gorun-text-3); font-size: var(--gorun-size-sm); }
  ul { display: grid; gap: .25rem; }
  .nav-row { display: block; padding: .75rem; }
  .line { display: flex; gap: .75rem; align-items: baseline; }
  .line strong { flex: 1; min-inline-size: 0; color: var(--gorun-text); font-weight: var(--gorun-weight-medium); }
  .when { font-size: var(--gorun-size-sm); white-space: nowrap; }
  .snippet { display: block; margin-block: .125rem; overflow-wrap: anywhere; }
  .none { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem; padding: .75rem; color: var(--gorun-text-2); }
  .button { margin-block-start: .75rem; }
`;
