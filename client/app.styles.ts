import { css } from 'lit';

export const styles = css`
  :host { display: block; block-size: 100dvh; }
  /* Out of sight and out of reach, but where it was. */
  :host([ended]) > :not(.again) { visibility: hidden; }
  .house { display: grid; grid-template-columns: var(--gorun-sidebar-width) minmax(0, 1fr); grid-template-rows: minmax(0, 1fr); block-size: 100dvh; overflow: hidden; }
  .house.folded { grid-template-columns: minmax(0, 1fr); }
  .house.folded > gorun-sidebar { display: none; }
  .house.with-panel { grid-template-columns: var(--gorun-sidebar-width) minmax(0, 1fr) var(--gorun-panel-width); }
  .house.folded.with-panel { grid-template-columns: minmax(0, 1fr) var(--gorun-panel-width); }
  main:not(.waiting) { display: grid; grid-template-columns: minmax(0, 1fr); grid-template-rows: auto minmax(0, 1fr) auto; min-inline-size: 0; min-block-size: 0; position: relative; background: var(--gorun-canvas); }
  main.fresh { grid-template-rows: auto minmax(0, 1fr) auto minmax(0, 1.25fr); }
  gorun-thread { min-block-size: 0; }
  .house > nav { position: absolute; }
  .skip { position: fixed; inset-block-start: -4rem; inset-inline-start: .5rem; z-index: 60; }
  .skip:focus { inset-block-start: .5rem; }
  .scrim { display: none; }
  .scroller { overflow-y: auto; overscroll-behavior: contain; scrollbar-gutter: stable both-edges; scrollbar-width: thin; scrollbar-color: var(--gorun-line-strong) transparent; }
  .dock { inline-size: 100%; max-inline-size: calc(var(--gorun-thread-width) + 3rem); margin-inline: auto; padding: 0 1.5rem .75rem; position: relative; }
  .dock gorun-notice { display: block; margin: 0 .75rem .5rem; }
  .fineprint { min-block-size: 1.1rem; margin: .5rem auto 0; text-align: center; color: var(--gorun-text-3); font-size: var(--gorun-size-xs); }
  .fineprint .inline { min-block-size: 1.5rem; padding: 0; border: 0; border-radius: 2px; background: transparent; color: var(--gorun-accent); font-size: inherit; text-decoration: underline; text-underline-offset: .18em; }
  .drop { position: absolute; inset: 0; z-index: 15; display: grid; place-items: center; margin: .75rem; border: 2px dashed var(--gorun-accent); border-radius: var(--gorun-radius-4); background: color-mix(in srgb, var(--gorun-canvas) 90%, transparent); text-align: center; pointer-events: none; }
  .drop p { display: grid; gap: .25rem; justify-items: center; }
  .drop strong { font-size: var(--gorun-size-xl); font-weight: var(--gorun-weight-strong); }
  .drop span { color: var(--gorun-text-2); }
  .hello { display: grid; align-content: end; justify-items: center; gap: .5rem; padding: 2rem 1.5rem 1.5rem; text-align: center; overflow: auto; }
  .hello p { max-inline-size: 30rem; color: var(--gorun-text-2); text-wrap: balance; }
  .hello > svg { inline-size: 2rem; block-size: 2rem; color: var(--gorun-accent); }
  .hello h2 { font-size: var(--gorun-size-3xl); font-weight: 550; letter-spacing: -.022em; line-height: var(--gorun-leading-tight); }
  .starters { display: flex; flex-wrap: wrap; gap: .5rem; justify-content: center; align-content: start; padding: .75rem 1.5rem; max-inline-size: calc(var(--gorun-thread-width) + 3rem); margin-inline: auto; }
  .starters .chip { min-block-size: 2.125rem; padding-inline: .75rem .875rem; }
  .waiting { display: grid; place-items: center; min-block-size: 100dvh; padding: 1.5rem; }
  .push { margin-inline-start: auto; }
  .say { max-inline-size: 46rem; margin: 2rem auto; padding: 0 1.5rem; color: var(--gorun-text-2); }
  .archive { display: grid; gap: .125rem; max-inline-size: 46rem; margin: 1.5rem auto; padding: 0 1.5rem; }
  .archive li { display: flex; align-items: center; gap: .75rem; padding: .25rem .5rem; border-radius: var(--gorun-radius-2); }
  .archive li:hover { background: var(--gorun-hover); }
  .archive a { flex: 1; display: flex; gap: 1rem; min-inline-size: 0; min-block-size: 2.25rem; align-items: center; color: var(--gorun-text); text-decoration: none; }
  .archive a span:first-child { flex: 1; min-inline-size: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .panel { display: grid; grid-template-rows: auto minmax(0, 1fr); min-block-size: 0; border-inline-start: 1px solid var(--gorun-line); background: var(--gorun-canvas); }
  /* Over the column of thread and composer, which sidebar and panel leave. */
  .house:not(.folded) ~ gorun-toasts { --gorun-toast-start: var(--gorun-sidebar-width); }
  .house.with-panel ~ gorun-toasts { --gorun-toast-end: var(--gorun-panel-width); }
  .panel > header { display: flex; align-items: center; min-block-size: var(--gorun-header-height); padding-block: 0; padding-inline: 1.25rem .625rem; border-block-end: 1px solid var(--gorun-line); }
  .panel > header h2 { flex: 1; font-size: var(--gorun-size-md); font-weight: var(--gorun-weight-strong); }
  @media (max-width: 1180px) {
    .house.with-panel { grid-template-columns: var(--gorun-sidebar-width) minmax(0, 1fr); }
    .house.folded.with-panel { grid-template-columns: minmax(0, 1fr); }
    .panel { position: fixed; inset-block: 0; inset-inline-end: 0; inline-size: min(var(--gorun-panel-width), 100vw); z-index: var(--gorun-z-drawer); box-shadow: var(--gorun-shadow-3); }
    .house.with-panel ~ gorun-toasts { --gorun-toast-end: 0px; }
  }
  @media (max-width: 860px) {
    .house, .house.with-panel, .house.folded, .house.folded.with-panel { grid-template-columns: minmax(0, 1fr); }
    .house > gorun-sidebar, .house.folded > gorun-sidebar { display: none; position: fixed; inset-block: 0; inset-inline-start: 0; inline-size: min(20rem, 86vw); z-index: var(--gorun-z-drawer); box-shadow: var(--gorun-shadow-3); }
    .house.drawer > gorun-sidebar { display: block; }
    .house.drawer > .scrim { display: block; position: fixed; inset: 0; background: var(--gorun-scrim); z-index: 15; }
    .panel { inline-size: 100%; border: 0; }
    .house:not(.folded) ~ gorun-toasts { --gorun-toast-start: 0px; }
    .only-wide { display: none; }
    main.fresh { grid-template-rows: auto minmax(0, 1fr) auto auto; }
    .starters { order: 1; padding-inline: 1rem; }
    main.fresh > .dock { order: 2; }
    .dock { padding: 0 .5rem max(.5rem, env(safe-area-inset-bottom)); }
    .hello h2 { font-size: var(--gorun-size-2xl); }
    .archive { padding-inline: .5rem; }
  }
  @media (prefers-reduced-motion: no-preference) {
    .house.drawer > gorun-sidebar { animation: gorun-slide var(--gorun-slow) var(--gorun-ease); }
    @keyframes gorun-slide { from { transform: translateX(-100%); } }
  }
`;
