import { css } from 'lit';

export const styles = css`
  .box p { color: var(--gorun-text-2); }
  h2.after { margin-block: 1.75rem .75rem; padding-inline: 0; font-size: var(--gorun-size-lg); font-weight: var(--gorun-weight-strong); }
  .table td { overflow-wrap: normal; }
  .table td.mono { font: var(--gorun-size-sm)/1.6 var(--gorun-font-mono); overflow-wrap: anywhere; }
  .wide { overflow-x: auto; }
  @media (max-width: 860px) {
    .table tr { grid-template-columns: minmax(0, 1fr); }
    .table td { display: grid; grid-template-columns: 6.5rem minmax(0, 1fr); gap: .75rem; }
    .table td::before { content: attr(data-label); color: var(--gorun-text-3); font-family: var(--gorun-font); }
    .table td br { display: none; }
  }
`;
