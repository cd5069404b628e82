import { css } from 'lit';

export const styles = css`
  main.inbox { display: grid; grid-template-columns: minmax(15rem, 22rem) minmax(0, 1fr); grid-template-rows: minmax(0, 1fr); overflow: hidden; }
  .list { border-inline-end: 1px solid var(--gorun-line); overflow-y: auto; padding: 1rem .75rem; }
  .list h1 { padding: 0 .5rem .75rem; font-size: var(--gorun-size-xl); font-weight: var(--gorun-weight-strong); letter-spacing: var(--gorun-tracking-title); }
  .choice { display: grid; gap: .5rem; padding: 0 .5rem .75rem; } .choice .segmented button { flex: 1; justify-content: center; padding: 0 .375rem; }
  .more { padding: .75rem .5rem; }
  .list a { display: grid; gap: .125rem; padding: .625rem .5rem; border-radius: var(--gorun-radius-2); color: var(--gorun-text); text-decoration: none; }
  .list a:hover { background: var(--gorun-hover); }
  .list a[aria-current] { background: var(--gorun-selected); }
  .list strong { font-weight: var(--gorun-weight-medium); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .list .line { display: flex; align-items: center; gap: .5rem; color: var(--gorun-text-3); font-size: var(--gorun-size-sm); }
  .talk { display: grid; grid-template-rows: auto auto auto minmax(0, 1fr) auto; min-inline-size: 0; min-block-size: 0; }
  .talk > header { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem; min-block-size: var(--gorun-header-height); padding: .375rem 1rem; border-block-end: 1px solid var(--gorun-line); }
  .talk > header h2 { flex: 1; min-inline-size: 8rem; font-size: var(--gorun-size-md); font-weight: var(--gorun-weight-strong); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .who { border-block-end: 1px solid var(--gorun-line); font-size: var(--gorun-size-sm); max-block-size: 40dvh; overflow-y: auto; }
  .who.plain, .who summary { display: flex; align-items: center; gap: .5rem; padding: .5rem 1rem; } .who summary { cursor: pointer; font-weight: var(--gorun-weight-medium); } .who summary .quiet { font-weight: 400; }
  .who h3 { padding: 0 1rem .25rem; font-size: var(--gorun-size-sm); font-weight: var(--gorun-weight-medium); }
  .who dl { display: grid; grid-template-columns: minmax(6rem, auto) minmax(0, 1fr); gap: .25rem .75rem; margin: 0; padding: 0 1rem .625rem; } .who dt { color: var(--gorun-text-3); } .who dd { margin: 0; overflow-wrap: anywhere; }
  .notes { border-block-end: 1px solid var(--gorun-line); font-size: var(--gorun-size-sm); }
  .notes summary { display: flex; align-items: center; gap: .5rem; padding: .5rem 1rem; cursor: pointer; font-weight: var(--gorun-weight-medium); }
  .notes summary .quiet { font-weight: 400; }
  .notes ol { display: grid; gap: .5rem; max-block-size: 12rem; overflow-y: auto; margin: 0; padding: 0 1rem .5rem; list-style: none; }
  .notes li p { white-space: pre-wrap; overflow-wrap: anywhere; }
  .notes form { display: flex; align-items: end; gap: .5rem; padding: 0 1rem .75rem; } .notes textarea { flex: 1; }
  .dock { padding: .5rem 1rem 1rem; }
  .answers { display: flex; gap: .375rem; overflow-x: auto; padding-block-end: .5rem; scrollbar-width: thin; } .answers .chip { flex: none; max-inline-size: 16rem; }
  .writing { min-block-size: 1.25rem; font-size: var(--gorun-size-sm); }
  .none { display: grid; place-content: center; color: var(--gorun-text-3); padding: 1rem; text-align: center; }
  .back { display: none; }
  @media (max-width: 860px) {
    main.inbox { grid-template-columns: minmax(0, 1fr); }
    main.inbox.one .list, main.inbox:not(.one) > :not(.list) { display: none; }
    .back { display: inline-grid; }
  }
  @media (forced-colors: active) { .list a[aria-current] { forced-color-adjust: none; background: Highlight; color: HighlightText; } }
`;
