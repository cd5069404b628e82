import type { Locator, Page } from '@playwright/test';
import { thread } from './person.ts';

/** All that the thread of a page shows, each block in lines of its own. */
export const words = (page: Page): Promise<string> => wordsOf(thread(page));

/** What these elements show with all that is in shadow roots under them, which `innerText` leaves out. Fails when there is nothing. */
export async function wordsOf(elements: Locator): Promise<string> {
  const text = await elements.evaluateAll((tops) => {
    const shown = (node: Node): string => {
      if (node instanceof Text) return node.data.replaceAll(/\s+/gu, ' ');
      if (!(node instanceof Element)) return '';
      const { display } = getComputedStyle(node);
      if (display === 'none') return '';
      const within = node instanceof HTMLSlotElement ? node.assignedNodes({ flatten: true }) : [...(node.shadowRoot ?? node).childNodes];
      const inside = within.map(shown).join('');
      return display.startsWith('inline') || display === 'contents' ? inside : `\n${inside}\n`;
    };
    return tops.map(shown).join('\n').replaceAll(/\s*\n\s*/gu, '\n').trim();
  });
  if (text === '') throw new Error('there are no words');
  return text;
}
