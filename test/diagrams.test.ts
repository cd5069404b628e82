import { expect, it } from 'vitest';
import { isCurrent } from './diagrams.ts';

it('the drawn machines are the machines that run (npm run diagrams draws them again)', () => {
  expect(isCurrent()).toBe(true);
});
