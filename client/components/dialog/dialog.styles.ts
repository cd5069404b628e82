import { css } from 'lit';

export const styles = css`
  dialog { display: none; grid-template-rows: auto minmax(0, 1fr) auto; inline-size: calc(100% - 3rem); max-inline-size: 32rem; max-block-size: calc(100dvh - 3rem); padding: 0; margin: auto; border-radius: var(--gorun-radius-4); background: var(--gorun-surface); color: var(--gorun-text); box-shadow: var(--gorun-shadow-3); border: 1px solid var(--gorun-line); overflow: hidden; }
  dialog[open] { display: grid; }
  dialog.bare { grid-template-rows: minmax(0, 1fr); }
  dialog.wide { max-inline-size: 56rem; block-size: min(40rem, calc(100dvh - 3rem)); }
  dialog.high { max-inline-size: 40rem; max-block-size: 30rem; margin-block-start: 14vh; border-radius: 16px; }
  dialog::backdrop { background: var(--gorun-scrim); }
  header { display: flex; align-items: center; gap: .5rem; padding-block: 1rem .25rem; padding-inline: 1.5rem .875rem; touch-action: none; }
  header h2 { flex: 1; min-inline-size: 0; font-size: var(--gorun-size-xl); font-weight: var(--gorun-weight-strong); letter-spacing: var(--gorun-tracking-title); }
  header h2:focus-visible { outline: none; }
  .body { padding: .5rem 1.5rem 1.25rem; overflow-y: auto; display: grid; gap: 1.125rem; align-content: start; }
  .bare .body { padding: 0; gap: 0; overflow: hidden; display: block; min-block-size: 0; block-size: 100%; }
  footer { display: flex; align-items: center; flex-wrap: wrap; gap: .5rem; padding: .875rem 1.5rem; border-block-start: 1px solid var(--gorun-line); }
  footer:not(.filled) { display: none; }
  @media (max-width: 860px) {
    dialog { inline-size: 100%; max-inline-size: none; max-block-size: 92dvh; margin-block: auto 0; border-end-start-radius: 0; border-end-end-radius: 0; border-inline: 0; border-block-end: 0; padding-block-end: env(safe-area-inset-bottom); }
    dialog.wide { max-inline-size: none; block-size: 92dvh; }
    dialog.high { inline-size: calc(100% - 1rem); margin-block: .5rem auto; border-radius: 16px; border: 1px solid var(--gorun-line); }
  }
  @media (prefers-reduced-motion: no-preference) {
    dialog[open] { animation: gorun-arrive var(--gorun-medium) var(--gorun-ease); }
    @keyframes gorun-arrive { from { opacity: 0; transform: translateY(4px) scale(.985); } }
    @media (max-width: 860px) {
      dialog[open]:not(.high) { animation: gorun-rise var(--gorun-slow) var(--gorun-ease); }
      @keyframes gorun-rise { from { transform: translateY(100%); } }
    }
  }
`;
