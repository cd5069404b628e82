import { css } from 'lit';

export const styles = css`
  :host { display: block; min-block-size: 100dvh; background: var(--gorun-canvas); }
  main { max-inline-size: 46rem; margin-inline: auto; padding: 1.5rem 1.25rem 4rem; display: grid; gap: 1.25rem; }
  header { display: flex; align-items: center; justify-content: space-between; gap: 1rem; }
  header .input { inline-size: auto; }
  .brand { display: flex; align-items: center; gap: .5rem; }
  h1 { font-size: var(--gorun-size-2xl); font-weight: var(--gorun-weight-strong); letter-spacing: var(--gorun-tracking-title); line-height: var(--gorun-leading-tight); }
  h2 { display: flex; align-items: center; gap: .5rem; font-size: var(--gorun-size-xl); font-weight: var(--gorun-weight-strong); }
  h3 { font-size: var(--gorun-size-md); font-weight: var(--gorun-weight-strong); }
  h2:focus-visible { outline: none; }
  h2.good { color: var(--gorun-success); } h2.bad { color: var(--gorun-danger); }
  p { color: var(--gorun-text-2); line-height: var(--gorun-leading-read, 1.6); }
  form, section { display: grid; gap: 1rem; }
  section:not(.limits) { border: 1px solid var(--gorun-line); border-radius: var(--gorun-radius-3); background: var(--gorun-surface); padding: 1.25rem; }
  .drop { display: grid; gap: .75rem; padding: 1.25rem; border: 1px dashed var(--gorun-line-strong); border-radius: var(--gorun-radius-3); background: var(--gorun-surface); }
  .drop.over { background: var(--gorun-accent-soft); border-color: var(--gorun-focus); }
  .drop label { font-weight: var(--gorun-weight-medium); }
  input[type='file'] { max-inline-size: 100%; min-block-size: var(--gorun-control); }
  summary { cursor: pointer; min-block-size: 2rem; }
  .kept { display: grid; gap: 1rem; padding-block-start: .5rem; }
  .acts { display: flex; gap: .5rem; }
  .progress { display: grid; gap: .5rem; }
  progress { inline-size: 100%; accent-color: var(--gorun-accent); }
  dl { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: .375rem 1.25rem; }
  dt { color: var(--gorun-text-2); } dd { overflow-wrap: anywhere; }
  section ul { display: grid; gap: .75rem; }
  .limits { color: var(--gorun-text-2); border-block-start: 1px solid var(--gorun-line); padding-block-start: 1.25rem; }
  .limits h2 { font-size: var(--gorun-size-md); color: var(--gorun-text); }
  .limits ul { list-style: disc; padding-inline-start: 1.25rem; gap: .375rem; }
  .findings li { display: flex; align-items: baseline; gap: .75rem; overflow-wrap: anywhere; }
  .findings li > span:last-child, .notice span { min-inline-size: 0; overflow-wrap: anywhere; }
  .key { overflow-wrap: anywhere; }
  .notice { display: flex; gap: .5rem; align-items: baseline; color: var(--gorun-warning); }
`;
