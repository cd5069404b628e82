import { css } from 'lit';

export const styles = css`
  :host { display: inline-block; min-inline-size: 0; max-inline-size: 100%; }
  .button { gap: .5rem; min-block-size: 2rem; max-inline-size: 100%; padding-block: 0; padding-inline: .625rem .5rem; border-color: var(--gorun-line); background: transparent; }
  .button > span { min-inline-size: 0; overflow: hidden; text-overflow: ellipsis; }
  .menu { inline-size: 24rem; grid-template-rows: auto minmax(0, 1fr); overflow: hidden; }
  .menu:popover-open { display: grid; }
  [role='listbox'] { min-block-size: 0; overflow-y: auto; }
  .menu .item { cursor: pointer; }
  .menu .item.at { background: var(--gorun-hover); }
  .menu .item.active { background: var(--gorun-selected); }
  .menu .item.active.at { box-shadow: inset 0 0 0 1px var(--gorun-line-strong); }
  .menu .item .grow > .second { white-space: normal; }
  .none { padding: .75rem .625rem; color: var(--gorun-text-3); }
  @media (max-width: 860px) {
    .button.small { min-block-size: 1.5rem; padding: 0 .375rem; border: 0; gap: .25rem; color: var(--gorun-text-3); font-size: var(--gorun-size-sm); font-weight: 400; }
    .menu[popover] { inset-inline: .5rem !important; inset-block: auto .5rem !important; inline-size: auto; max-block-size: 70dvh !important; }
  }
`;
