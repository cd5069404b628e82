import { css } from 'lit';

export const styles = css`
  .follow { display: inline-flex; align-items: center; gap: .5rem; min-block-size: var(--gorun-control); padding-inline-start: .5rem; font-weight: var(--gorun-weight-medium); cursor: pointer; }
  .taken:not(:empty) { padding-block-end: .75rem; color: var(--gorun-text-2); }
  .wanted .filters { margin-block-end: .5rem; }
  .wanted .person { flex: 2 1 14rem; }
  .go { display: flex; gap: .25rem; }
  .kinds { margin-block-end: 1rem; }
  .kinds summary { inline-size: fit-content; padding: .375rem .25rem; color: var(--gorun-text-2); font-weight: var(--gorun-weight-medium); cursor: pointer; border-radius: var(--gorun-radius-1); }
  .groups { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: 1rem 1.5rem; padding: .75rem 1rem; border: 1px solid var(--gorun-line); border-radius: var(--gorun-radius-3); background: var(--gorun-surface); }
  .groups label { display: flex; align-items: center; gap: .5rem; min-block-size: 1.75rem; }
  .groups legend { font-weight: var(--gorun-weight-strong); }
  .followed { display: flex; align-items: center; gap: .375rem; padding: 0 .25rem .625rem; color: var(--gorun-text-2); font-size: var(--gorun-size-sm); }
  .followed.waiting { color: var(--gorun-warning); }
  .none { padding: 1.5rem .25rem; color: var(--gorun-text-2); }
  .more { padding: .75rem 0; }
  .log { table-layout: fixed; }
  .log th:nth-child(1) { inline-size: 8.5rem; } .log th:nth-child(2) { inline-size: 25%; } .log th:nth-child(4) { inline-size: 22%; }
  .log td { vertical-align: top; }
  .log .second { display: block; overflow-wrap: anywhere; }
  .log .unread { display: inline-block; margin-inline-end: .375rem; }
  .log .time strong { display: inline; }
  .log .what button { display: flex; align-items: flex-start; gap: .375rem; inline-size: 100%; min-block-size: 1.5rem; padding: 0; border: 0; background: none; text-align: start; overflow-wrap: anywhere; }
  .log .what .sentence { display: block; font-weight: var(--gorun-weight-medium); }
  .log .what .turn { margin-block-start: .2rem; color: var(--gorun-text-3); transition: rotate var(--gorun-fast); }
  .log .what [aria-expanded='true'] .turn { rotate: 90deg; }
  .log .what [aria-expanded='true'] .turn:dir(rtl) { rotate: -90deg; }
  .table tr.open td { border: 0; }
  .table .facts-row td { padding: .25rem .75rem 1rem 2rem; padding-inline: 2.25rem .75rem; background: var(--gorun-surface); }
  .facts-row .facts { grid-template-columns: minmax(8rem, 14rem) minmax(0, 1fr); }
  .facts-row dd { white-space: pre-wrap; }
  .facts-row .id { color: var(--gorun-text-3); }
  .erased { padding-block-end: .75rem; color: var(--gorun-text-2); max-inline-size: 46rem; }
  @media (prefers-reduced-motion: reduce) { .log .what .turn { transition: none; } }
  @media (pointer: coarse) { .groups label, .kinds summary, .log .what button { min-block-size: var(--gorun-target); } .kinds summary { padding-block: .75rem; } }
  @media (max-width: 860px) {
    .log tr:not(.facts-row) { grid-template-columns: minmax(0, 1fr) auto; align-items: start; }
    .log .what { grid-area: 1 / 1; } .log .time { grid-area: 1 / 2; text-align: end; } .log .by { grid-area: 2 / 1; } .log .from { grid-area: 2 / 2; text-align: end; max-inline-size: 9rem; }
    .table.log tr.facts-row { display: block; padding: 0 1rem .875rem; }
    .table .facts-row td { padding: 0; }
    .facts-row .facts { grid-template-columns: minmax(0, 1fr); gap: 0; } .facts-row dd { padding-block-end: .5rem; }
    .filters .go { flex: 1 1 100%; }
  }
`;
