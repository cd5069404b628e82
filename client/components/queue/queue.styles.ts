import { css } from 'lit';

export const styles = css`
  :host { display: block; margin: 0 .75rem; }
  ol { display: grid; grid-template-columns: minmax(0, 1fr); border: 1px solid var(--gorun-line); border-block-end: 0; border-start-start-radius: var(--gorun-radius-3); border-start-end-radius: var(--gorun-radius-3); background: var(--gorun-sunken); padding-block: .25rem; padding-inline: .75rem .25rem; }
  li { display: flex; align-items: center; gap: .5rem; min-block-size: 2rem; font-size: var(--gorun-size-md); color: var(--gorun-text-2); }
  .order { color: var(--gorun-text-3); font-size: var(--gorun-size-sm); flex: none; }
  .what { flex: 1; min-inline-size: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .editing { align-items: start; padding-block: .25rem; }
  .editing textarea { flex: 1; min-inline-size: 0; max-block-size: 12rem; padding: .25rem .5rem; border: 1px solid var(--gorun-focus); border-radius: var(--gorun-radius-2); outline: 1px solid var(--gorun-focus); background: var(--gorun-surface); font-size: var(--gorun-size-lg); line-height: 1.5; resize: none; field-sizing: content; }
  .more { border: 0; background: transparent; padding: .25rem 0; color: var(--gorun-text-3); font-size: var(--gorun-size-sm); text-align: start; }
  button.more:hover { color: var(--gorun-text); text-decoration: underline; }
  @media (forced-colors: active) { ol { border: 1px solid CanvasText; } }
`;
