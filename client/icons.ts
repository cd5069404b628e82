import { html, svg, type SVGTemplateResult, type TemplateResult } from 'lit';

/** Stroke drawings on a ground of 20 units; `host.ts` gives them size and colour. */
const ICONS = {
  'plus': svg`<path d="M10 4v12M4 10h12"/>`,
  'search': svg`<circle cx="9" cy="9" r="5.2"/><path d="m13 13 3.5 3.5"/>`,
  'sidebar': svg`<rect x="3" y="4" width="14" height="12" rx="2.5"/><path d="M8 4v12"/>`,
  'settings': svg`<circle cx="10" cy="10" r="2.3"/><path d="M8.6 3h2.8l.4 2 1.5.8 1.9-.8 1.4 2.4-1.5 1.4v1.6l1.5 1.4-1.4 2.4-1.9-.8-1.5.8-.4 2H8.6l-.4-2-1.5-.8-1.9.8-1.4-2.4 1.5-1.4V8.8L3.4 7.4 4.8 5l1.9.8 1.5-.8z"/>`,
  'more': svg`<circle cx="4.5" cy="10" r="1.2" fill="currentColor" stroke="none"/><circle cx="10" cy="10" r="1.2" fill="currentColor" stroke="none"/><circle cx="15.5" cy="10" r="1.2" fill="currentColor" stroke="none"/>`,
  'down': svg`<path d="m6 8 4 4 4-4"/>`,
  'right': svg`<path d="m8 6 4 4-4 4"/>`,
  'left': svg`<path d="m12 6-4 4 4 4"/>`,
  'up': svg`<path d="m6 12 4-4 4 4"/>`,
  'copy': svg`<rect x="7" y="7" width="9" height="9.5" rx="2"/><path d="M13 4.8A1.8 1.8 0 0 0 11.3 3.5H5.5a2 2 0 0 0-2 2v6A1.8 1.8 0 0 0 4.8 13"/>`,
  'check': svg`<path d="m4.5 10.5 3.7 3.7 7.3-8"/>`,
  'x': svg`<path d="m5.5 5.5 9 9M14.5 5.5l-9 9"/>`,
  'good': svg`<path d="M6.5 9 9.3 3.3c1.2 0 2 .9 2 2.1L10.9 8h3.6a1.6 1.6 0 0 1 1.6 1.9l-.8 4.7a1.6 1.6 0 0 1-1.6 1.4H6.5zM6.5 9H4v7h2.5"/>`,
  'bad': svg`<path d="M13.5 11l-2.8 5.7c-1.2 0-2-.9-2-2.1l.4-2.6H5.5A1.6 1.6 0 0 1 3.9 10.1l.8-4.7A1.6 1.6 0 0 1 6.3 4h7.2zM13.5 11H16V4h-2.5"/>`,
  'again': svg`<path d="M15.8 8.3A6 6 0 0 0 5.3 6.2L3.8 8M3.8 4.5V8h3.5M4.2 11.7a6 6 0 0 0 10.5 2.1l1.5-1.8M16.2 15.5V12h-3.5"/>`,
  'edit': svg`<path d="m12.3 4.7 3 3L7.6 15.4l-3.8.8.8-3.8z"/>`,
  'image': svg`<rect x="3" y="4" width="14" height="12" rx="2.5"/><circle cx="7.3" cy="8.2" r="1.3"/><path d="m3.5 14 3.8-3.5 2.7 2.4 3.3-3.6 3.5 3.7"/>`,
  'file': svg`<path d="M5 4.5A1.5 1.5 0 0 1 6.5 3h4.7L15 6.8v8.7a1.5 1.5 0 0 1-1.5 1.5h-7A1.5 1.5 0 0 1 5 15.5zM11 3v4h4"/>`,
  'send': svg`<path d="M10 15.8V4.5M5.2 9 10 4.2 14.8 9"/>`,
  'stop': svg`<rect x="6" y="6" width="8" height="8" rx="1.6" fill="currentColor" stroke="none"/>`,
  'warn': svg`<path d="M10 3.7 17 16H3zM10 8.3v3.4"/><circle cx="10" cy="13.7" r=".5" fill="currentColor"/>`,
  'info': svg`<circle cx="10" cy="10" r="6.7"/><path d="M10 9.3v4"/><circle cx="10" cy="6.9" r=".5" fill="currentColor"/>`,
  'shieldx': svg`<path d="M10 3.2 15.8 5.3v4.2c0 3.5-2.4 6-5.8 7.3-3.4-1.3-5.8-3.8-5.8-7.3V5.3z"/><path d="m8 8 4 4M12 8l-4 4"/>`,
  'link': svg`<path d="M8.5 11.5a3 3 0 0 0 4.3 0l2.6-2.6a3 3 0 0 0-4.3-4.3l-.9.9M11.5 8.5a3 3 0 0 0-4.3 0l-2.6 2.6a3 3 0 0 0 4.3 4.3l.9-.9"/>`,
  'download': svg`<path d="M10 3.5v9M6.8 9.5 10 12.7l3.2-3.2M4.5 15.5v.5a.8.8 0 0 0 .8.8h9.4a.8.8 0 0 0 .8-.8v-.5"/>`,
  'external': svg`<path d="M8.5 5H6a1.5 1.5 0 0 0-1.5 1.5V14A1.5 1.5 0 0 0 6 15.5h7.5A1.5 1.5 0 0 0 15 14v-2.5M11.5 4.5H15.5v4M15.3 4.7 9.5 10.5"/>`,
  'key': svg`<circle cx="7" cy="13" r="3.2"/><path d="m9.3 10.7 6.2-6.2M13 7l2 2M11.2 8.8l1.3 1.3"/>`,
  'tabs': svg`<rect x="6.5" y="6.5" width="10" height="10" rx="2"/><path d="M13.5 4.9A1.5 1.5 0 0 0 12 3.5H5A1.5 1.5 0 0 0 3.5 5v7a1.5 1.5 0 0 0 1.4 1.5"/>`,
  'offline': svg`<path d="M3.5 3.5l13 13M6.2 10.7a5.5 5.5 0 0 1 2.4-1.4M3.5 8a9.6 9.6 0 0 1 3-1.9M10 5.3c2.6 0 4.8.9 6.5 2.7M13 10.3l.8.6M8.4 13.2a2.3 2.3 0 0 1 3.2 0"/>`,
  'go': svg`<path d="M6.5 4.8v10.4L15 10z"/>`,
  'code': svg`<path d="m7 6.5-3.5 3.5L7 13.5M13 6.5l3.5 3.5-3.5 3.5"/>`,
  'thought': svg`<path d="M10 3.5a4.7 4.7 0 0 0-2.7 8.5c.5.4.7.9.7 1.5h4c0-.6.2-1.1.7-1.5A4.7 4.7 0 0 0 10 3.5zM8.3 16h3.4"/>`,
  'leave': svg`<path d="M8 4H5.5A1.5 1.5 0 0 0 4 5.5v9A1.5 1.5 0 0 0 5.5 16H8M12.5 6.5 16 10l-3.5 3.5M16 10H8"/>`,
  'trash': svg`<path d="M4 6h12M8 6V4.5A1 1 0 0 1 9 3.5h2a1 1 0 0 1 1 1V6M5.5 6l.7 9.1a1.5 1.5 0 0 0 1.5 1.4h4.6a1.5 1.5 0 0 0 1.5-1.4L14.5 6"/>`,
  'person': svg`<circle cx="10" cy="7" r="3"/><path d="M4.5 16.5c.4-3.2 2.5-5 5.5-5s5.1 1.8 5.5 5"/>`,
  'shapes': svg`<rect x="3.5" y="10.5" width="6" height="6" rx="1.3"/><circle cx="13.5" cy="13.5" r="3"/><path d="M10 3.3 13 8H7z"/>`,
  'clock': svg`<circle cx="10" cy="10" r="6.7"/><path d="M10 6.3V10l2.5 1.8"/>`,
  'wrap': svg`<path d="M4 5.5h12M4 10h9.5a2.5 2.5 0 0 1 0 5H10M11.8 13.2 10 15l1.8 1.8M4 14.8h3"/>`,
  'sound': svg`<path d="M4 8v4h2.4L10 15V5L6.4 8zM12.7 7.7a3.3 3.3 0 0 1 0 4.6M14.9 5.5a6.3 6.3 0 0 1 0 9"/>`,
  'list': svg`<path d="M7.5 5.5H16M7.5 10H16M7.5 14.5H16M4 5.5h.01M4 10h.01M4 14.5h.01"/>`,
} as const satisfies Record<string, SVGTemplateResult>;

export type IconName = keyof typeof ICONS;

/** One of these by its name, or a drawing that only some pages have. */
export type Icon = IconName | SVGTemplateResult;

/** One icon, hidden from assistive technology: the control around it has the words. `variant` is `small`, `solid`, or `flips` for icons that point along the line. */
export function icon(of: Icon, variant = ''): TemplateResult {
  return html`<svg class="icon ${variant}" viewBox="0 0 20 20" aria-hidden="true">${typeof of === 'string' ? ICONS[of] : of}</svg>`;
}

/** The mark: a leaning speech bubble with a line of text that ends in the caret. */
export const mark: TemplateResult = html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
  <path class="bubble" d="M12.3 4.5h13.2c3.5 0 5.9 3 5.2 6.4l-1.4 7.1c-.7 3.4-3.9 6-7.4 6H13.2l-8.7 4.8c-.9.5-1.9-.3-1.6-1.3l3.5-14.7C7.2 8 8.8 4.5 12.3 4.5z"/>
  <path class="line" d="M12.3 12.7h4.9a1.3 1.3 0 0 1 1.27 1.56 1.3 1.3 0 0 1-1.27 1.04h-4.9a1.3 1.3 0 0 1-1.27-1.56 1.3 1.3 0 0 1 1.27-1.04z"/>
  <path class="caret" d="M22.15 9.3h1.3c.7 0 1.2.6 1.06 1.3l-1.38 7c-.14.7-.75 1.2-1.45 1.2h-1.3c-.7 0-1.2-.6-1.06-1.3l1.38-7c.14-.7.75-1.2 1.45-1.2z"/>
</svg>`;
