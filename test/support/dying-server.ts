// The product, whose clock a signal sets, dying where a test wants it: DIE_AT=before:TYPE or after:TYPE of a record, of the n-th piece of a draft (before:draft:3), of the n-th commit of an export's pieces (after:piece:2), or of the claim of a conversation that another instance had (before:claim). With DIE_WITH=SIGSTOP it only stands still there.
import { flushCompileCache } from 'node:module';
import { readConfig } from '../../server/config.ts';
import { recordId } from '../../server/journal/journal.ts';
import { start } from '../../server/main.ts';
import { endWith } from '../../server/start-up.ts';
import { around } from '../../server/store/around.ts';
import { UNFENCED, type Change, type Fence, type Store } from '../../server/store/store.ts';
import { PAST_IT } from './past-it.ts';

const [when, what, count = '1'] = (process.env['DIE_AT'] ?? '').split(':');
let left = Number(count);
const die = (): unknown => process.kill(process.pid, process.env['DIE_WITH'] ?? 'SIGKILL');

function isTheOne(changes: readonly Change[], fence: Fence | typeof UNFENCED): boolean {
  const claims = changes.length === 0 && fence !== UNFENCED && fence.from !== null && fence.to.epoch > fence.from.epoch;
  const matches = what === 'claim' ? claims : changes.some((change) => (what === 'draft' ? change.kind === 'draft' && change.do !== 'remove' : what === 'piece' ? change.kind === 'export-chunk' && change.do === 'put' : change.kind === 'record' && change.do === 'add' && change.body.type === what));
  return matches && --left === 0;
}

function dying(store: Store): Store {
  return around(store, { commit: async (changes, fence) => {
    if (!isTheOne(changes, fence)) return store.commit(changes, fence);
    if (when === 'before') die();
    try {
      await store.commit(changes, fence);
      if (when === 'after') die();
    } finally {
      process.stdout.write(PAST_IT); // it stood still only, and what it was about to commit is done or refused
    }
  } });
}

/** One mechanism taken out, to see that the tests of its promise find out. */
function without(store: Store): Store {
  const mechanism = process.env['WITHOUT'];
  if (mechanism !== 'fence' && mechanism !== 'dedupe' && mechanism !== 'checkpoints') return store; // the position check is the tabs'
  return around(store, { commit: async (changes, fence) => {
    if (mechanism !== 'fence') {
      const left = changes.filter(({ kind }) => kind !== (mechanism === 'dedupe' ? 'command' : 'draft'));
      return left.length === 0 ? undefined : store.commit(left, fence);
    }
    if (fence === UNFENCED) return store.commit(changes, fence);
    // Whoever comes from behind is let through: the head is taken for what it is.
    const from = (await store.get('head', fence.chain))?.body ?? null;
    const last = from?.number ?? 0;
    // A record's number is taken once, by it and by what waits to be sealed, which would hold like a fence; so the stale ones get the next that are free.
    const isNumbered = (change: Change) => change.do === 'add' && (change.kind === 'record' || change.kind === 'pending');
    const first = changes.find(isNumbered) as { body: { number: number } } | undefined;
    const by = first === undefined ? 0 : last + 1 - first.body.number;
    const numbered = changes.map((change): Change => (isNumbered(change) ? movedBy(by, change as Numbered, fence.chain) : change));
    const to = { ...fence.to, epoch: Math.max(fence.to.epoch, from?.epoch ?? 0), seq: Math.max(fence.to.seq, from?.seq ?? 0), number: Math.max(fence.to.number + by, last) };
    return store.commit(numbered, { ...fence, from, to });
  } });
}

type Numbered = Extract<Change, { do: 'add'; kind: 'record' | 'pending' }>;

function movedBy(by: number, change: Numbered, chain: string): Change {
  const number = change.body.number + by;
  return { ...change, id: recordId(chain, number), body: { ...change.body, number } } as Change;
}

/** Each SIGUSR2 sets the clock: an hour back, an hour ahead, right again; where CLOCK_STEP_MS is given, so much further each time. It begins CLOCK_AHEAD_MS ahead. */
const HOUR_MS = 3_600_000;
const stepMs = Number(process.env['CLOCK_STEP_MS'] ?? 0);
const timeOf = Date.now.bind(Date);
let offMs = Number(process.env['CLOCK_AHEAD_MS'] ?? 0);
Date.now = () => timeOf() + offMs;
process.on('SIGUSR2', () => (offMs = stepMs > 0 ? offMs + stepMs : offMs === 0 ? -HOUR_MS : offMs < 0 ? HOUR_MS : 0));

const config = readConfig(process.env);
const running = await start({ ...config, demoWordsPerSecond: Number(process.env['DEMO_PACE'] ?? 150) }, (store) => dying(without(store)));
endWith(running, config.handOverMs);
process.stdout.write(`GoRunChat runs at ${running.url}\n`);
flushCompileCache(); // what is killed writes it at no other time
