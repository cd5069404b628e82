import { expect, it } from 'vitest';
import { callProvider } from './attempt.ts';

it('a mistake of ours in the middle of a call is told to the operator as it was, and to the person only as one', async () => {
  const mistake = new TypeError('cannot read properties of undefined');
  const warned: unknown[] = [];
  const growing = { push: () => undefined, flush: () => Promise.resolve(), isFull: false };
  const attempt = await callProvider(failing(mistake), { growing, number: 1, signal: new AbortController().signal, warn: (error) => warned.push(error) });
  expect(attempt).toMatchObject({ outcome: { kind: 'failed', code: 'internal' }, mayRepeat: false });
  expect(warned).toEqual([mistake]);
});

function failing(error: Error): AsyncIterable<never> {
  return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) };
}
