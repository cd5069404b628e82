import { startChild } from '../child.ts';
import { newGround, newServers, type Servers } from '../contenders.ts';
import { compare, state, type Found } from '../figures.ts';
import type { Run } from '../run.ts';

/** What an administrator is promised: nothing that was ended is live for longer. */
const WITHIN_MS = 1_000;
/** Of the visitor who is blocked. */
const TABS = 10;

/** Milliseconds from the moment at which it was asked for. */
interface Ends {
  readonly median: number;
  readonly last: number;
}
interface Ended {
  readonly block: Ends;
  readonly close: Ends;
}

/** How long sockets live on that an administrator has ended: those of one visitor who is blocked, and all of a site that is closed; beside rooms of bare sockets that are told to go. */
export function ending(run: Run): Promise<Found> {
  return endingOn(run, 1);
}

/** The same where half of the sockets are on another instance than the one that is asked, with Redis between them. */
export function endingOnInstances(run: Run): Promise<Found> {
  return endingOn(run, 2);
}

async function endingOn({ isQuick, repeats, say }: Run, count: 1 | 2): Promise<Found> {
  await using stack = new AsyncDisposableStack();
  const ground = await newGround(stack);
  const [product, plain] = [await newServers(ground, 'product', count), await newServers(ground, 'rooms', count)];
  const others = isQuick ? 200 : 1_000;
  for (const servers of [product, plain]) await endedBy(servers, AT_FIRST);
  const samples: { product: Ended; plain: Ended }[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const sample = { product: await endedBy(product, others), plain: await endedBy(plain, others) };
    samples.push(sample);
    const said = ({ block, close }: Ended): string => `${block.last.toFixed(1)} and ${close.last.toFixed(1)} ms`;
    say(`repeat ${repeat + 1}/${repeats}: until the last has ended ${said(sample.product)}, plain ${said(sample.plain)}`);
  }
  const of = (who: 'product' | 'plain', what: keyof Ended, which: keyof Ends): number[] => samples.map((sample) => sample[who][what][which]);
  const rowsOf = (what: keyof Ended, name: string): Found['rows'] => [
    state(`${name}: until the last socket has ended`, 'ms', of('product', what, 'last'), { atMost: WITHIN_MS }),
    compare('the same, beside a room', 'ms', of('product', what, 'last'), of('plain', what, 'last')),
    compare(`${name}: until a socket has ended, median`, 'ms', of('product', what, 'median'), of('plain', what, 'median')),
  ];
  return {
    name: count === 1 ? 'endings' : 'endings, two instances',
    setting: `${others} visitors of a site with a live socket each, and one with ${TABS}; from the request of the administrator, who is answered when it is on record${count === 1 ? '' : '; half of the sockets on each of two instances'}`,
    rows: [...rowsOf('block', 'a visitor is blocked'), ...rowsOf('close', 'a site is closed')],
    samples,
  };
}

/** What these make the servers load does not count. */
const AT_FIRST = 20;

async function endedBy({ way, urls }: Servers, others: number): Promise<Ended> {
  await using clients = await startChild('./clients/ending.ts');
  await clients.ask(way === 'product' ? 'product' : 'plain', { urls, others, tabs: TABS });
  return { block: await clients.ask<Ends>('block'), close: await clients.ask<Ends>('close') };
}
