import { expect, it } from 'vitest';
import { codeOf, retryAfterOf } from './errors.ts';

it.each([
  [{ status: 400, codes: ['context_length_exceeded'], sentence: 'x' }, 'context-too-long'],
  [{ status: 400, sentence: 'the request exceeds the available context size, try increasing it' }, 'context-too-long'],
  [{ status: 400, sentence: 'input length and `max_tokens` exceed context limit: 190000 + 32000 > 200000' }, 'context-too-long'],
  [{ status: 413, codes: ['request_too_large'] }, 'context-too-long'],
  [{ status: 400, sentence: 'Your credit balance is too low to access the Anthropic API.' }, 'provider-refused'],
  [{ status: 429, codes: ['insufficient_quota'] }, 'provider-refused'],
  [{ status: 402, codes: ['billing_error'] }, 'provider-refused'],
  [{ status: 403, codes: ['unsupported_country_region_territory'] }, 'provider-refused'],
  [{ status: 403, sentence: 'Your chosen model requires moderation and your input was flagged' }, 'content-refused'],
  [{ status: 403 }, 'provider-key-refused'],
  [{ status: 400, sentence: 'API key not valid. Please pass a valid API key.' }, 'provider-key-refused'],
  [{ status: 500, sentence: 'Internal error' }, 'provider-busy'],
  [{ status: 504 }, 'provider-busy'],
  [{ status: 529, codes: ['overloaded_error'] }, 'provider-busy'],
  [{ status: 422, sentence: 'Extra inputs are not permitted' }, 'provider-refused'],
  [{ status: 404 }, 'provider-refused'],
  [{ codes: ['overloaded_error'], sentence: 'Overloaded' }, 'provider-busy'],
  [{ codes: ['rate_limit_exceeded'] }, 'provider-busy'],
  [{ codes: ['bio_policy'] }, 'content-refused'],
  [{ sentence: 'something odd' }, 'provider-broke-off'],
] as const)('%j is %s', (reply, code) => {
  expect(codeOf(reply)).toBe(code);
});

it('how long to wait is read as milliseconds, seconds or a date, and never as something else', () => {
  const now = Date.UTC(2026, 0, 1);
  const wait = (headers: Record<string, string>): number | undefined => retryAfterOf(new Headers(headers), now);
  expect([wait({ 'retry-after-ms': '250', 'retry-after': '9' }), wait({ 'retry-after': '1.5' }), wait({ 'retry-after': 'Thu, 01 Jan 2026 00:00:30 GMT' }), wait({ 'retry-after': 'Wed, 31 Dec 2025 00:00:00 GMT' })]).toEqual([250, 1_500, 30_000, 0]);
  expect([wait({}), wait({ 'retry-after': 'soon' }), wait({ 'retry-after': '' }), retryAfterOf(undefined)]).toEqual([undefined, undefined, undefined, undefined]);
});
