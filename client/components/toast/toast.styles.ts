import { css } from 'lit';

export const styles = css`
  .stack { position: fixed; inset-block: auto 9rem; inset-inline: var(--gorun-toast-start, 0px) var(--gorun-toast-end, 0px); margin: 0 auto; padding: 0; border: 0; background: none; overflow: visible; inline-size: fit-content; max-inline-size: calc(100vw - 2rem - var(--gorun-toast-start, 0px) - var(--gorun-toast-end, 0px)); display: grid; justify-items: center; gap: .5rem; z-index: var(--gorun-z-toast); pointer-events: none; }
  .toast { display: flex; align-items: center; gap: .75rem; min-block-size: 2.75rem; max-inline-size: 100%; padding-block: .25rem; padding-inline: 1rem .375rem; border-radius: var(--gorun-radius-3); background: var(--gorun-inverse); color: var(--gorun-on-inverse); box-shadow: var(--gorun-shadow-3); pointer-events: auto; }
  .toast.plain { padding-inline-end: 1rem; }
  .toast button { min-block-size: 2rem; padding: 0 .75rem; border: 0; border-radius: var(--gorun-radius-2); background: transparent; color: inherit; font-weight: var(--gorun-weight-strong); text-decoration: underline; text-underline-offset: .2em; }
  .toast:focus-visible, .toast button:focus-visible { outline-color: currentColor; outline-offset: -2px; }
  @media (max-width: 860px) { .stack { inset-block-end: 7rem; } }
  @media (prefers-reduced-motion: no-preference) {
    .toast { animation: gorun-arrive var(--gorun-medium) var(--gorun-ease); }
    @keyframes gorun-arrive { from { opacity: 0; transform: translateY(4px); } }
  }
  @media (forced-colors: active) { .toast { border: 1px solid CanvasText; } }
`;
