/** Whether somebody uses a finger, so that putting the focus into a field would open a keyboard over half of the page. */
export function isTouch(): boolean {
  return matchMedia('(pointer: coarse)').matches;
}
