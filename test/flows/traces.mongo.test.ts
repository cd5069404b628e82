import { beforeAll, describe, expect, it, vi } from 'vitest';
import { newCluster, type Cluster, type Instance } from '../support/cluster.ts';
import { newCollector, type Collected, type Collector } from '../support/collector.ts';
import { newAccount, signIn, Tab, type Account } from '../support/tab.ts';

const EMAIL = 'mara@example.org';

/** Sends all that is collected: what ends in order leaves no span behind. */
async function end(instances: readonly Instance[]): Promise<void> {
  for (const instance of instances) instance.signal('SIGTERM');
  expect(await Promise.all(instances.map(({ ended }) => ended))).toEqual(instances.map(() => 0));
}

/** At each of two instances a conversation is begun, which it owns from then on, and a message is sent from the other one. Resolves when both processes have ended. */
async function talkAcross(cluster: Cluster): Promise<void> {
  const [here, there] = cluster.instances as [Instance, Instance];
  const atHere = await newAccount(here.url, EMAIL);
  const atThere: Account = await signIn(there.url, EMAIL);
  for (const [own, other] of [[atHere, atThere], [atThere, atHere]] as const) {
    await using owning = await new Tab(own).ready();
    await using asking = await new Tab(other).ready();
    await asking.open(await beginAndEnd(owning));
    expect(await asking.send('And canary-of-the-second?')).toMatchObject({ ok: true });
    await asking.until(() => asking.view?.messages.length === 4 && asking.view.turn === null);
    expect(asking.thread.at(-1)).toContain('[completed]');
  }
  await vi.waitFor(async () => expect(await cluster.database.db.collection('pending').countDocuments()).toBe(0), 30_000); // whoever seals may end before the other one
  await end(cluster.instances);
}

async function beginAndEnd(tab: Tab) {
  const conversation = await tab.begin('canary-of-the-first');
  await tab.until(() => tab.view?.turn === null && tab.view.conversation.titledBy === 'model');
  return conversation;
}

describe('a message sent to an instance that does not own its conversation', () => {
  let spans: readonly Collected[];
  let raw: string;
  beforeAll(async () => {
    await using collector: Collector = await newCollector();
    await using cluster = await newCluster(2, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    await talkAcross(cluster);
    ({ spans, raw } = collector);
  });

  const crossed = (): readonly Collected[] => spans.filter(({ id, name, facts }) => name === 'command' && facts['type'] === 'turn.send' && spans.some((one) => one.name === 'bus.ask' && one.parent === id));
  const of = (command: Collected, name?: string): readonly Collected[] => spans.filter((span) => span.trace === command.trace && (name === undefined || span.name === name));
  /** From a span up to where no parent is found. */
  const pathOf = (span: Collected): readonly Collected[] => {
    const above = spans.find(({ id, trace }) => id === span.parent && trace === span.trace);
    return above === undefined ? [span] : [span, ...pathOf(above)];
  };

  it('is one trace over both, from the command through the question to the owner to the provider and the commits of the turn and its outcome', () => {
    expect(crossed()).toHaveLength(2);
    for (const command of crossed()) {
      const { instance: asked } = command;
      const [owner, ...nobody] = [...new Set(of(command).map(({ instance }) => instance))].filter((one) => one !== asked);
      expect([owner, nobody]).toEqual([expect.any(String), []]);
      const way = (span: Collected) => pathOf(span).map(({ name, instance }) => [name, instance]);
      const above = [['bus.answer', owner], ['bus.ask', asked], ['command', asked]];
      const [reply, ...others] = of(command, 'provider.stream') as [Collected, ...Collected[]];
      expect(others).toEqual([]);
      expect(way(reply)).toEqual([['provider.stream', owner], ...above]);
      const [turn, ...more] = of(command, 'turn') as [Collected, ...Collected[]];
      expect([turn.facts['outcome'], way(turn), more]).toEqual(['completed', [['turn', owner], ...above], []]);
      // Of what is on record: the message with its turn before that is shown, and the outcome half a second later.
      const commits = of(command, 'store.commit').filter(({ facts }) => facts['fenced'] === true);
      const [begun, concluded] = [commits.find(({ began }) => began <= turn.began), commits.find(({ began }) => began > turn.began)] as [Collected, Collected];
      for (const commit of [begun, concluded]) expect(way(commit)).toEqual([['store.commit', owner], ...above]);
    }
    expect(new Set(crossed().map(({ trace }) => trace)).size).toBe(2);
    expect(new Set(crossed().map(({ instance }) => instance)).size).toBe(2);
  });

  it('is followed to the tabs of both instances, and from what seals its records on whichever of them', () => {
    const seals = spans.filter(({ name }) => name === 'journal.seal');
    const sealedElsewhere: Collected[] = [];
    for (const command of crossed()) {
      const { instance: asked } = command;
      const owner = of(command, 'turn')[0]?.instance;
      const ends = of(command, 'gateway.deliver').filter(({ facts }) => facts['last'] === 'turn-end');
      const above = [['bus.append', owner], ['bus.answer', owner], ['bus.ask', asked], ['command', asked]];
      expect(new Set(ends.map((span) => JSON.stringify(pathOf(span).map(({ name, instance }) => [name, instance]))))).toEqual(new Set([owner, asked].map((one) => JSON.stringify([['gateway.deliver', one], ...above]))));
      const commits = of(command, 'store.commit').filter(({ facts }) => facts['fenced'] === true);
      expect(commits.filter(({ id }) => !seals.some(({ links }) => links.includes(id)))).toEqual([]);
      sealedElsewhere.push(...commits.filter(({ id, instance }) => seals.some((seal) => seal.links.includes(id) && seal.instance !== instance)));
    }
    expect(sealedElsewhere).not.toEqual([]);
  });

  it('leaves no span in its trace whose parent is missing, and nothing of what was written', () => {
    for (const command of crossed()) {
      expect(command.parent).toBe('');
      expect(of(command).map(pathOf).map((path) => path.at(-1))).toEqual(of(command).map(() => command));
    }
    expect(raw).not.toContain('canary');
  });
});

it('an instance that traces and one that does not answer each other as ever', async () => {
  await using collector = await newCollector();
  await using cluster = await newCluster(1);
  await cluster.add({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  await talkAcross(cluster);
  const asked = collector.spans.find(({ name, parent }) => name === 'bus.ask' && collector.spans.some((one) => one.name === 'command' && one.id === parent)) as Collected;
  expect(new Set(collector.spans.filter(({ trace }) => trace === asked.trace).map(({ name }) => name))).toEqual(new Set(['command', 'bus.ask']));
  const answered = collector.spans.filter(({ name }) => name === 'bus.answer');
  expect(answered.map(({ parent }) => parent)).toEqual(answered.map(() => ''));
  expect(answered.some(({ trace }) => collector.spans.some((span) => span.trace === trace && span.name === 'provider.stream'))).toBe(true);
});
