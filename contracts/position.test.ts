import { expect, it } from 'vitest';
import { stepTo } from './position.ts';

it('applies only the very next event of its own epoch', () => {
  const here = { epoch: 2, seq: 5 };
  expect(stepTo(here, { epoch: 2, seq: 6 })).toBe('apply');
  expect(stepTo(here, { epoch: 2, seq: 5 })).toBe('drop');
  expect(stepTo(here, { epoch: 1, seq: 9 })).toBe('drop');
  expect(stepTo(here, { epoch: 2, seq: 7 })).toBe('resume');
  expect(stepTo(here, { epoch: 3, seq: 1 })).toBe('resume');
});
