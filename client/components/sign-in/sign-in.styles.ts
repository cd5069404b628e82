import { css } from 'lit';

export const styles = css`
  :host { display: block; }
  .door { min-block-size: 100dvh; display: grid; grid-template-rows: 1fr auto; justify-items: center; padding: 1.5rem; background: var(--gorun-sunken); }
  .card { align-self: center; inline-size: 100%; max-inline-size: 25rem; padding: 2rem; border: 1px solid var(--gorun-line); border-radius: var(--gorun-radius-4); background: var(--gorun-surface); box-shadow: var(--gorun-shadow-2); }
  form { display: grid; gap: 1.125rem; }
  .title { display: grid; gap: .875rem; }
  .title p { color: var(--gorun-text-2); }
  h1 { font-size: var(--gorun-size-2xl); font-weight: var(--gorun-weight-strong); letter-spacing: var(--gorun-tracking-title); line-height: var(--gorun-leading-tight); }
  .input, .button { min-block-size: 2.75rem; font-size: var(--gorun-size-lg); }
  .input[readonly] { background: var(--gorun-sunken); color: var(--gorun-text-2); }
  .general { display: flex; align-items: center; gap: .35rem; color: var(--gorun-danger); font-size: var(--gorun-size-sm); }
  .swap { justify-self: center; min-block-size: 2rem; padding: 0 .5rem; border: 0; border-radius: var(--gorun-radius-1); background: transparent; color: var(--gorun-accent); text-decoration: underline; text-underline-offset: .18em; }
  footer { color: var(--gorun-text-3); font-size: var(--gorun-size-sm); padding-block-start: 1rem; }
  @media (max-width: 860px) { .door { padding: 1rem; } .card { padding: 1.5rem; } }
  @media (pointer: coarse) { .swap { min-block-size: var(--gorun-target); } }
`;
