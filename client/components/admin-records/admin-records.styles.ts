import { css } from 'lit';

export const styles = css`
  .box p { color: var(--gorun-text-2); }
  .box pre { border-radius: var(--gorun-radius-2); }
  .line { flex-wrap: wrap; }
  .verdict { display: flex; gap: 1rem; align-items: center; padding: 1.25rem; border-block-end: 1px solid var(--gorun-line); }
  .verdict .seal { display: grid; place-items: center; inline-size: 3rem; block-size: 3rem; border-radius: 50%; flex: none; background: var(--gorun-success-soft); color: var(--gorun-success); }
  .verdict .seal .icon { inline-size: 1.625rem; block-size: 1.625rem; }
  .verdict h2 { font-size: var(--gorun-size-xl); font-weight: var(--gorun-weight-strong); letter-spacing: var(--gorun-tracking-title); }
  .copies article + article { border-block-start: 1px solid var(--gorun-line); }
  .copies h3 { font-size: var(--gorun-size-md); font-weight: var(--gorun-weight-strong); }
  .copies .badge { white-space: normal; }
  .copies .place { font: var(--gorun-size-sm)/1.6 var(--gorun-font-mono); overflow-wrap: anywhere; }
  .checks { display: grid; gap: 0; }
  .checks li { display: grid; grid-template-columns: 1.25rem minmax(0, 1fr); gap: .25rem .75rem; padding: .625rem 1.25rem; border-block-end: 1px solid var(--gorun-line); align-items: center; }
  .checks .icon { color: var(--gorun-text-3); }
`;
