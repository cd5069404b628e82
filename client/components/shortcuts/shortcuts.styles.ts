import { css } from 'lit';

export const styles = css`
  .columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); gap: 1.25rem 2.5rem; }
  h3 { margin-block-end: .25rem; color: var(--gorun-text-3); font-size: var(--gorun-size-sm); font-weight: var(--gorun-weight-medium); }
  dl > div { display: flex; align-items: center; gap: .5rem; min-block-size: 2rem; padding-block: .3125rem; border-block-end: 1px solid var(--gorun-line); }
  dt { flex: 1; }
  dd { display: flex; gap: .25rem; }
`;
