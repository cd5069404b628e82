import { css, type CSSResult, unsafeCSS } from 'lit';
import './components/chat-panel/chat-panel.ts';
import tokens from './styles/tokens.css?inline';

/** For the box, which must run where lit may not, and so takes nothing from files that have lit in them before it knows that it may. */
export { Failure } from '../contracts/failures.ts';

/** What says beside the closed chat that something has come. */
export const loadTeaser = (): Promise<typeof import('./widget-teaser.ts')> => import('./widget-teaser.ts');

/** For the element around the panel: the product's own roles, which rules of the page it stands in go before. The size of its letters is its own. */
export const sheets: readonly CSSResult[] = [unsafeCSS(tokens), css`:host { --gorun-unit: 16px; }`];
