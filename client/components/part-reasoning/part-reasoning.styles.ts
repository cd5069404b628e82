import { css } from 'lit';

export const styles = css`
  :host { display: block; }
  .disclosure { display: inline-flex; align-items: center; gap: .4rem; max-inline-size: 100%; min-block-size: 1.75rem; margin-inline-start: -.375rem; padding: 0 .375rem; border: 0; border-radius: var(--gorun-radius-1); background: transparent; color: var(--gorun-text-3); font-size: var(--gorun-size-md); text-align: start; }
  button.disclosure:hover { color: var(--gorun-text); background: var(--gorun-hover); }
  .disclosure > span:not(.running) { min-inline-size: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .chevron { transition: transform var(--gorun-fast); inline-size: .875rem; block-size: .875rem; }
  [aria-expanded='true'] .chevron { transform: rotate(90deg); }
  [aria-expanded='false'] .chevron:dir(rtl) { transform: scaleX(-1); }
  .thoughts { margin-block-start: .25rem; padding-inline-start: 1rem; border-inline-start: 2px solid var(--gorun-line); }
  .thoughts gorun-part-text { color: var(--gorun-text-2); font-size: var(--gorun-size-md); line-height: 1.6; }
  @media (pointer: coarse) { .disclosure { min-block-size: var(--gorun-target); } }
`;
