import { svg } from 'lit';

// What only the whole application draws, apart so that no visitor's page fetches it.

export const SHEET = svg`<rect x="3.5" y="3.5" width="13" height="13" rx="2"/><path d="M3.5 8h13M3.5 12.2h13M8.2 8v8.5"/>`;
export const TERMINAL = svg`<rect x="3" y="4" width="14" height="12" rx="2.5"/><path d="m6 8 2.2 2L6 12M10.5 12.5H14"/>`;
export const CLIP = svg`<path d="m15.7 9.3-5.6 5.6a3.5 3.5 0 0 1-5-5L11 4a2.3 2.3 0 0 1 3.3 3.3l-5.7 5.7a1.1 1.1 0 0 1-1.6-1.6l5.2-5.2"/>`;
export const SUN = svg`<circle cx="10" cy="10" r="3"/><path d="M10 3v1.5M10 15.5V17M3 10h1.5M15.5 10H17M5 5l1 1M14 14l1 1M5 15l1-1M14 6l1-1"/>`;
export const KEYBOARD = svg`<rect x="2.5" y="5.5" width="15" height="9.5" rx="2"/><path d="M5.5 8.5h.01M8.5 8.5h.01M11.5 8.5h.01M14.5 8.5h.01M6.5 12h7"/>`;
export const SLIDERS = svg`<path d="M3.5 6.5h6M13.5 6.5h3M3.5 13.5h3M10.5 13.5h6"/><circle cx="11.5" cy="6.5" r="1.9"/><circle cx="8.5" cy="13.5" r="1.9"/>`;
export const CUBE = svg`<path d="m10 3.2 6 3.3v7L10 16.8l-6-3.3v-7zM4 6.5l6 3.4 6-3.4M10 9.9v6.9"/>`;
export const EYE = svg`<path d="M2.8 10C4.5 6.8 7 5.2 10 5.2s5.5 1.6 7.2 4.8c-1.7 3.2-4.2 4.8-7.2 4.8S4.5 13.2 2.8 10z"/><circle cx="10" cy="10" r="2.2"/>`;
export const ARCHIVE = svg`<rect x="3" y="4" width="14" height="3.6" rx="1"/><path d="M4.3 7.6V14A1.8 1.8 0 0 0 6.1 15.8h7.8a1.8 1.8 0 0 0 1.8-1.8V7.6M8 10.7h4"/>`;
export const PIN = svg`<path d="M7.5 3.5h5l-.6 5 2.6 2.6H5.5l2.6-2.6zM10 11.2v5.3"/>`;
