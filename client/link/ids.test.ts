import { expect, it } from 'vitest';
import { newId } from './ids.ts';

it('makes ids that the contracts accept, each another one', () => {
  const ids = Array.from({ length: 2_000 }, () => newId());
  for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{22}$/);
  expect(new Set(ids).size).toBe(2_000);
});

it('does not need a secure context', () => {
  const kept = Object.getOwnPropertyDescriptor(Crypto.prototype, 'randomUUID');
  Object.defineProperty(Crypto.prototype, 'randomUUID', { value: undefined, configurable: true });
  try {
    expect(newId()).toHaveLength(22);
  } finally {
    if (kept !== undefined) Object.defineProperty(Crypto.prototype, 'randomUUID', kept);
  }
});
