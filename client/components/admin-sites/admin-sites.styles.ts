import { css } from 'lit';

export const styles = css`
  :host { display: grid; grid-template-columns: 15rem minmax(0, 1fr); grid-template-rows: minmax(0, 1fr); block-size: 100dvh; background: var(--gorun-canvas); }
  aside { background: var(--gorun-sunken); border-inline-end: 1px solid var(--gorun-line); padding: .625rem; display: flex; flex-direction: column; gap: .125rem; }
  .brand { display: flex; align-items: center; gap: .5rem; padding: .25rem .5rem .875rem; }
  .nav-row[aria-current] { background: var(--gorun-selected); color: var(--gorun-text); font-weight: var(--gorun-weight-medium); }
  .push { flex: 1; }
  main { overflow-y: auto; min-inline-size: 0; }
  main > div { padding: 1.75rem 2rem 3rem; max-inline-size: 78rem; }
  @media (max-width: 860px) {
    :host { grid-template-columns: minmax(0, 1fr); grid-template-rows: auto minmax(0, 1fr); }
    aside { flex-direction: row; align-items: center; overflow-x: auto; border: 0; border-block-end: 1px solid var(--gorun-line); scrollbar-width: none; }
    .brand { padding: 0 .25rem; } .brand .wordmark, .push { display: none; }
    aside .nav-row { inline-size: auto; white-space: nowrap; font-size: var(--gorun-size-md); }
    main > div { padding: 1.25rem 1rem 2.5rem; }
  }
  @media (max-width: 520px) {
    aside { flex-wrap: wrap; padding: .25rem .5rem; gap: 0; }
    aside .nav-row { padding-inline: .5rem; } aside .nav-row .icon { display: none; }
  }
`;

/** Of a page of administration, and of the forms on it. */
export const pageStyles = css`
  .page-head { display: flex; align-items: flex-start; flex-wrap: wrap; gap: .75rem 1rem; margin-block-end: 1.25rem; }
  .page-head > div:first-child { flex: 1 1 20rem; min-inline-size: 0; }
  .page-head h1 { font-size: var(--gorun-size-2xl); font-weight: var(--gorun-weight-strong); letter-spacing: var(--gorun-tracking-title); line-height: var(--gorun-leading-tight); overflow-wrap: anywhere; }
  .page-head h1:focus-visible { outline: none; }
  .page-head p { color: var(--gorun-text-2); margin-block-start: .25rem; max-inline-size: 44rem; }
  .page-head .crumb { margin: 0 0 .25rem; }
  .page-head .actions { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem; }
  .tabs { display: flex; gap: 1.25rem; border-block-end: 1px solid var(--gorun-line); margin-block-end: 1.5rem; overflow-x: auto; scrollbar-width: none; }
  .tabs button { min-block-size: 2.5rem; padding: 0; border: 0; background: none; color: var(--gorun-text-2); white-space: nowrap; border-block-end: 2px solid transparent; margin-block-end: -1px; }
  .tabs button[aria-current] { color: var(--gorun-text); font-weight: var(--gorun-weight-medium); border-color: var(--gorun-accent); }
  .cols { display: grid; grid-template-columns: minmax(0, 1fr) 27rem; gap: 2rem; align-items: start; }
  .form { display: grid; gap: 1.25rem; }
  .pair { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; }
  .line { display: flex; gap: .5rem; align-items: center; }
  .line + .line { margin-block-start: .5rem; }
  .line .input { flex: 1; }
  .checks { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; }
  .checks label { display: inline-flex; align-items: center; gap: .5rem; min-block-size: 1.75rem; }
  @media (pointer: coarse) { .checks label { min-block-size: var(--gorun-target); } }
  .box { border: 1px solid var(--gorun-line); border-radius: var(--gorun-radius-3); background: var(--gorun-surface); overflow: hidden; }
  .box > header { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem; padding: .625rem 1rem; border-block-end: 1px solid var(--gorun-line); }
  .box > header h2 { flex: 1 1 7rem; font-size: var(--gorun-size-md); font-weight: var(--gorun-weight-strong); }
  .box > .body { padding: 1rem; }
  .box pre { margin: 0; padding: 1rem; background: var(--gorun-sunken); font: var(--gorun-size-sm)/1.6 var(--gorun-font-mono); white-space: pre-wrap; overflow-wrap: anywhere; }
  .aside { display: grid; gap: 1rem; }
  .stage { display: grid; block-size: 30rem; padding: 1.5rem; background: var(--gorun-sunken); }
  .stage gorun-chat-panel { inline-size: min(20rem, 100%); justify-self: end; border: 1px solid var(--gorun-line); border-radius: var(--gorun-radius-4); background: var(--gorun-canvas); overflow: hidden; box-shadow: var(--gorun-shadow-3); }
  .stage.phone { block-size: clamp(30rem, 100dvh - 14rem, 52rem); padding: 1.125rem; }
  .stage.phone gorun-chat-panel { box-sizing: content-box; inline-size: min(390px, 100% - 2px); block-size: calc(100% - 2px); justify-self: center; border-radius: 2rem; }
  .stage .light { color-scheme: light; } .stage .dark { color-scheme: dark; }
  .error { display: flex; gap: .35rem; align-items: center; color: var(--gorun-danger); font-size: var(--gorun-size-sm); padding-block-end: 1rem; }
  .rows { display: grid; border: 1px solid var(--gorun-line); border-radius: var(--gorun-radius-3); background: var(--gorun-surface); overflow: hidden; }
  .rows li { display: flex; align-items: center; flex-wrap: wrap; gap: .25rem .75rem; padding: .75rem 1rem; }
  .rows li + li { border-block-start: 1px solid var(--gorun-line); }
  .rows a { color: var(--gorun-text); font-weight: var(--gorun-weight-medium); text-decoration: none; overflow-wrap: anywhere; }
  .rows a:hover { text-decoration: underline; }
  .rows .grow { flex: 1; min-inline-size: 10rem; }
  .colour { inline-size: 3rem; block-size: 2.25rem; padding: .125rem; border: 1px solid var(--gorun-line-strong); border-radius: var(--gorun-radius-2); background: var(--gorun-surface); }
  .plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: 1rem; margin-block-end: 1.25rem; }
  .plot { padding: .75rem 1rem 0; }
  .plot figcaption { display: flex; justify-content: space-between; gap: .5rem; padding-block-end: .5rem; color: var(--gorun-text-2); font-size: var(--gorun-size-sm); }
  .plot strong { color: var(--gorun-text); font-size: var(--gorun-size-lg); font-weight: var(--gorun-weight-strong); }
  .plot svg { display: block; inline-size: 100%; block-size: 4.5rem; fill: var(--gorun-accent); }
  @media (max-width: 1180px) { .cols { grid-template-columns: minmax(0, 1fr); } }
  @media (max-width: 860px) { .pair { grid-template-columns: 1fr; } }
`;
