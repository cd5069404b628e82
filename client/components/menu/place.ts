const EDGE = 8;
const GAP = 4;

/**
 * Puts an open popover under its anchor, above it when there is more room, never outside the window.
 * `align` is the side of the anchor, in reading direction, that both share.
 */
export function placeBeside(panel: HTMLElement, anchor: Element, align: 'start' | 'end' = 'end'): void {
  panel.style.setProperty('max-block-size', 'none');
  const { width, height } = panel.getBoundingClientRect();
  const at = anchor.getBoundingClientRect();
  const isRtl = getComputedStyle(panel).direction === 'rtl';
  const below = innerHeight - at.bottom - GAP - EDGE;
  const above = at.top - GAP - EDGE;
  const isBelow = height <= below || below >= above;
  const room = Math.max(isBelow ? below : above, 0);
  const top = isBelow ? at.bottom + GAP : at.top - GAP - Math.min(height, room);
  const wanted = (align === 'start') === isRtl ? at.right - width : at.left;
  const left = Math.max(EDGE, Math.min(wanted, innerWidth - EDGE - width));
  panel.style.setProperty('inset-block-start', `${top}px`);
  panel.style.setProperty('inset-inline-start', `${isRtl ? innerWidth - left - width : left}px`);
  panel.style.setProperty('max-block-size', `${room}px`);
}

/** The element that has the focus, looked for inside shadow roots too. */
export function focusedElement(): HTMLElement | null {
  let found = document.activeElement;
  while (found?.shadowRoot?.activeElement) found = found.shadowRoot.activeElement;
  return found instanceof HTMLElement && found !== document.body ? found : null;
}
