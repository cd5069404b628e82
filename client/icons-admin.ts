import { svg } from 'lit';

// Apart from the others, so that no visitor's page fetches them.

export const PEOPLE = svg`<circle cx="7.5" cy="7" r="2.6"/><path d="M2.8 16c.3-2.9 2.2-4.4 4.7-4.4s4.4 1.5 4.7 4.4M12.8 4.7a2.6 2.6 0 0 1 0 4.7M14.2 11.9c1.7.5 2.8 1.9 3 4.1"/>`;
export const AUDIT = svg`<path d="M3.5 5h13M3.5 9h6M3.5 13h4.5"/><circle cx="13" cy="12.3" r="3.1"/><path d="m15.3 14.6 2 2"/>`;
export const LEDGER = svg`<path d="M5.5 3.5h9a1 1 0 0 1 1 1v12l-2-1.3-1.8 1.3-1.7-1.3-1.7 1.3-1.8-1.3-2 1.3v-12a1 1 0 0 1 1-1zM7.5 7h5M7.5 10h5"/>`;
export const LOCK = svg`<rect x="4.5" y="9" width="11" height="7.5" rx="2"/><path d="M7 9V6.7a3 3 0 0 1 6 0V9"/>`;
export const SHIELD = svg`<path d="M10 3.2 15.8 5.3v4.2c0 3.5-2.4 6-5.8 7.3-3.4-1.3-5.8-3.8-5.8-7.3V5.3z"/><path d="m7.5 10 1.9 1.9 3.3-3.6"/>`;
export const SITE = svg`<rect x="3" y="4" width="14" height="12" rx="2.5"/><path d="M3 7.5h14"/><rect x="10.5" y="10" width="4" height="3.8" rx="1" fill="currentColor" stroke="none"/>`;
