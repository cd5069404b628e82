import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { newCollector, type Collected } from '../support/collector.ts';
import { newServer } from '../support/server.ts';
import { newAccount, Tab } from '../support/tab.ts';

const top = join(import.meta.dirname, '../..');

it('one message is one trace, from the command through its commits, the provider and the draft to its outcome and to its tabs, and says nothing of what was written', async () => {
  await using collector = await newCollector();
  let written = '';
  let length = 0;
  {
    await using server = await newServer({ config: { tracesEndpoint: collector.url } });
    const account = await newAccount(server.url, 'canary@example.org');
    await using tab = await new Tab(account).ready();
    await tab.begin('canary-of-the-question');
    await tab.until(() => tab.view?.turn === null && tab.view.conversation.titledBy === 'model');
    written = tab.shown;
    length = written.length;
  }
  const command = collector.spans.find(({ name }) => name === 'command') as Collected;
  expect(command).toMatchObject({ parent: '', facts: { type: 'turn.send' } });
  const trace = collector.spans.filter((span) => span.trace === command.trace);
  const named = (name: string): Collected[] => trace.filter((span) => span.name === name);
  expect(named('store.commit').length).toBeGreaterThanOrEqual(2); // the turn, and its outcome
  expect(named('bus.claim')).toHaveLength(1);
  expect(named('bus.append').length).toBeGreaterThanOrEqual(2);
  expect(named('turn').map(({ facts }) => facts['outcome'])).toEqual(['completed']);
  expect(named('provider.stream').map(({ facts }) => [facts['provider'], facts['purpose'], facts['ended']])).toEqual([['demo', 'reply', true], ['demo', 'title', true]]);
  expect(named('draft').map(({ facts }) => facts['characters'])).toEqual([length]);
  const delivered = named('gateway.deliver');
  expect(delivered.map(({ facts }) => [facts['tabs'], facts['last']])).toContainEqual([1, 'turn-end']);
  const appended = new Map(named('bus.append').map((span) => [span.id, span]));
  expect(delivered.filter(({ parent }) => !appended.has(parent))).toEqual([]);
  expect(new Set(delivered.map(({ parent }) => parent)).size).toBe(delivered.length);
  const ids = new Set(trace.map(({ id }) => id));
  expect(trace.filter((span) => span.id !== command.id && !ids.has(span.parent))).toEqual([]);
  expect(trace.length).toBeLessThan(20); // none for each piece of text
  for (const secret of ['canary', ...written.split(/\s+/u).filter((word) => word.length > 9)]) expect(collector.raw).not.toContain(secret);
});

it('the commits of a message are pointed at by what seals their records, of many messages at once', async () => {
  await using collector = await newCollector();
  {
    await using server = await newServer({ config: { tracesEndpoint: collector.url } });
    const account = await newAccount(server.url);
    await using tab = await new Tab(account).ready();
    await using other = await new Tab(account).ready();
    await Promise.all([tab.begin('canary-of-the-question'), other.begin('canary-of-another')]);
    for (const one of [tab, other]) await one.until(() => one.view?.turn === null && one.view.conversation.titledBy === 'model');
  }
  const seals = collector.spans.filter(({ name }) => name === 'journal.seal');
  const linked = seals.flatMap(({ links }) => links);
  expect(new Set(linked).size).toBe(linked.length); // each commit once, however many records it has
  const commands = collector.spans.filter(({ name, facts }) => name === 'command' && facts['type'] === 'turn.send');
  for (const { trace } of commands) {
    const commits = collector.spans.filter((span) => span.trace === trace && span.name === 'store.commit' && span.facts['fenced'] === true);
    expect(commits.length).toBeGreaterThanOrEqual(4); // the turn and its outcome, and those of the title
    expect(commits.filter(({ id }) => !linked.includes(id))).toEqual([]);
  }
  for (const seal of seals) {
    expect([seal.parent, Number(seal.facts['records']) >= seal.links.length]).toEqual(['', true]);
    expect(collector.spans.filter(({ parent }) => parent === seal.id).map(({ name }) => name)).toEqual(['store.commit']);
  }
  expect(collector.raw).not.toContain('canary');
});

it('a collector that is away keeps nobody from talking, nor the server from ending', async () => {
  await using server = await newServer({ config: { tracesEndpoint: 'http://127.0.0.1:1' } });
  await using tab = await new Tab(await newAccount(server.url)).ready();
  await tab.begin('Hello');
  await tab.until(() => tab.view?.turn === null);
  expect(tab.thread.at(-1)).toContain('[completed]');
});

it('whoever traces nothing loads nothing of OpenTelemetry: one file imports it, and that one is imported only when an address is set', () => {
  const importing = (what: RegExp): string[] => globSync('server/**/*.ts', { cwd: top }).filter((file) => what.test(readFileSync(join(top, file), 'utf8')));
  expect(importing(/^import [^;]*'@opentelemetry\//mu)).toEqual(['server/observe/otlp.ts']);
  expect(importing(/^import [^;]*otlp\.ts'/mu)).toEqual([]);
  expect(importing(/import\('\.\/otlp\.ts'\)/u)).toEqual(['server/observe/traces.ts']);
});
