import { afterEach, describe, expect, it } from 'vitest';
import './code.ts';

afterEach(() => document.body.replaceChildren());

async function shown(code: string, info: string, growing = false) {
  const element = document.createElement('gorun-code');
  Object.assign(element, { code, info, growing });
  document.body.append(element);
  await element.updateComplete;
  return { element, root: element.shadowRoot!, text: () => element.shadowRoot!.querySelector('code')!.textContent };
}

const SAMPLES: Readonly<Record<string, string>> = {
  ts: 'export const a: number = 1; // note', tsx: 'const a = <b/>;', js: 'function f() { return "s"; }', python: 'def f(x):\n    return 1', json: '{"a": 1}', bash: 'for f in *; do echo "$f"; done',
  html: '<p class="a">x</p>', css: '.a { color: red }', sql: "select * from t where a = 'b'", yaml: 'a: 1', md: '# Title', diff: '+ added\n- removed', go: 'func main() {}', rust: 'fn main() {}', java: 'class A {}',
};

describe('<gorun-code>', () => {
  it.each(Object.entries(SAMPLES))('colours %s and changes no character of it', async (info, code) => {
    const { root, text } = await shown(code, info);
    await expect.poll(() => root.querySelectorAll('code span').length).toBeGreaterThan(0);
    expect(text()).toBe(code);
  });

  it('is plain while it grows and coloured when it is closed, at the same height', async () => {
    const { element, root, text } = await shown('const a = 1;\nconst b = 2;', 'ts', true);
    expect(root.querySelectorAll('code span:not(.caret)')).toHaveLength(0);
    const height = element.offsetHeight;
    element.growing = false;
    await expect.poll(() => root.querySelectorAll('code .k').length).toBe(2);
    expect([text(), element.offsetHeight]).toEqual(['const a = 1;\nconst b = 2;', height]);
  });

  it('leaves a language it does not know as it is', async () => {
    const { root, text } = await shown('<script>alert(1)</script>', 'klingon');
    expect(text()).toBe('<script>alert(1)</script>');
    expect(root.querySelectorAll('script')).toHaveLength(0);
  });

  it('is named by the file when the fence names one, else by its language', async () => {
    const names = await Promise.all(['ts src/reorder.ts', 'ts title="a.ts"', 'python', ''].map(async (info) => (await shown('x', info)).root.querySelector('pre')!.getAttribute('aria-label')));
    expect(names).toEqual(['src/reorder.ts', 'a.ts', 'python', 'Code']);
  });

  it('says when it was copied', async () => {
    const { root } = await shown('let a', 'js');
    const copied: string[] = [];
    navigator.clipboard.writeText = (text) => Promise.resolve(void copied.push(text));
    root.querySelectorAll<HTMLElement>('.copy')[1]!.click();
    await expect.poll(() => root.querySelectorAll('.copy')[1]!.textContent).toContain('Copied');
    expect(copied).toEqual(['let a']);
  });

  it('reads from left to right on a page that reads from right to left', async () => {
    document.documentElement.dir = 'rtl';
    const { root } = await shown('let a', 'js');
    expect(getComputedStyle(root.querySelector('pre')!).direction).toBe('ltr');
    document.documentElement.dir = 'ltr';
  });
});
