import type { ReactiveControllerHost } from 'lit';
import { expect, it } from 'vitest';
import { Failure } from '../../contracts/failures.ts';
import type { call } from '../link/app-api.ts';
import { Answer } from './answer.ts';
import { readCheckpoint } from './checkpoint.ts';

const host = { requestUpdate: () => undefined } as unknown as ReactiveControllerHost;

it('what was answered stays beside the words of a later failure, and an earlier answer that comes late counts no more', async () => {
  const waiting: PromiseWithResolvers<string>[] = [];
  const answer = new Answer(host, () => (waiting.push(Promise.withResolvers<string>()), waiting.at(-1)!.promise));
  const [first, second] = [answer.read(), answer.read()];
  waiting[1]!.resolve('new');
  waiting[0]!.resolve('old');
  await Promise.all([first, second]);
  expect(answer.value).toBe('new');
  const third = answer.read();
  waiting[2]!.reject(new Failure('server-busy'));
  await third;
  expect([answer.value, answer.problem]).toEqual(['new', 'The server is busy. Nothing was done.']);
  const fourth = answer.read();
  answer.clear();
  waiting[3]!.resolve('of somebody who signed out');
  await fourth;
  expect([answer.value, answer.problem]).toEqual([undefined, '']);
});

it('a log that has no checkpoint yet is told as that, and not as something that was deleted', async () => {
  await expect(readCheckpoint((() => Promise.reject(new Failure('not-found'))) as typeof call)).rejects.toMatchObject({ code: 'not-found', detail: 'Nothing was sealed yet. It takes a few seconds.' });
  await expect(readCheckpoint((() => Promise.reject(new Failure('server-busy'))) as typeof call)).rejects.toMatchObject({ code: 'server-busy', detail: undefined });
});
