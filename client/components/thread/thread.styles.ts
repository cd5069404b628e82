import { css } from 'lit';

export const styles = css`
  :host { display: block; position: relative; block-size: 100%; min-block-size: 0; min-inline-size: 0; background: var(--gorun-canvas); }
  .scroller { block-size: 100%; overflow-y: auto; overscroll-behavior: contain; scrollbar-gutter: stable both-edges; scrollbar-width: thin; scrollbar-color: var(--gorun-line-strong) transparent; container: thread / size; }
  .scroller:focus-visible { outline-offset: -2px; }
  .column { --under: var(--gorun-space-8); inline-size: 100%; max-inline-size: calc(var(--gorun-thread-width) + 3rem); min-block-size: 100%; margin-inline: auto; padding: var(--gorun-space-6) var(--gorun-space-6) var(--under); }
  .turn + .turn, .divider { margin-block-start: var(--gorun-space-6); }
  .divider + * { margin-block-start: var(--gorun-space-6); }
  .turn > gorun-message + gorun-message { margin-block-start: var(--gorun-space-6); }
  .turn > gorun-message[author='person'][state='normal'] + gorun-message { margin-block-start: var(--gorun-space-1); }
  /* The last turn has the height of the view, so that the reply grows into empty space and nothing shifts. */
  .turn.reserved { min-block-size: calc(100cqh - var(--gorun-space-4) - var(--under)); }
  .turn.growing { overflow-anchor: none; }
  .end { block-size: 0; }
  .to-latest { position: absolute; inset-block-end: .875rem; inset-inline: 0; margin-inline: auto; inline-size: fit-content; display: inline-flex; align-items: center; gap: .375rem; min-block-size: 2.125rem; padding-block: 0; padding-inline: .625rem .875rem; border: 1px solid var(--gorun-line); border-radius: var(--gorun-radius-full); background: var(--gorun-surface); box-shadow: var(--gorun-shadow-2); color: var(--gorun-text-2); font-size: var(--gorun-size-sm); z-index: var(--gorun-z-sticky); }
  .to-latest:hover { background: var(--gorun-hover); color: var(--gorun-text); }
  .waiting { display: grid; gap: var(--gorun-space-6); animation: gorun-appear 0s 200ms backwards; }
  @keyframes gorun-appear { from { visibility: hidden; } }
  .waiting .own { justify-self: end; inline-size: 55%; block-size: 3.5rem; border-radius: var(--gorun-radius-4); }
  .waiting .lines { display: grid; gap: .75rem; }
  .waiting .short { inline-size: 62%; }
  @container thread (max-width: 640px) { .column { --under: 1.5rem; padding: 1rem 1rem var(--under); } }
  @media (pointer: coarse) { .to-latest { min-block-size: var(--gorun-target); } }
  @media (forced-colors: active) { .to-latest { border: 1px solid CanvasText; } }
`;
