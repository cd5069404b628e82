// The product, dying where a test wants it: DIE_AT=before:TYPE or after:TYPE of a record, or of the n-th piece of a draft (before:draft:3).
import { readConfig } from '../../server/config.ts';
import { start } from '../../server/main.ts';
import type { Change, Store } from '../../server/store/store.ts';

const [when, what, count = '1'] = (process.env['DIE_AT'] ?? '').split(':');
let left = Number(count);

function isTheOne(changes: readonly Change[]): boolean {
  const matches = changes.some((change) => (what === 'draft' ? change.kind === 'draft' && change.do !== 'remove' : change.kind === 'record' && change.do === 'add' && change.body.type === what));
  return matches && --left === 0;
}

function dying(store: Store): Store {
  return {
    get: (kind, id) => store.get(kind, id),
    find: (query) => store.find(query),
    search: (query) => store.search(query),
    behind: (limit) => store.behind(limit),
    close: () => store.close(),
    async commit(changes, fence) {
      const isNow = isTheOne(changes);
      if (isNow && when === 'before') process.kill(process.pid, 'SIGKILL');
      await store.commit(changes, fence);
      if (isNow && when === 'after') process.kill(process.pid, 'SIGKILL');
    },
  };
}

const running = await start({ ...readConfig(process.env), demoWordsPerSecond: Number(process.env['DEMO_PACE'] ?? 150) }, dying);
process.stdout.write(`GoRunChat runs at ${running.url}\n`);
process.once('SIGTERM', () => void running.close().then(() => process.exit(0)));
