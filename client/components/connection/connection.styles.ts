import { css } from 'lit';

export const styles = css`
  :host { display: inline-flex; align-items: center; padding: 0 .5rem; color: var(--gorun-text-3); font-size: var(--gorun-size-sm); white-space: nowrap; }
  .said { display: inline-flex; align-items: center; gap: .4rem; }
`;
