import { css } from 'lit';

export const caseStyles = css`
  .tabs a { display: inline-flex; align-items: center; gap: .375rem; min-block-size: 2.5rem; color: var(--gorun-text-2); white-space: nowrap; text-decoration: none; border-block-end: 2px solid transparent; margin-block-end: -1px; }
  .tabs a[aria-current] { color: var(--gorun-text); font-weight: var(--gorun-weight-medium); border-color: var(--gorun-accent); }
  .box h2 { overflow-wrap: anywhere; }
  form { display: grid; gap: 1.125rem; }
  gorun-dialog p { color: var(--gorun-text-2); }
  form .error { padding-block-end: 0; }
  .reason { margin-block-end: 1rem; }
  .push { flex: 1; }
  @media (forced-colors: active) { .tabs a:not([aria-current]) { border-color: Canvas; } }
`;
