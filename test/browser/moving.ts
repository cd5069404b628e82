import type { Page } from '@playwright/test';

/** Names of the animations that run anywhere on the page. */
export function moving(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const visit = (root: ParentNode): void => {
      for (const element of root.querySelectorAll('*')) {
        if (element.shadowRoot) visit(element.shadowRoot);
        for (const animation of element.getAnimations()) {
          const { duration } = animation.effect?.getComputedTiming() ?? {};
          if (animation.playState === 'running' && Number(duration) > 0) found.push(`${element.localName}.${element.className}: ${'animationName' in animation ? String(animation.animationName) : 'transition'}`);
        }
      }
    };
    visit(document);
    return found;
  });
}
