import { css } from 'lit';

/** What every element starts from: the reset inside its shadow root, icons, and words that only assistive technology reads. */
const base = css`
  *, *::before, *::after { box-sizing: border-box; }
  :host([hidden]), [hidden] { display: none !important; }
  :host { font: var(--gorun-weight) var(--gorun-size-md)/var(--gorun-leading-ui) var(--gorun-font); color: var(--gorun-text); -webkit-font-smoothing: antialiased; }
  h1, h2, h3, h4, p, ul, ol, figure, fieldset, dl, dd { margin: 0; padding: 0; }
  fieldset { border: 0; min-inline-size: 0; } legend { padding: 0; }
  ul, ol { list-style: none; }
  button, input, textarea, select { font: inherit; color: inherit; letter-spacing: inherit; }
  button { cursor: pointer; }
  a { color: var(--gorun-accent); text-underline-offset: .18em; text-decoration-thickness: 1px; }
  ::selection { background: var(--gorun-selection); color: var(--gorun-text); }
  ::placeholder { color: var(--gorun-text-3); opacity: 1; }
  mark { background: var(--gorun-selection); color: var(--gorun-text); border-radius: 2px; padding: 0 .1em; }
  :focus { outline: none; }
  :focus-visible { outline: 2px solid var(--gorun-focus); outline-offset: 2px; }
  .sr { position: absolute; inline-size: 1px; block-size: 1px; margin: 0; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  .icon { inline-size: 1.125rem; block-size: 1.125rem; flex: none; fill: none; stroke: currentColor; stroke-width: 1.6; stroke-linecap: round; stroke-linejoin: round; }
  .icon.small { inline-size: .9375rem; block-size: .9375rem; }
  .icon.solid { fill: currentColor; stroke: none; }
  .icon.flips:dir(rtl) { transform: scaleX(-1); }
  .mark { flex: none; inline-size: 1.625rem; block-size: 1.625rem; }
  .mark .bubble { fill: var(--gorun-action); } .mark .line { fill: var(--gorun-on-action); } .mark .caret { fill: var(--gorun-on-action-glyph); animation: none; }
  .wordmark { font-weight: 650; letter-spacing: -.022em; font-size: var(--gorun-size-lg); }
  .quiet { color: var(--gorun-text-3); }
  .mono { font-family: var(--gorun-font-mono); font-size: .92em; font-variant-ligatures: none; }
  .num { font-variant-numeric: tabular-nums; }
  kbd { font: 500 .6875rem/1.1rem var(--gorun-font); color: var(--gorun-text-3); min-inline-size: 1.1rem; padding: 0 .28rem; border: 1px solid var(--gorun-line); border-radius: var(--gorun-radius-1); background: var(--gorun-canvas); text-align: center; display: inline-block; white-space: nowrap; }
`;

const buttons = css`
  .button { display: inline-flex; align-items: center; justify-content: center; gap: var(--gorun-space-2); min-block-size: var(--gorun-control); padding: 0 var(--gorun-space-4); border: 1px solid var(--gorun-line-strong); border-radius: var(--gorun-radius-2); background: var(--gorun-surface); font-weight: var(--gorun-weight-medium); white-space: nowrap; text-decoration: none; color: var(--gorun-text); transition: background var(--gorun-fast); }
  .button:hover { background: var(--gorun-hover); }
  .button.primary { background: var(--gorun-action); border-color: var(--gorun-action); color: var(--gorun-on-action); }
  .button.primary .icon { color: var(--gorun-on-action-glyph); }
  .button.primary:hover { background: var(--gorun-action-hover); border-color: var(--gorun-action-hover); }
  .button.danger { background: var(--gorun-danger-fill); border-color: var(--gorun-danger-fill); color: var(--gorun-on-danger); }
  .button.ghost { border-color: transparent; background: transparent; }
  .button.ghost:hover { background: var(--gorun-hover); }
  .button.small { min-block-size: 1.875rem; padding-inline: var(--gorun-space-3); font-size: var(--gorun-size-sm); }
  .button.wide { inline-size: 100%; }
  .button[aria-disabled='true'], .button:disabled { opacity: 1; background: var(--gorun-hover); border-color: var(--gorun-line); color: var(--gorun-text-3); cursor: default; }
  .icon-button { display: inline-grid; place-items: center; inline-size: var(--gorun-row); block-size: var(--gorun-row); padding: 0; border: 0; border-radius: var(--gorun-radius-2); background: transparent; color: var(--gorun-text-2); flex: none; position: relative; transition: background var(--gorun-fast); }
  .icon-button:hover, .icon-button[aria-expanded='true'] { background: var(--gorun-hover); color: var(--gorun-text); }
  .icon-button[aria-pressed='true'] { background: var(--gorun-selected); color: var(--gorun-accent); }
  .icon-button[aria-disabled='true'] { background: transparent; color: var(--gorun-text-3); opacity: .5; cursor: default; }
  .icon-button.small { inline-size: 1.75rem; block-size: 1.75rem; }
  .split { display: inline-flex; }
  .split .button:first-child { border-start-end-radius: 0; border-end-end-radius: 0; }
  .split .button:last-child { border-start-start-radius: 0; border-end-start-radius: 0; border-inline-start-color: transparent; margin-inline-start: -1px; padding-inline: .4rem; }
  .split .button.primary:last-child { border-inline-start-color: var(--gorun-action-hover); }
  @media (pointer: coarse) { .icon-button, .icon-button.small { inline-size: var(--gorun-target); block-size: var(--gorun-target); } .button, .button.small { min-block-size: var(--gorun-target); } }
`;

const marks = css`
  .badge { display: inline-flex; align-items: center; gap: .3rem; min-block-size: 1.25rem; padding: 0 .45rem; border-radius: var(--gorun-radius-full); background: var(--gorun-hover); color: var(--gorun-text-2); font-size: var(--gorun-size-xs); font-weight: var(--gorun-weight-medium); white-space: nowrap; }
  .badge.success { background: var(--gorun-success-soft); color: var(--gorun-success); }
  .badge.warning { background: var(--gorun-warning-soft); color: var(--gorun-warning); }
  .badge.danger { background: var(--gorun-danger-soft); color: var(--gorun-danger); }
  .badge.info { background: var(--gorun-info-soft); color: var(--gorun-info); }
  .badge.accent { background: var(--gorun-accent-soft); color: var(--gorun-accent); }
  .chip { display: inline-flex; align-items: center; gap: .375rem; max-inline-size: 100%; min-block-size: 1.75rem; padding: 0 .625rem; border: 1px solid var(--gorun-line); border-radius: var(--gorun-radius-full); background: var(--gorun-surface); color: var(--gorun-text-2); font-size: var(--gorun-size-sm); text-decoration: none; }
  button.chip:hover, a.chip:hover { background: var(--gorun-hover); color: var(--gorun-text); }
  .chip > span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .chip[aria-pressed='true'], .chip.on { background: var(--gorun-accent-soft); border-color: transparent; color: var(--gorun-accent); font-weight: var(--gorun-weight-medium); }
  .avatar { display: inline-grid; place-items: center; inline-size: 1.625rem; block-size: 1.625rem; border-radius: 50%; background: var(--gorun-selected); color: var(--gorun-accent); font-size: .6875rem; font-weight: var(--gorun-weight-strong); flex: none; }
  span.caret { display: inline-block; inline-size: .36em; block-size: 1em; margin-inline-start: .24em; vertical-align: -.14em; border-radius: .12em; background: var(--gorun-accent); transform: skewX(var(--gorun-lean)); animation: gorun-breathe 1.1s ease-in-out infinite; }
  .running { display: inline-flex; gap: 2px; align-items: center; block-size: .8rem; }
  .running i { inline-size: 3px; block-size: .75rem; border-radius: 1.5px; background: var(--gorun-accent); transform: skewX(var(--gorun-lean)); animation: gorun-breathe 1.1s ease-in-out infinite; }
  .running i:nth-child(2) { animation-delay: .16s; } .running i:nth-child(3) { animation-delay: .32s; }
  .unread { inline-size: .5rem; block-size: .5rem; border-radius: 50%; background: var(--gorun-accent); flex: none; }
  .spinner { inline-size: .875rem; block-size: .875rem; border-radius: 50%; border: 1.75px solid currentColor; border-inline-end-color: transparent; animation: gorun-turn .9s linear infinite; flex: none; }
  .skeleton { display: block; block-size: .8rem; border-radius: var(--gorun-radius-1); background: var(--gorun-hover); animation: gorun-breathe 1.8s ease-in-out infinite; }
  .divider { display: flex; align-items: center; gap: var(--gorun-space-3); color: var(--gorun-text-3); font-size: var(--gorun-size-sm); }
  .divider::before, .divider::after { content: ''; flex: 1; block-size: 1px; background: var(--gorun-line); }
  @keyframes gorun-breathe { 0%, 100% { opacity: 1; } 50% { opacity: .28; } }
  @keyframes gorun-turn { to { transform: rotate(1turn); } }
  @media (prefers-reduced-motion: reduce) { span.caret, .running i, .skeleton, .spinner { animation: none !important; } }
  @media (forced-colors: active) {
    span.caret, .running i, .unread { forced-color-adjust: none; background: Highlight; }
    .button.primary { forced-color-adjust: none; background: ButtonText; border-color: ButtonText; color: ButtonFace; }
    .button.primary .icon { color: ButtonFace; }
    .icon-button[aria-pressed='true'] { forced-color-adjust: none; background: Highlight; color: HighlightText; }
  }
`;

/** The first sheet of every element: `static override styles = [host, styles]`. Classes are those of the style sheets of the design. */
export const host = [base, buttons, marks];

/** For elements with form fields, after `host`. */
export const fields = css`
  .field { display: grid; gap: .375rem; align-content: start; }
  .field > label, .field > .label-line, .field > legend { font-weight: var(--gorun-weight-medium); font-size: var(--gorun-size-md); }
  .field .hint { color: var(--gorun-text-3); font-size: var(--gorun-size-sm); line-height: 1.4; }
  .field .error { color: var(--gorun-danger); font-size: var(--gorun-size-sm); display: flex; gap: .35rem; align-items: center; }
  .label-line { display: flex; align-items: baseline; gap: .5rem; }
  .label-line output { margin-inline-start: auto; color: var(--gorun-text-2); font-weight: 400; font-size: var(--gorun-size-sm); font-variant-numeric: tabular-nums; }
  .input { inline-size: 100%; min-block-size: var(--gorun-control); padding: .375rem .75rem; border: 1px solid var(--gorun-line-strong); border-radius: var(--gorun-radius-2); background: var(--gorun-surface); color: var(--gorun-text); }
  textarea.input { resize: vertical; line-height: 1.5; }
  .input:focus { border-color: var(--gorun-focus); outline: 1px solid var(--gorun-focus); outline-offset: 0; }
  .input[aria-invalid='true'] { border-color: var(--gorun-danger); }
  select.input { appearance: none; padding-inline-end: 2rem; background-image: linear-gradient(45deg, transparent 50%, currentColor 50%), linear-gradient(-45deg, transparent 50%, currentColor 50%); background-size: 5px 5px; background-position: calc(100% - 17px) 52%, calc(100% - 12px) 52%; background-repeat: no-repeat; }
  select.input:dir(rtl) { background-position: 12px 52%, 17px 52%; }
  .switch { position: relative; display: inline-block; inline-size: 2.25rem; block-size: 1.375rem; flex: none; }
  .switch input { position: absolute; inset: 0; inline-size: 100%; block-size: 100%; margin: 0; opacity: 0; cursor: pointer; }
  .switch i { position: absolute; inset: 0; border-radius: var(--gorun-radius-full); background: var(--gorun-surface); border: 1.5px solid var(--gorun-line-strong); pointer-events: none; transition: background var(--gorun-fast); }
  .switch i::after { content: ''; position: absolute; inset-block-start: 50%; inset-inline-start: .2rem; inline-size: .8125rem; block-size: .8125rem; translate: 0 -50%; border-radius: 50%; background: var(--gorun-line-strong); transition: inset-inline-start var(--gorun-fast); }
  .switch input:checked + i { background: var(--gorun-action); border-color: var(--gorun-action); }
  .switch input:checked + i::after { inset-inline-start: calc(100% - 1.0625rem); background: var(--gorun-on-action-glyph); }
  .switch input:focus-visible + i { outline: 2px solid var(--gorun-focus); outline-offset: 2px; }
  .check { display: block; inline-size: 1.0625rem; block-size: 1.0625rem; margin: 0; accent-color: var(--gorun-accent); flex: none; }
  .slider { inline-size: 100%; margin: 0; accent-color: var(--gorun-accent); }
  .segmented { display: inline-flex; padding: 2px; border-radius: var(--gorun-radius-2); background: var(--gorun-hover); gap: 2px; }
  .segmented button { display: inline-flex; align-items: center; gap: .375rem; min-block-size: 1.875rem; padding: 0 .75rem; border: 0; border-radius: 6px; background: transparent; color: var(--gorun-text-2); font-size: var(--gorun-size-md); }
  .segmented button:is([aria-pressed='true'], [aria-selected='true'], [aria-checked='true']) { background: var(--gorun-surface); color: var(--gorun-text); font-weight: var(--gorun-weight-medium); box-shadow: var(--gorun-shadow-1); }
  @media (forced-colors: active) {
    .segmented button:is([aria-pressed='true'], [aria-selected='true'], [aria-checked='true']) { forced-color-adjust: none; background: Highlight; color: HighlightText; }
    .switch input:checked + i { forced-color-adjust: none; background: Highlight; }
  }
`;
