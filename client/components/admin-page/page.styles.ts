import { css } from 'lit';

/** Tables, facts and filters of a page of administration. On narrow windows the rows of a table are stacked. */
export const tableStyles = css`
  .table { inline-size: 100%; border-collapse: collapse; }
  .table th { text-align: start; padding: .5rem .75rem; color: var(--gorun-text-3); font-size: var(--gorun-size-sm); font-weight: var(--gorun-weight-medium); border-block-end: 1px solid var(--gorun-line); white-space: nowrap; }
  .table td { padding: .5625rem .75rem; border-block-end: 1px solid var(--gorun-line); vertical-align: middle; overflow-wrap: anywhere; }
  .table tbody tr:last-child td { border: 0; }
  .table tbody tr:hover { background: var(--gorun-sunken); }
  .table tr.chosen, .table tbody tr.chosen:hover { background: var(--gorun-accent-soft); }
  .table .who { display: flex; align-items: center; gap: .625rem; }
  .table strong { display: block; font-weight: var(--gorun-weight-medium); }
  .table .second { color: var(--gorun-text-3); font-size: var(--gorun-size-sm); }
  .table .chosen .second { color: var(--gorun-text-2); }
  .table select.input { min-block-size: 1.875rem; padding-block: .125rem; inline-size: auto; border-color: var(--gorun-line); background-color: transparent; }
  .table .error { padding-block: .25rem 0; }
  .table a { color: var(--gorun-text); }
  .filters { display: flex; flex-wrap: wrap; align-items: end; gap: .5rem .75rem; margin-block-end: .875rem; }
  .filters .field { flex: 1 1 10rem; }
  .find-box { display: flex; align-items: center; gap: .5rem; flex: 1 1 16rem; min-block-size: var(--gorun-control); padding: 0 .75rem; border: 1px solid var(--gorun-line-strong); border-radius: var(--gorun-radius-2); background: var(--gorun-surface); color: var(--gorun-text-3); }
  .find-box:focus-within { border-color: var(--gorun-focus); box-shadow: 0 0 0 1px var(--gorun-focus); }
  .find-box input { flex: 1; min-inline-size: 0; border: 0; background: transparent; outline: 0; color: var(--gorun-text); }
  .facts { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: .25rem 1rem; }
  .facts dt { color: var(--gorun-text-3); }
  .facts dd { overflow-wrap: anywhere; }
  .error .icon { flex: none; }
  .after { padding: .75rem .25rem; }
  .stack { display: grid; gap: 1rem; align-content: start; }
  @media (pointer: coarse) { .table select.input { min-block-size: var(--gorun-target); } }
  @media (max-width: 860px) {
    .table thead { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); }
    .table tr { display: grid; grid-template-columns: minmax(0, 1fr) auto; align-items: center; gap: .25rem .75rem; padding: .625rem 1rem; border-block-end: 1px solid var(--gorun-line); }
    .table tr:has(.error) { grid-template-columns: minmax(0, 1fr); }
    .table tbody tr:last-child { border: 0; }
    .table td { display: block; border: 0; padding: 0; }
  }
  @media (forced-colors: active) { .table tr.chosen { outline: 2px solid Highlight; outline-offset: -2px; } }
`;
