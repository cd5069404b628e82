import { css } from 'lit';

export const styles = css`
  :host { display: contents; }
  .tabs { display: inline-flex; align-items: center; gap: .25rem; padding: 0 .375rem; color: var(--gorun-text-3); font-size: var(--gorun-size-sm); white-space: nowrap; }
  p { display: flex; align-items: center; flex-wrap: wrap; gap: .5rem; margin: 0 .75rem .5rem; color: var(--gorun-text-3); font-size: var(--gorun-size-sm); }
  button { min-block-size: 1.75rem; padding: 0 .5rem; border: 0; border-radius: var(--gorun-radius-1); background: transparent; color: var(--gorun-text-2); font-size: var(--gorun-size-sm); }
  button:hover { background: var(--gorun-hover); color: var(--gorun-text); }
  @media (max-width: 860px) { .tabs { display: none; } }
`;
