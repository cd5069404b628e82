import { expect, it } from 'vitest';
import { Failure } from '../../contracts/failures.ts';
import { CommitRefused } from '../store/refused.ts';
import { openLog } from './log.ts';

/** What is written of one call. */
function written(given: object, what = 'it happened'): string {
  let line = '';
  openLog('trace', { write: (text) => void (line += text) }).trace(given, what);
  return line;
}

/** As the providers' SDKs make them. */
class ApiError extends Error {
  override name = 'APIError';
  readonly status = 400;
  readonly code = 'invalid_prompt';
  readonly headers = { authorization: 'Bearer canary' };
  readonly error = { message: 'canary' };
}

it('nothing that a person, a model or a provider said is in the log, whatever error carries it', () => {
  const errors = [
    new ApiError('400 your prompt "canary" is refused'),
    new Failure('provider-refused', { detail: 'canary', cause: new ApiError('canary') }),
    new Error('a wrapper', { cause: new ApiError('canary') }),
    Object.assign(new Error('Parse Error'), { code: 'HPE_INVALID_METHOD', rawPacket: Buffer.from('canary'), headers: { cookie: 'canary' } }),
    Object.assign(new Error('a driver'), { operation: { document: 'canary' } }),
    'canary',
    { code: 'internal', text: 'canary' },
  ];
  try {
    JSON.parse('canary');
  } catch (error) {
    errors.push(error as Error);
  }
  for (const err of errors) {
    expect(written({ err })).not.toContain('canary');
    expect(written({ err })).not.toContain([...Buffer.from('canary')].join(',')); // as bytes are written
  }
  const secrets = { req: { headers: { cookie: 'canary', authorization: 'canary' } }, headers: { cookie: 'canary', authorization: 'canary' } };
  expect(written(secrets)).not.toContain('canary');
});

it('what went wrong can still be found in the log: where, by which codes, and why below it', () => {
  const cause = new CommitRefused('unavailable', { detail: 'the disk is full', cause: Object.assign(new Error('database or disk is full'), { code: 'ERR_SQLITE_ERROR' }) });
  const line = JSON.parse(written({ err: new Failure('record-unavailable', { cause }) }, 'an outcome could not be recorded')) as unknown;
  expect(line).toMatchObject({
    msg: 'an outcome could not be recorded',
    err: { type: 'Failure', code: 'record-unavailable', at: expect.arrayContaining([expect.stringContaining('log.test.ts')]), cause: { message: 'commit unavailable: the disk is full', cause: { code: 'ERR_SQLITE_ERROR' } } },
  });
});
