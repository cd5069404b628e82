import { css } from 'lit';

export const styles = css`
  :host { display: flex; align-items: center; position: relative; border-radius: var(--gorun-radius-2); }
  :host(:hover) { background: var(--gorun-hover); }
  a { flex: 1; display: flex; align-items: center; gap: .5rem; min-inline-size: 0; min-block-size: var(--gorun-row); padding: .25rem .5rem; border-radius: inherit; color: var(--gorun-text-2); text-decoration: none; }
  .held { display: inline-flex; color: var(--gorun-text-3); }
  .title { flex: 1; min-inline-size: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  :host([current]) { background: var(--gorun-selected); }
  :host([current]) a { color: var(--gorun-text); font-weight: var(--gorun-weight-medium); }
  :host([unread]) a { color: var(--gorun-text); font-weight: var(--gorun-weight-strong); }
  .icon { color: var(--gorun-text-3); }
  .icon-button { inline-size: 1.75rem; block-size: 1.75rem; margin-inline-end: .125rem; }
  .rename { min-block-size: var(--gorun-row); padding: .125rem .5rem; }
  @media (hover: hover) {
    :host(:not(:hover, :focus-within, [current])) .icon-button:not([aria-expanded='true']) { position: absolute; inset-inline-end: 0; opacity: 0; pointer-events: none; }
  }
  @media (max-width: 860px) { a { min-block-size: var(--gorun-target); font-size: var(--gorun-size-lg); } }
  @media (forced-colors: active) {
    :host([current]) { forced-color-adjust: none; background: Highlight; color: HighlightText; }
    :host([current]) :is(a, .icon) { color: HighlightText; }
  }
`;
