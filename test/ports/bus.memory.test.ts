import { memoryBus } from '../../server/bus/memory.ts';
import { busSuite } from './bus.suite.ts';

busSuite('memory', () => {
  const bus = memoryBus();
  return Promise.resolve({ owner: bus, other: bus, close: () => Promise.resolve() });
});
