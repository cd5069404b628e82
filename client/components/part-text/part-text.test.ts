import { afterEach, describe, expect, it, vi } from 'vitest';
import { LONG } from '../../text/sample.ts';
import type { GorunPartText, OpenLinkEvent } from './part-text.ts';
import './part-text.ts';

afterEach(() => document.body.replaceChildren());

async function shown(text: string, growing = false) {
  const element = document.createElement('gorun-part-text');
  element.text = text;
  element.growing = growing;
  document.body.append(element);
  await element.updateComplete;
  const root = element.shadowRoot!;
  return { element, root, grow: (more: string) => grow(element, more), content: () => root.textContent!.trim() };
}

async function grow(element: GorunPartText, text: string): Promise<void> {
  element.text = text;
  await element.updateComplete;
}

describe('<gorun-part-text>', () => {
  it('never leads anywhere but to http, https and mail', async () => {
    const targets = ['javascript:alert(1)', 'JAVASCRIPT:alert(1)', 'java&#115;cript:alert(1)', 'data:text/html,x', 'vbscript:x', 'file:///etc/passwd', '/relative', '#here', 'blob:x'];
    const { root } = await shown([...targets.map((href) => `[link](<${href}>)`), '[ok](https://example.com) [mail](mailto:a@example.com)'].join('\n\n'));
    expect([...root.querySelectorAll('a')].map((link) => link.getAttribute('href'))).toEqual(['https://example.com/', 'mailto:a@example.com']);
    expect([...root.querySelectorAll('a')].every((link) => link.rel === 'noopener noreferrer' && link.target === '_blank')).toBe(true);
  });

  it('draws tags as the characters they are', async () => {
    const { root, content } = await shown('<img src=x onerror=alert(1)>\n\n<script>alert(1)</script>\n\nA <b style="color:red">word</b> and <a href="https://example.com">link</a>.');
    expect(root.querySelectorAll('img, script, b, [style], [onerror]')).toHaveLength(0);
    expect(content()).toContain('<script>alert(1)</script>');
    expect(content()).toContain('<b style="color:red">word</b>');
  });

  it('draws images as links, so that nothing is fetched from elsewhere', async () => {
    const { root } = await shown('![A chart](https://example.com/chart.png) ![bad](data:text/html,hi)');
    expect(root.querySelectorAll('img')).toHaveLength(0);
    expect([...root.querySelectorAll('a')].map((link) => [link.textContent, link.href])).toEqual([['A chart', 'https://example.com/chart.png']]);
  });

  it('keeps the elements of finished blocks untouched while the end grows', async () => {
    const { root, grow, element } = await shown('First **paragraph**.\n\n- one\n- two\n\n```js\nlet a = 1;\n```\n\nThe tail', true);
    const frozen = [...root.querySelectorAll('.block')].slice(0, 5);
    const changes: MutationRecord[] = [];
    const watcher = new MutationObserver((records) => changes.push(...records));
    for (const block of frozen) watcher.observe(block, { subtree: true, childList: true, characterData: true, attributes: true });
    const before = element.text;
    for (const more of [' grows', ' grows **and', ' grows **and** ends.', ' grows **and** ends.\n\nAnother', ' grows **and** ends.\n\nAnother\n\n1. list']) await grow(before + more);
    changes.push(...watcher.takeRecords());
    watcher.disconnect();
    expect([...root.querySelectorAll('.block')].slice(0, 5)).toEqual(frozen);
    expect(changes).toEqual([]);
  });

  it('does not draw finished blocks again', async () => {
    const { element, grow } = await shown('See [the terms](https://example.com/terms).\n\nMore.\n\nThe tail', true);
    const parsed = vi.spyOn(URL, 'parse');
    const before = element.text;
    for (const more of [' grows', ' grows on', ' grows on.\n\nAnother']) await grow(before + more);
    expect(parsed).not.toHaveBeenCalled();
    parsed.mockRestore();
  });

  it('draws every prefix of a long text without failing', async () => {
    const { element, root } = await shown('', true);
    for (let end = 0; end <= LONG.length; end += 11) {
      element.text = LONG.slice(0, end);
      element.requestUpdate();
      await element.updateComplete;
    }
    element.text = LONG;
    element.growing = false;
    await element.updateComplete;
    expect(root.querySelectorAll('.caret')).toHaveLength(0);
    expect(root.querySelectorAll('table tbody tr')).toHaveLength(2);
    expect(root.querySelectorAll('h3, h4')).not.toHaveLength(0);
    expect(root.querySelectorAll('script, img, [onclick], [style]:not(.katex [style])')).toHaveLength(0);
  });

  it('draws one frame around a table, also inside of a quotation', async () => {
    const { element, root } = await shown('| A |\n|---|\n| 1 |\n\n> | B |\n> |---|\n> | 2 |');
    element.style.setProperty('--gorun-line', 'black');
    const framed = [...root.querySelectorAll('*')].filter((element) => getComputedStyle(element).borderTopWidth !== '0px' && element.querySelector('table'));
    expect(framed.map((element) => element.getAttribute('part'))).toEqual(['table', 'table']);
  });

  it('shows one caret, behind the last character, only while it grows', async () => {
    const { element, root } = await shown('Some text\n\n- a\n- b', true);
    expect(root.querySelectorAll('.caret')).toHaveLength(1);
    expect(root.querySelector('li:last-child .caret')).not.toBeNull();
    element.growing = false;
    await element.updateComplete;
    expect(root.querySelectorAll('.caret')).toHaveLength(0);
  });

  it('takes sums of money for money and formulas for formulas', async () => {
    const { root, content } = await shown('It costs $5 and $10, or 5$ to 10$. The factor $z$ and \\(a + b\\).');
    expect(root.querySelectorAll('.math')).toHaveLength(2);
    expect(content()).toContain('It costs $5 and $10, or 5$ to 10$.');
  });

  it('sets formulas with words for assistive technology, and leaves a broken one readable', async () => {
    const { root } = await shown('$$\nx^2\n$$\n\n$$\n\\frac{1\n$$');
    await expect.poll(() => root.querySelectorAll('.katex').length).toBe(1);
    expect(root.querySelector('math')).not.toBeNull();
    const broken = root.querySelectorAll('.formula')[1]!;
    await expect.poll(() => broken.classList.contains('source')).toBe(true);
    expect(broken.textContent).toBe('\\frac{1');
  });

  it('sets a formula of a later message as it sets the first one', async () => {
    const first = await shown('$$\nx^2\n$$');
    await expect.poll(() => first.root.querySelectorAll('.katex').length).toBe(1);
    const later = await shown('$$\ny^2\n$$ and \\(z\\)');
    const spoken = later.root.querySelector<HTMLElement>('.katex-mathml')!;
    expect(getComputedStyle(spoken).position).toBe('absolute');
  });

  it('turns each block the way its own text runs, and code and formulas never', async () => {
    const { root } = await shown('Hello\n\nשלום\n\n`a = 1`\n\n$$\na = b\n$$');
    const [latin, hebrew] = root.querySelectorAll('p');
    expect([getComputedStyle(latin!).direction, getComputedStyle(hebrew!).direction]).toEqual(['ltr', 'rtl']);
    expect(['code', '.formula'].map((one) => root.querySelector(one)!.getAttribute('dir'))).toEqual(['ltr', 'ltr']);
  });

  it('asks before a link is followed', async () => {
    const { element, root } = await shown('[a](https://example.com/a)');
    const asked: string[] = [];
    element.addEventListener('gorun-open-link', (event: OpenLinkEvent) => {
      asked.push(event.href);
      event.preventDefault();
    });
    const click = new MouseEvent('click', { bubbles: true, cancelable: true, composed: true });
    root.querySelector('a')!.dispatchEvent(click);
    expect([asked, click.defaultPrevented]).toEqual([['https://example.com/a'], true]);
  });
});
