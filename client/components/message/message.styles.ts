import { css } from 'lit';

export const styles = css`
  :host { display: block; container-type: inline-size; border-radius: var(--gorun-radius-2); }
  :host(:focus-visible) { outline: 2px solid var(--gorun-focus); outline-offset: .5rem; }
  .own { display: flex; flex-direction: column; align-items: flex-end; gap: var(--gorun-space-2); }
  .own > gorun-notice { inline-size: 100%; }
  .bubble-own { max-inline-size: min(85%, 36rem); padding: .625rem 1rem; border-radius: var(--gorun-radius-4); border-end-end-radius: 6px; background: var(--gorun-mine); font-size: var(--gorun-size-lg); line-height: 1.5; overflow-wrap: anywhere; transition: background var(--gorun-medium); }
  .bubble-own p { white-space: pre-wrap; }
  .bubble-own p + p { margin-block-start: .75em; }
  .folded { max-block-size: 15lh; overflow: hidden; mask-image: linear-gradient(#000 75%, transparent); }
  :host(:is([state='pending'], [state='sending'], [state='offline'])) .bubble-own { background: transparent; box-shadow: inset 0 0 0 1px var(--gorun-line-strong); }
  :host([state='refused']) .bubble-own { background: transparent; box-shadow: inset 0 0 0 1px var(--gorun-danger); }
  :host([marked]) { position: relative; }
  :host([marked][author='person']) .bubble-own { box-shadow: 0 0 0 2px var(--gorun-accent); }
  :host([marked][author='model'])::before { content: ''; position: absolute; inset-block: 0; inset-inline-start: -.75rem; inline-size: 3px; border-radius: 2px; background: var(--gorun-accent); }
  .files { display: flex; flex-wrap: wrap; gap: var(--gorun-space-2); }
  .own .files { justify-content: flex-end; max-inline-size: 85%; }
  .foot { display: flex; align-items: center; flex-wrap: wrap; gap: .125rem; min-block-size: 2rem; margin-block-start: var(--gorun-space-1); margin-inline-start: -.4375rem; color: var(--gorun-text-3); font-size: var(--gorun-size-sm); }
  .own .foot { margin: -.25rem 0 0; }
  .own .foot > span { margin-inline-start: .375rem; }
  .foot .meta { margin-inline-start: .5rem; font-variant-numeric: tabular-nums; }
  .foot .icon-button { inline-size: 1.875rem; block-size: 1.875rem; color: var(--gorun-text-3); }
  .foot .icon-button:hover { color: var(--gorun-text); }
  .foot.danger { color: var(--gorun-danger); }
  .parts > * + * { margin-block-start: var(--gorun-space-4); }
  .parts > .running { display: flex; min-block-size: 1.625rem; }
  .copy { display: inline-flex; align-items: center; min-block-size: 1.625rem; margin-inline-start: .25rem; padding: 0 .5rem; border: 0; border-radius: var(--gorun-radius-1); background: transparent; color: var(--gorun-text-2); font-size: var(--gorun-size-sm); }
  .copy:hover { background: var(--gorun-hover); color: var(--gorun-text); }
  .branch { display: inline-flex; align-items: center; font-size: var(--gorun-size-sm); font-variant-numeric: tabular-nums; color: var(--gorun-text-2); margin-inline: .25rem; }
  .editor { inline-size: 100%; border: 1px solid var(--gorun-line-strong); border-radius: var(--gorun-radius-4); background: var(--gorun-surface); box-shadow: var(--gorun-shadow-2); }
  .editor:has(textarea:focus) { border-color: var(--gorun-focus); box-shadow: 0 0 0 1px var(--gorun-focus), var(--gorun-shadow-2); }
  .editor textarea { display: block; inline-size: 100%; min-block-size: 3rem; max-block-size: 50dvh; padding: .875rem 1rem .25rem; border: 0; background: transparent; resize: none; font-size: var(--gorun-size-lg); line-height: 1.5; field-sizing: content; outline: none; }
  .editor .tools { display: flex; flex-wrap: wrap; justify-content: flex-end; align-items: center; gap: .25rem; padding: .375rem .5rem .5rem; }
  .editor .hint { flex: 1 1 20rem; padding-inline: .5rem; color: var(--gorun-text-3); font-size: var(--gorun-size-sm); }
  /* Where there is a pointer, the actions of earlier messages wait for it (or for focus); the last reply keeps them. */
  @media (hover: hover) {
    .foot.rests > :not(.branch) { opacity: 0; transition: opacity var(--gorun-fast); }
    :host(:hover) .foot.rests > *, :host(:focus-within) .foot.rests > * { opacity: 1; }
  }
  @media (pointer: coarse) { .foot .icon-button { inline-size: 2.5rem; block-size: 2.5rem; } .copy { min-block-size: var(--gorun-target); } }
  @container (max-width: 540px) { .bubble-own, .own .files { max-inline-size: 92%; } }
  @media (forced-colors: active) { .bubble-own, .editor { border: 1px solid CanvasText; } }
`;
