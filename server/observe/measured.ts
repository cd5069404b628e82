import type { Bus } from '../bus/bus.ts';
import { around } from '../store/around.ts';
import { CommitRefused } from '../store/refused.ts';
import type { Store } from '../store/store.ts';
import type { Metrics } from './metrics.ts';

/** The same store; how long its commits take is counted. */
export function measuredStore(store: Store, metrics: Metrics): Store {
  return around(store, {
    async commit(changes, fence) {
      const began = performance.now();
      try {
        await store.commit(changes, fence);
        metrics.committed(performance.now() - began, 'done');
      } catch (error) {
        metrics.committed(performance.now() - began, error instanceof CommitRefused ? error.reason : 'mistake');
        throw error;
      }
    },
  });
}

/** The same bus; claims are counted, and how long appends take. */
export function measuredBus(bus: Bus, metrics: Metrics): Bus {
  return {
    get isShared() {
      return bus.isShared;
    },
    get isAway() {
      return bus.isAway;
    },
    async append(entries) {
      const began = performance.now();
      try {
        const verdicts = await bus.append(entries);
        metrics.appended(performance.now() - began, true);
        return verdicts;
      } catch (error) {
        metrics.appended(performance.now() - began, false);
        throw error;
      }
    },
    async claim(conversation, epoch) {
      try {
        const log = await bus.claim(conversation, epoch);
        metrics.claimed(log === 'stale' ? 'stale' : 'claimed');
        return log;
      } catch (error) {
        metrics.claimed('failed');
        throw error;
      }
    },
    since: (conversation, position) => bus.since(conversation, position),
    subscribe: (conversation, listener) => bus.subscribe(conversation, listener),
    release: (conversation, epoch) => bus.release(conversation, epoch),
    owners: (conversations) => bus.owners(conversations),
    ask: (owner, question) => bus.ask(owner, question),
    serve: (serving) => bus.serve(serving),
  };
}
