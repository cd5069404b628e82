import { css } from 'lit';

/** Lists that are chosen from: menus, the model picker, the palette. */
export const styles = css`
  .menu { border: 1px solid var(--gorun-line); border-radius: var(--gorun-radius-3); background: var(--gorun-surface); color: var(--gorun-text); box-shadow: var(--gorun-shadow-3); padding: .3125rem; min-inline-size: 13rem; font-size: var(--gorun-size-md); overflow-y: auto; }
  .menu[popover] { position: fixed; inset: auto; margin: 0; max-inline-size: calc(100vw - 1rem); }
  .menu .label { padding: .5rem .625rem .25rem; color: var(--gorun-text-3); font-size: var(--gorun-size-xs); font-weight: var(--gorun-weight-medium); }
  .menu .item { display: flex; align-items: center; gap: .625rem; inline-size: 100%; min-block-size: 2.125rem; padding: .25rem .625rem; border: 0; border-radius: var(--gorun-radius-2); background: transparent; text-align: start; color: var(--gorun-text); }
  .menu .item > .icon:first-child { color: var(--gorun-text-2); }
  .menu .item .grow { flex: 1; min-inline-size: 0; }
  .menu .item .grow > span { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .menu .item .second { color: var(--gorun-text-3); font-size: var(--gorun-size-sm); }
  .menu .item:hover, .menu .item:focus-visible, .menu .item[aria-selected='true'], .menu .item.active { background: var(--gorun-hover); }
  .menu .item:focus-visible { outline-offset: -2px; }
  .menu .item.active { background: var(--gorun-selected); }
  .menu .item.active :is(.second, .quiet), .menu .item[aria-selected='true'] .second { color: var(--gorun-text-2); }
  .menu .item.danger, .menu .item.danger > .icon:first-child { color: var(--gorun-danger); }
  .menu .item[aria-disabled='true'] { color: var(--gorun-text-3); cursor: default; }
  .menu hr { block-size: 1px; border: 0; background: var(--gorun-line); margin: .3125rem; }
  .menu .find { display: flex; align-items: center; gap: .5rem; padding: .125rem .625rem .375rem; border-block-end: 1px solid var(--gorun-line); margin: 0 -.3125rem .3125rem; color: var(--gorun-text-3); }
  .menu .find input { flex: 1; min-inline-size: 0; min-block-size: 2rem; border: 0; background: transparent; outline: none; color: var(--gorun-text); }
  @media (pointer: coarse), (max-width: 860px) { .menu .item { min-block-size: var(--gorun-target); } }
  @media (prefers-reduced-motion: no-preference) {
    .menu { animation: gorun-arrive var(--gorun-medium) var(--gorun-ease); }
    @keyframes gorun-arrive { from { opacity: 0; transform: translateY(4px); } }
  }
  @media (forced-colors: active) {
    .menu { border: 1px solid CanvasText; }
    .menu .item:is(.active, [aria-selected='true']) { forced-color-adjust: none; background: Highlight; color: HighlightText; }
    .menu .item.active :is(span, .icon) { color: HighlightText; }
  }
`;
