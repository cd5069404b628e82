import { css } from 'lit';

export const styles = css`
  .palette { display: grid; grid-template-rows: auto minmax(0, auto) auto auto; max-block-size: min(30rem, 80dvh); }
  .ask { display: flex; align-items: center; gap: .75rem; padding: .25rem 1.125rem; border-block-end: 1px solid var(--gorun-line); color: var(--gorun-text-3); }
  .ask input { flex: 1; min-inline-size: 0; min-block-size: 3.125rem; border: 0; outline: 0; background: transparent; color: var(--gorun-text); font-size: var(--gorun-size-lg); }
  #found { overflow-y: auto; padding: .375rem .5rem; min-block-size: 0; }
  .label { padding: .5rem .625rem .25rem; color: var(--gorun-text-3); font-size: var(--gorun-size-xs); font-weight: var(--gorun-weight-medium); }
  .item { display: flex; align-items: center; gap: .625rem; min-block-size: 2.125rem; padding: .25rem .625rem; border-radius: var(--gorun-radius-2); cursor: pointer; }
  .item > .icon { color: var(--gorun-text-2); }
  .item .grow { flex: 1; min-inline-size: 0; }
  .item .grow > span { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .item .second { color: var(--gorun-text-3); font-size: var(--gorun-size-sm); }
  .item.active { background: var(--gorun-selected); }
  .item.active .second { color: var(--gorun-text-2); }
  .none { padding: .25rem 1.125rem 1rem; color: var(--gorun-text-2); }
  footer { display: flex; flex-wrap: wrap; gap: 1rem; padding: .5rem 1.125rem; border-block-start: 1px solid var(--gorun-line); color: var(--gorun-text-3); font-size: var(--gorun-size-sm); }
  @media (pointer: coarse) { .item { min-block-size: var(--gorun-target); } footer { display: none; } }
  @media (forced-colors: active) { .item.active { forced-color-adjust: none; background: Highlight; color: HighlightText; } .item.active :is(span, .icon) { color: HighlightText; } }
`;
