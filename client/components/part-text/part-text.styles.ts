import { css } from 'lit';

export const styles = css`
  :host { display: block; font-size: var(--gorun-size-lg); line-height: var(--gorun-leading-read); overflow-wrap: break-word; min-inline-size: 0; }
  .block + .block { margin-block-start: .75em; }
  .block.empty { display: none; }
  .block.heading:not(:first-child) { margin-block-start: 1.35em; }
  .block:not(.growing) { overflow-anchor: auto; } .block.growing { overflow-anchor: none; }
  h3, h4, h5, h6 { line-height: var(--gorun-leading-tight); font-weight: var(--gorun-weight-strong); }
  h3 { font-size: var(--gorun-size-xl); letter-spacing: var(--gorun-tracking-title); }
  h3.first { font-size: var(--gorun-size-2xl); }
  h4, h5, h6 { font-size: var(--gorun-size-lg); }
  h6 { color: var(--gorun-text-2); }
  ul, ol { padding-inline-start: 1.4em; list-style: disc; }
  ol { list-style: decimal; }
  li + li { margin-block-start: .3em; }
  li > * + *, blockquote > * + * { margin-block-start: .5em; }
  li::marker { color: var(--gorun-text-3); font-variant-numeric: tabular-nums; }
  li.task { list-style: none; margin-inline-start: -1.4em; }
  li.task > p { display: inline; }
  input[type='checkbox'] { accent-color: var(--gorun-accent); margin-inline-end: .35em; vertical-align: -.1em; }
  strong { font-weight: var(--gorun-weight-strong); }
  code { padding: .1em .36em; border-radius: var(--gorun-radius-1); background: var(--gorun-hover); font: .875em var(--gorun-font-mono); font-variant-ligatures: none; }
  blockquote { margin: 0; padding-inline-start: 1rem; border-inline-start: 2px solid var(--gorun-line-strong); color: var(--gorun-text-2); }
  hr { block-size: 1px; border: 0; background: var(--gorun-line); margin-block: 1.5em; }
  .raw { white-space: pre-wrap; }
  .formula { display: block; overflow: auto hidden; padding: .4rem 0; text-align: center; }
  .formula .katex-display { margin: 0; }
  .formula.source, .math.source { font: .875em var(--gorun-font-mono); }
  .math math, .formula math { font-size: 1.08em; }
  .table:not(.block) { overflow-x: auto; border: 1px solid var(--gorun-line); border-radius: var(--gorun-radius-3); background: var(--gorun-surface); }
  table { inline-size: 100%; border-collapse: collapse; font-size: var(--gorun-size-md); line-height: 1.45; font-variant-numeric: tabular-nums; }
  th { padding: .5rem .875rem; text-align: start; font-weight: var(--gorun-weight-medium); color: var(--gorun-text-2); background: var(--gorun-sunken); border-block-end: 1px solid var(--gorun-line); white-space: nowrap; font-size: var(--gorun-size-sm); }
  td { padding: .5rem .875rem; border-block-end: 1px solid var(--gorun-line); }
  tbody tr:last-child > * { border-block-end: 0; }
  tbody th { background: none; color: inherit; font-size: inherit; white-space: normal; }
  .end { text-align: end; } .middle { text-align: center; }
`;
