import { expect, it } from 'vitest';
import { replied, said } from '../thread/sample-view.ts';
import { linesOf } from './lines.ts';

it('every version of every message has a line, and where a line does not follow the one before it, it says what it follows', () => {
  const messages = [said('a', null, 'Hello'), replied('b', 'a', 'Good day'), replied('c', 'a', 'Hi'), said('d', 'b', 'And now?'), said('e', null, 'Hello there'), said('f', 'gone', 'Whose parent is not there')];
  expect(linesOf(messages).map(({ message, version, versions, follows }) => [message.id, `${version}/${versions}`, follows === undefined ? undefined : (follows?.id ?? null)])).toEqual([
    ['a', '1/2', undefined],
    ['b', '1/2', undefined],
    ['c', '2/2', 'a'],
    ['d', '1/1', 'b'],
    ['e', '2/2', null],
    ['f', '1/1', undefined],
  ]);
});
