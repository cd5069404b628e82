// An import would find the element itself, whose file goes before one that only declares.
// oxlint-disable-next-line typescript/triple-slash-reference
/// <reference path="./widget.d.ts" />
import type { Asked } from './widget-parts.ts';
import type { GorunChat } from './widget.ts';

// Nothing of this runs: it does not compile where the element is not what `widget.d.ts` tells pages that it is.

type Kept<Promised, Made extends Promised> = Made;
type Made = GorunChat & Record<Asked, (said?: unknown) => Promise<void>>;

export type Element = Kept<Omit<GorunChatElement, 'addEventListener' | 'removeEventListener'>, Made>;
export type Methods = Kept<Exclude<keyof GorunChatElement, keyof HTMLElement>, Asked>;
