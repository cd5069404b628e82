import { expect, it } from 'vitest';
import { openLine } from './worker-line.ts';

/** A thread that answers each call with itself, and on whose port Node says things of its own in between, as in watch mode. */
const script = new URL(`data:text/javascript,${encodeURIComponent(`
  import { parentPort } from 'node:worker_threads';
  const chatter = () => parentPort.postMessage({ 'watch:import': ['file:///somewhere.ts'] });
  chatter();
  parentPort.on('message', ({ number, it }) => {
    chatter();
    parentPort.postMessage({ replies: [{ number, it: { is: 'done', value: it } }] });
    if (it === 'close') parentPort.close();
  });
  parentPort.postMessage({ ready: 'as ready as can be' });
`)}`);

it('a thread is ready when it says so itself, and what Node says on its port is nobody\'s answer', async () => {
  const [line, ready] = await openLine<string, string>(script, undefined);
  expect(ready).toBe('as ready as can be');
  expect(await Promise.all(['one', 'two'].map((call) => line.ask(call)))).toEqual([{ is: 'done', value: 'one' }, { is: 'done', value: 'two' }]);
  await line.close();
  expect(line.isLost()).toBe(true);
});
