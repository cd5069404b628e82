import { css } from 'lit';

export const styles = css`
  :host { display: block; position: relative; z-index: var(--gorun-z-sticky); }
  header { display: flex; align-items: center; gap: .375rem; min-block-size: var(--gorun-header-height); padding-block: .375rem; padding-inline: 1rem .75rem; border-block-end: 1px solid var(--gorun-line); background: var(--gorun-canvas); }
  .crumbs { display: flex; align-items: center; gap: .125rem; min-inline-size: 0; flex: 1; }
  .crumb { display: inline-flex; align-items: center; gap: .375rem; min-inline-size: 0; min-block-size: 2rem; padding: 0 .5rem; border: 0; border-radius: var(--gorun-radius-2); background: transparent; color: var(--gorun-text-2); }
  button.crumb:hover { background: var(--gorun-hover); }
  .crumb > span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .crumb.current { color: var(--gorun-text); font-weight: var(--gorun-weight-strong); }
  h1 { font-size: inherit; font-weight: inherit; min-inline-size: 0; display: flex; flex: 0 1 auto; }
  h1:has(input) { flex: 1; }
  .rename { max-inline-size: 24rem; min-block-size: 2rem; padding: .125rem .5rem; font-weight: var(--gorun-weight-strong); }
  .only-narrow { display: none; }
  @media (max-width: 860px) {
    .only-narrow { display: inline-grid; } .only-wide { display: none; }
    header { display: grid; grid-template-columns: auto minmax(0, 1fr) auto auto; grid-template-rows: auto auto; align-content: center; gap: 0; padding: .25rem; min-block-size: 3.5rem; }
    header > .icon-button { grid-row: 1 / 3; align-self: center; }
    header > .more { grid-column: 4; }
    .crumbs { grid-column: 2; grid-row: 1; align-self: end; }
    .crumb { min-block-size: 1.5rem; padding-inline: .375rem; }
    gorun-connection { grid-column: 2; grid-row: 2; justify-self: start; min-block-size: 1.25rem; padding-inline: .375rem; }
    slot[name='actions'] { display: block; grid-column: 2; grid-row: 2; justify-self: start; max-inline-size: 100%; min-inline-size: 0; }
    gorun-connection:not([hidden]) ~ slot[name='actions'] { display: none; }
  }
`;
