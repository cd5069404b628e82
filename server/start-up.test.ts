import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { Failure } from '../contracts/failures.ts';
import { masterKeys, wrap } from './journal/master-keys.ts';
import { CannotStart } from './start-up.ts';
import { CommitRefused } from './store/refused.ts';

function told(error: unknown): string {
  return new CannotStart(error).message;
}

it('whoever starts it is told in words what keeps it from starting, and what caused that: a code alone says nothing', () => {
  const away = new CommitRefused('unavailable', { detail: 'tried for long enough', cause: new Error('connection 3 closed') });
  expect(told(new Failure('record-unavailable', { cause: away }))).toBe('The record could not be written, so nothing was done. commit unavailable: tried for long enough: connection 3 closed');
  expect(told(new Failure('bus-unavailable', { cause: new Error('Redis has not answered lately') }))).toBe('Not connected to the other servers. Nothing was done. Redis has not answered lately');
  expect(told(new Failure('internal', { detail: 'The key is none.' }))).toBe('The key is none.');
  expect(told(new Failure('erased'))).toBe('This conversation was deleted.');
  expect(told(new Error('in use'))).toBe('in use');
});

it('a start that took so long that others may take the instance for gone says that this is why it makes no key', () => {
  const late = { ...masterKeys(randomBytes(32)), wrapsUntil: performance.now() - 1 };
  const refused = ((): unknown => {
    try {
      return wrap('between instances', randomBytes(32), 'deployment', late);
    } catch (error) {
      return error;
    }
  })();
  expect(told(refused)).toContain('others may take it for gone');
});
