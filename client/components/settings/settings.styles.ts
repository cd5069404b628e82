import { css } from 'lit';

/** One line of settings, for every section. */
export const settingStyles = css`
  .setting { display: flex; align-items: center; gap: 1rem; padding: .875rem 0; border-block-end: 1px solid var(--gorun-line); }
  .setting > div:first-child { flex: 1; min-inline-size: 0; }
  .setting .name { font-weight: var(--gorun-weight-medium); overflow-wrap: anywhere; }
  .setting .hint { color: var(--gorun-text-3); font-size: var(--gorun-size-sm); margin-block-start: .125rem; line-height: 1.4; overflow-wrap: anywhere; }
  .setting select.input { inline-size: auto; min-inline-size: 11rem; }
  .setting .end { align-self: end; }
  .setting .do { display: flex; flex-wrap: wrap; justify-content: end; gap: .25rem; margin-inline-start: auto; }
  .setting.actions { border: 0; flex-wrap: wrap; }
  h4 { margin-block-start: 1.5rem; color: var(--gorun-text-3); font-size: var(--gorun-size-sm); font-weight: var(--gorun-weight-medium); }
  .error { display: flex; gap: .35rem; align-items: center; padding-block: .5rem; color: var(--gorun-danger); font-size: var(--gorun-size-sm); }
  .wait { display: flex; align-items: center; gap: .5rem; padding-block: 1rem; color: var(--gorun-text-3); animation: gorun-show 0s .2s both; }
  .form { display: grid; gap: 1.125rem; }
  .push { margin-inline-start: auto; }
  @keyframes gorun-show { from { visibility: hidden; } }
  @media (max-width: 860px) { .setting { flex-wrap: wrap; gap: .5rem 1rem; } .setting > div:first-child { flex: 1 1 12rem; } }
`;

export const styles = css`
  .settings { display: grid; grid-template-columns: 14rem minmax(0, 1fr); grid-template-rows: minmax(0, 1fr); block-size: 100%; }
  nav { padding: 1rem .75rem; background: var(--gorun-sunken); border-inline-end: 1px solid var(--gorun-line); overflow-y: auto; }
  nav h2 { padding: .25rem .5rem .75rem; font-size: var(--gorun-size-xl); font-weight: var(--gorun-weight-strong); letter-spacing: var(--gorun-tracking-title); }
  nav h2:focus-visible { outline: none; }
  .nav-row[aria-current] { background: var(--gorun-selected); color: var(--gorun-text); font-weight: var(--gorun-weight-medium); }
  section { display: grid; grid-template-rows: auto minmax(0, 1fr); min-inline-size: 0; min-block-size: 0; }
  section > header { display: flex; align-items: center; padding-block: 1rem .5rem; padding-inline: 1.75rem 1rem; }
  section > header h3 { flex: 1; font-size: var(--gorun-size-lg); font-weight: var(--gorun-weight-strong); }
  .rows { overflow-y: auto; padding: 0 1.75rem 1.5rem; }
  .note { padding-block-start: 1.25rem; font-size: var(--gorun-size-sm); }
  .only-narrow { display: none; }
  @media (max-width: 860px) {
    .only-narrow { display: inline-grid; } .only-wide { display: none; }
    .settings { grid-template-columns: minmax(0, 1fr); grid-template-rows: auto minmax(0, 1fr); }
    nav { position: relative; border: 0; padding: 1rem 1rem .5rem; overflow: visible; border-block-end: 1px solid var(--gorun-line); }
    nav h2 { padding: 0 .25rem .5rem; }
    nav > .icon-button { position: absolute; inset-inline-end: .5rem; inset-block-start: .5rem; }
    /* From edge to edge of the sheet, so that a section that is cut off is seen to go on. */
    nav ul { display: flex; gap: .25rem; margin-inline: -1rem; padding-inline: 1rem; scroll-padding-inline: 1rem; overflow-x: auto; scrollbar-width: none; }
    nav .nav-row { white-space: nowrap; min-block-size: 2.5rem; font-size: var(--gorun-size-md); }
    /* The chosen section says it already; whoever goes from heading to heading finds the other one. */
    section > header { display: none; }
    .rows { padding-inline: 1.25rem; }
  }
  @media (forced-colors: active) { .nav-row[aria-current] { forced-color-adjust: none; background: Highlight; color: HighlightText; } }
`;
