import { css } from 'lit';

export const exportsStyles = css`
  :host { display: block; }
  .stack { display: grid; gap: 1rem; }
  .box > header .badge { flex: none; }
  .actions { display: flex; flex-wrap: wrap; gap: .5rem; margin-block-start: .875rem; }
  .making { display: grid; gap: .25rem; margin-block-end: .875rem; }
  progress { inline-size: 100%; block-size: .5rem; accent-color: var(--gorun-accent); }
  .check-it { display: grid; gap: .375rem; margin-block-start: .875rem; padding: .75rem 1rem; border-radius: var(--gorun-radius-2); background: var(--gorun-sunken); }
  .check-it .mono { overflow-wrap: anywhere; }
  fieldset { border: 0; padding: 0; margin: 0; min-inline-size: 0; }
  legend { padding: 0; margin-block-end: .375rem; font-weight: var(--gorun-weight-medium); }
  .facts .mono { overflow-wrap: anywhere; }
`;
