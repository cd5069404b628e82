import { css } from 'lit';

export const styles = css`
  :host { display: block; }
  .notice { display: flex; flex-wrap: wrap; align-items: flex-start; gap: .625rem .75rem; padding: .75rem .875rem; border-radius: var(--gorun-radius-3); border: 1px solid var(--gorun-line); background: var(--gorun-sunken); font-size: var(--gorun-size-md); }
  .notice > .icon { margin-block-start: .1rem; }
  .notice.title-only { align-items: center; } .title-only > .icon { margin-block-start: 0; }
  .say { flex: 1 1 13rem; min-inline-size: 0; overflow-wrap: anywhere; }
  .say strong { display: block; font-weight: var(--gorun-weight-strong); }
  .say span { color: var(--gorun-text-2); }
  .do { display: flex; flex-wrap: wrap; gap: .5rem; align-self: center; margin-inline-start: auto; }
  .warning { background: var(--gorun-warning-soft); border-color: transparent; } .warning > .icon { color: var(--gorun-warning); }
  .danger { background: var(--gorun-danger-soft); border-color: transparent; } .danger > .icon { color: var(--gorun-danger); }
  .info { background: var(--gorun-info-soft); border-color: transparent; } .info > .icon { color: var(--gorun-info); }
  .success { background: var(--gorun-success-soft); border-color: transparent; } .success > .icon { color: var(--gorun-success); }
  @media (forced-colors: active) { .notice { border: 1px solid CanvasText; } }
`;
