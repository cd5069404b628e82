import { css } from 'lit';

export const styles = css`
  :host { display: block; border: 1px solid var(--gorun-line); border-radius: var(--gorun-radius-3); background: var(--gorun-sunken); overflow: hidden; }
  .bar { display: flex; align-items: center; gap: var(--gorun-space-1); padding-block: .1875rem; padding-inline: .875rem .3125rem; border-block-end: 1px solid var(--gorun-line); color: var(--gorun-text-3); font-size: var(--gorun-size-sm); line-height: 1.3; }
  .bar span:first-child { flex: 1; min-inline-size: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  pre { margin: 0; padding: .75rem .875rem; overflow-x: auto; font: var(--gorun-size-sm)/1.6 var(--gorun-font-mono); tab-size: 2; direction: ltr; text-align: left; font-variant-ligatures: none; }
  pre:focus-visible { outline-offset: -2px; border-radius: 0 0 var(--gorun-radius-3) var(--gorun-radius-3); }
  pre.wrapped { white-space: pre-wrap; overflow-wrap: anywhere; }
  code { font: inherit; }
  .k { color: var(--gorun-code-keyword); } .s { color: var(--gorun-code-string); } .n { color: var(--gorun-code-number); }
  .f { color: var(--gorun-code-name); } .c { color: var(--gorun-code-comment); font-style: italic; }
  .add, .del { display: inline-block; min-inline-size: calc(100% + 1.75rem); margin-inline: -.875rem; padding-inline: .875rem; }
  .add { background: var(--gorun-added); } .del { background: var(--gorun-removed); }
  .copy { white-space: nowrap; display: inline-flex; align-items: center; gap: .3rem; min-block-size: 1.625rem; padding: 0 .5rem; border: 0; border-radius: var(--gorun-radius-1); background: transparent; color: var(--gorun-text-2); font-size: var(--gorun-size-sm); }
  .copy:hover { background: var(--gorun-hover); color: var(--gorun-text); }
  .copy[aria-pressed='true'] { color: var(--gorun-accent); }
  .copy .icon { inline-size: .9375rem; block-size: .9375rem; }
  .copy.done { color: var(--gorun-success); }
  @media (pointer: coarse) { .copy { min-block-size: var(--gorun-target); } }
`;
