import { expect, it } from 'vitest';
import { firstLine } from './widget-teaser.ts';

it.each([
  ['Your order was **handed over** this morning.\n\nIt comes on Friday.', 'Your order was handed over this morning.'],
  ['# Coffee\nRoasted on Tuesdays', 'Coffee'],
  ['\n\n- Yirgacheffe\n- Huila', 'Yirgacheffe'],
  ['```js\nopen();\n```\n\nThis opens it.', 'This opens it.'],
  ['[The page](https://example.org) says so', 'The page says so'],
  ['```\nonly code\n```', ''],
  ['', ''],
])('what stands beside the closed chat of %j is %j', (markdown, line) => {
  expect(firstLine(markdown)).toBe(line);
});
