import { performance } from 'node:perf_hooks';
import type { ConversationId } from '../../../contracts/ids.ts';
import { siteModel } from '../../../contracts/site-model.ts';
import { changeSite, newSite } from '../../support/site.ts';
import { newAccount, signIn } from '../../support/tab.ts';
import { serveParent } from '../child.ts';
import { medianOf } from '../figures.ts';
import { beginVisit, ProductTab } from '../product-tab.ts';
import { RawTab } from '../raw-tab.ts';

/** Sockets that are ended from the server's side, and when each of them hears it. */
const ADMIN = 'admin@example.org';
const AT_ONCE = 20;
/** What lives on for longer than this is what a run should find. */
const ENDS_WITHIN_MS = 20_000;

interface Crowd {
  readonly urls: readonly [string, ...string[]];
  /** Of one visitor each, and of one more who has so many tabs. */
  readonly others: number;
  readonly tabs: number;
}

interface Live {
  readonly one: readonly RawTab[];
  readonly others: readonly RawTab[];
  /** Resolve when whoever asked has the answer. */
  block(): Promise<void>;
  close(): Promise<void>;
}

let live: Live | undefined;

/** So many, a few at a time. */
async function some<T>(count: number, make: (number: number) => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  while (made.length < count) made.push(...(await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - made.length) }, (_, place) => make(made.length + place)))));
  return made;
}

const urlOf = ({ urls }: Crowd, number: number): string => urls[number % urls.length] as string;
const addressOf = (number: number): string => `10.0.${number >> 8}.${number & 255}`;

/** Milliseconds from the moment at which it is asked for, of the one in the middle and of the last one. */
async function endsOf(tabs: readonly RawTab[], ask: () => Promise<void>, stay: readonly RawTab[] = []): Promise<{ median: number; last: number }> {
  const began = performance.now();
  const ends = Promise.all(tabs.map(async ({ ended }) => (await ended, performance.now() - began)));
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`${tabs.filter(({ isClosed }) => !isClosed).length} of ${tabs.length} sockets live on`)), ENDS_WITHIN_MS);
  const [took] = await Promise.all([Promise.race([ends, late.promise]), ask()]).finally(() => clearTimeout(timer));
  const gone = stay.filter(({ isClosed }) => isClosed).length;
  if (gone > 0) throw new Error(`${gone} sockets were ended with those of somebody else`);
  return { median: medianOf(took), last: Math.max(...took) };
}

serveParent({
  /** Visitors of a site, one of whom has written there in the first of their tabs. */
  product: async (crowd: Crowd) => {
    const url = crowd.urls[0];
    const admin = await newAccount(url, ADMIN).catch(() => signIn(url, ADMIN));
    const site = await newSite(admin, { origins: [...crowd.urls] });
    const others = await some(crowd.others, async (number) => (await ProductTab.visit(urlOf(crowd, number), site.id, addressOf(number + 1))).raw);
    const visit = await beginVisit(url, site.id, addressOf(0));
    const tabs = await some(crowd.tabs, (number) => ProductTab.visiting(urlOf(crowd, number), visit, addressOf(0), url));
    const [first] = tabs;
    if (first === undefined) throw new Error('nobody is there');
    const ended = new Promise<void>((resolve) => (first.onEnd = resolve));
    const answer = await first.send('hello', siteModel(site.id));
    if (!answer.ok) throw new Error(answer.refusal.code);
    await first.open(first.conversation as ConversationId);
    await ended;
    live = {
      one: tabs.map(({ raw }) => raw),
      others,
      async block() {
        const reply = await fetch(`${url}/api/inbox/${first.conversation}/blocked`, { method: 'PUT', headers: { origin: url, cookie: admin.cookie, 'content-type': 'application/json' }, body: '{"isBlocked":true}' });
        if (!reply.ok) throw new Error(`not blocked: ${reply.status} ${await reply.text()}`);
      },
      close: async () => void (await changeSite(admin, site.id, { isLive: false })),
    };
  },
  /** As many bare sockets in one room, some of them in another one as well; whoever ends them is in none. */
  plain: async (crowd: Crowd) => {
    const join = async (number: number, ...rooms: string[]): Promise<RawTab> => {
      const tab = await RawTab.connect(urlOf(crowd, number));
      for (const room of rooms) await tab.ask('join', room);
      return tab;
    };
    const asks = await RawTab.connect(crowd.urls[0]);
    const others = await some(crowd.others, (number) => join(number, 'site'));
    const one = await some(crowd.tabs, (number) => join(number, 'site', 'one'));
    const end = (room: string): Promise<void> => (asks.emit('end', room), Promise.resolve());
    live = { one, others, block: () => end('one'), close: () => end('site') };
  },
  block: () => live && endsOf(live.one, () => live!.block(), live.others),
  close: () => live && endsOf(live.others, () => live!.close()),
});
