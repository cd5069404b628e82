import { css } from 'lit';

export const reviewStyles = css`
  :host { display: block; }
  form.search { display: grid; gap: .75rem; margin-block-end: 1.25rem; }
  form.search .filters { margin: 0; }
  .filters .button { flex: none; }
  .bar { align-items: center; }
  .bar strong { flex: 1 1 10rem; font-weight: var(--gorun-weight-medium); }
  .bar label { display: inline-flex; align-items: center; gap: .5rem; min-block-size: 1.75rem; }
  .results td:first-child { inline-size: 2.75rem; }
  .results td:nth-child(3) { white-space: nowrap; }
  .done { display: grid; gap: .375rem; margin-block-end: .875rem; }
  .reason { display: block; margin-block-end: 1rem; }
  @media (pointer: coarse) { .bar label { min-block-size: var(--gorun-target); } .results .check { inline-size: 1.5rem; block-size: 1.5rem; } }
  @media (max-width: 860px) {
    form.search .filters:first-child .field { flex-basis: 100%; }
    .results tr { grid-template-columns: auto minmax(0, 1fr); align-items: start; }
    .results td:first-child { inline-size: auto; grid-row: 1 / 4; padding-block-start: .15rem; }
    .results td:nth-child(n + 2) { grid-column: 2; }
    .results td:nth-child(3), .results td:nth-child(4) { color: var(--gorun-text-2); font-size: var(--gorun-size-sm); }
    .results td:empty { display: none; }
  }
`;

export const foundStyles = css`
  :host { display: block; }
  .back a { display: inline-flex; align-items: center; gap: .25rem; min-block-size: 1.75rem; margin-block-end: .5rem; color: var(--gorun-text-2); }
  h2 { margin-block-end: .75rem; font-size: var(--gorun-size-xl); font-weight: var(--gorun-weight-strong); letter-spacing: var(--gorun-tracking-title); overflow-wrap: anywhere; }
  h2:focus-visible { outline: none; }
  .facts { margin-block-end: 1rem; }
  .filters .field { flex: 0 1 16rem; }
  .said { display: grid; gap: .75rem; max-inline-size: 46rem; margin-block: 1rem; }
  .said > li { display: grid; gap: .5rem; padding: .75rem 1rem; border: 1px solid var(--gorun-line); border-radius: var(--gorun-radius-3); background: var(--gorun-surface); min-inline-size: 0; }
  .said > li.person { background: var(--gorun-mine); border-color: transparent; }
  .said h3, h3 { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem .625rem; font-size: var(--gorun-size-md); font-weight: var(--gorun-weight-strong); overflow-wrap: anywhere; }
  time { color: var(--gorun-text-2); font-size: var(--gorun-size-sm); font-weight: 400; }
  .plain { white-space: pre-wrap; overflow-wrap: anywhere; font-size: var(--gorun-size-lg); line-height: 1.5; }
  .follows { font-size: var(--gorun-size-sm); color: var(--gorun-text-2); }
  @media (pointer: coarse) { .back a { min-block-size: var(--gorun-target); } }
  @media (forced-colors: active) { .said > li.person { border-color: CanvasText; } }
`;
