import { css } from 'lit';

export const styles = css`
  :host { display: block; block-size: 100%; min-block-size: 0; font-family: var(--gorun-chat-font, var(--gorun-font)); }
  .chat { --accent: var(--gorun-chat-accent, var(--site, var(--gorun-action))); --on-accent: var(--gorun-chat-on-accent, var(--on-site, var(--gorun-on-action-glyph))); --gorun-mine: var(--gorun-chat-mine, light-dark(#eef1e3, #262a1d)); position: relative; display: grid; grid-template-columns: minmax(0, 1fr); grid-template-rows: auto minmax(0, 1fr) auto; block-size: 100%; background: var(--gorun-canvas); color: var(--gorun-text); border-radius: inherit; overflow: hidden; }
  .head { display: flex; align-items: center; gap: 10px; min-block-size: 60px; padding-block: 8px; padding-inline: 16px 8px; border-block-end: 1px solid var(--gorun-line); }
  .face { display: grid; place-items: center; inline-size: 34px; block-size: 34px; border-radius: 50%; background: var(--accent); color: var(--on-accent); font-weight: 650; font-size: 13px; flex: none; forced-color-adjust: none; }
  .names { flex: 1; min-inline-size: 0; line-height: 1.3; }
  .names h2 { font-size: var(--gorun-size-md); font-weight: var(--gorun-weight-strong); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .names p { display: flex; align-items: center; gap: 6px; color: var(--gorun-text-3); font-size: var(--gorun-size-sm); }
  .talk { position: relative; min-block-size: 0; }
  .welcome { position: absolute; inset: 0; overflow-y: auto; padding: 16px; display: grid; grid-template-columns: minmax(0, 1fr); gap: 16px; align-content: end; }
  .welcome h3 { font-size: 20px; line-height: 1.25; font-weight: var(--gorun-weight-strong); letter-spacing: -.015em; text-wrap: balance; }
  .welcome p { color: var(--gorun-text-2); }
  .choices { display: flex; flex-wrap: wrap; gap: 8px; }
  .choices .chip { min-block-size: 36px; padding: 0 14px; font-size: var(--gorun-size-md); color: var(--gorun-text); border: 1px solid var(--gorun-line-strong); border-radius: var(--gorun-radius-full); background: transparent; }
  .choices .chip:hover { background: var(--gorun-hover); }
  .consent { display: grid; gap: 12px; padding: 16px; border: 1px solid var(--gorun-line); border-radius: 16px; background: var(--gorun-surface); }
  .consent strong { font-weight: var(--gorun-weight-strong); }
  .said { display: grid; flex: 1; gap: 8px; color: var(--gorun-text-2); }
  .said li { display: flex; gap: 10px; }
  .consent .button.primary { background: var(--accent); border-color: var(--accent); color: var(--gorun-chat-on-button, var(--on-site, var(--gorun-on-action))); justify-self: start; }
  .foot { padding: 8px 10px 6px; padding-block-end: max(6px, env(safe-area-inset-bottom)); display: grid; gap: 8px; }
  .strip { display: flex; align-items: center; gap: 8px; padding: 8px 12px; border-radius: 12px; background: var(--gorun-sunken); color: var(--gorun-text-2); font-size: var(--gorun-size-sm); }
  .told { display: block; } .told dl { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: .125rem .75rem; padding-block-start: .375rem; overflow-wrap: anywhere; } .told dt { color: var(--gorun-text-3); }
  .fine { display: flex; align-items: center; justify-content: center; flex-wrap: wrap; gap: 0 6px; color: var(--gorun-text-3); font-size: var(--gorun-size-xs); }
  .fine a { color: inherit; min-block-size: 24px; display: inline-flex; align-items: center; }
  .say { display: grid; place-content: center; block-size: 100%; padding: 24px; text-align: center; color: var(--gorun-text-2); }
  .guard { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); }
  @media (forced-colors: none) {
    gorun-composer::part(send) { background: var(--accent); color: var(--on-accent); }
    gorun-composer.empty::part(send) { background: var(--gorun-hover); color: var(--gorun-text-3); }
  }
`;
