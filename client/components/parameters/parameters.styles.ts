import { css } from 'lit';

export const styles = css`
  :host { display: grid; grid-template-rows: minmax(0, 1fr) auto; min-block-size: 0; }
  .body { overflow-y: auto; padding: 1.125rem 1.25rem; display: grid; gap: 1.25rem; align-content: start; }
  footer { padding: .75rem 1.25rem; border-block-start: 1px solid var(--gorun-line); display: flex; gap: .5rem; }
  .segmented { display: flex; }
  .segmented button { flex: 1; justify-content: center; padding-inline: .5rem; }
  .default { border: 0; background: transparent; padding: 0 .25rem; color: var(--gorun-text-3); font-size: var(--gorun-size-sm); text-decoration: underline; text-underline-offset: .2em; }
  .default:hover { color: var(--gorun-text); }
  .slider { min-block-size: 1.5rem; }
  @media (pointer: coarse) { .segmented button, .slider, .default { min-block-size: var(--gorun-target); } }
`;
