import { expect, it } from 'vitest';
import { NOWHERE } from '../../contracts/position.ts';
import type { CommandId, ModelId } from '../../contracts/ids.ts';
import { newId } from '../../server/ids.ts';
import type { ProviderSettings } from '../../server/providers/settings.ts';
import { faultyStore } from '../support/faults.ts';
import { measuredAt, type Readings } from '../support/measured.ts';
import { isDraft } from '../support/recording.ts';
import { event, newRawProvider, type RawCall } from '../support/raw-provider.ts';
import { newServer, type ServerOptions, type TestServer } from '../support/server.ts';
import { newAccount, Tab } from '../support/tab.ts';


const TINY = 'local/tiny' as ModelId;
const chunk = (content: string, finish: string | null = null): string => event({ id: 'c', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content }, finish_reason: finish }] });
const usage = event({ id: 'c', object: 'chat.completion.chunk', choices: [], usage: { prompt_tokens: 7, completion_tokens: 11, total_tokens: 18 } });

/** A server, a tab on it, and a model that says what the test lets it say. */
interface Bench extends AsyncDisposable {
  readonly server: TestServer;
  readonly tab: Tab;
  /** Sends a message and resolves with the call for its reply, which has begun. */
  replying(): Promise<RawCall>;
  measured(): Promise<Readings>;
}

async function newBench(options: ServerOptions = {}): Promise<Bench> {
  const provider = await newRawProvider();
  // Titles are asked of a model that is not there: each is one call more, which nothing here is about.
  const local: ProviderSettings = { id: 'local', kind: 'openai-compatible', name: 'Local', baseUrl: `${provider.url}/v1`, key: undefined, ownKeys: false, headers: {}, models: [{ name: 'tiny' }], fetch: false, titleModel: undefined, background: false };
  const server = await newServer({ ...options, config: { ...options.config, providers: [local] } });
  const tab = await new Tab(await newAccount(server.url)).ready();
  return {
    server, tab,
    measured: () => measuredAt(server.url),
    async replying() {
      if (tab.view === undefined) await tab.begin('How far is it?', { model: TINY });
      else await tab.send('And then?', { model: TINY });
      for (;;) {
        const call = await provider.next();
        const isTitle = JSON.stringify(call.body).includes('at most six words');
        if (!isTitle) return (call.open(), call);
        call.reply(500, {});
      }
    },
    async [Symbol.asyncDispose]() {
      await tab[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      await provider[Symbol.asyncDispose]();
    },
  };
}

async function finish(call: RawCall, tab: Tab): Promise<void> {
  await call.write(chunk('', 'stop'), usage, event('[DONE]'));
  call.end();
  await tab.until(() => tab.view?.turn === null);
}

it('the metrics tell turns by their outcome and tokens as the provider counts them, once a turn has ended, and how many run', async () => {
  await using bench = await newBench();
  const { tab, measured } = bench;
  const turns = async (labels: Record<string, string>) => (await measured())('gorunchat_turns_total', { provider: 'openai-compatible', model: TINY, ...labels });
  const completed = await bench.replying();
  expect([(await measured())('gorunchat_turns_running'), await turns({})]).toEqual([1, 0]);
  await finish(completed, tab);
  expect([(await measured())('gorunchat_turns_running'), await turns({ outcome: 'completed', code: '' })]).toEqual([0, 1]);
  const tokens = await measured();
  for (const [direction, count] of [['in', 7], ['out', 11]] as const) expect(tokens('gorunchat_tokens_total', { provider: 'openai-compatible', model: TINY, direction })).toBe(count);

  const stopped = await bench.replying();
  await stopped.write(chunk('Very far'));
  await tab.until(() => tab.shown === 'Very far');
  await tab.ask({ type: 'turn.stop', commandId: newId<CommandId>(), conversation: tab.view!.conversation.id, turn: tab.turn });
  await tab.until(() => tab.view?.turn === null);
  expect(await turns({ outcome: 'stopped' })).toBe(1);

  const failed = await bench.replying();
  await failed.write(event({ error: { message: 'no', type: 'invalid_request_error', code: 'invalid_prompt' } }));
  await tab.until(() => tab.view?.turn === null);
  const { kind, code = '' } = tab.view!.messages.at(-1)!.outcome!;
  expect([kind, await turns({ outcome: 'failed', code })]).toEqual(['failed', 1]);
  expect(await turns({})).toBe(3);
});

it('the metrics tell a turn that an earlier run had begun, as taken over and interrupted', async () => {
  await using bench = await newBench();
  const call = await bench.replying();
  await call.write(chunk('Very far'));
  await bench.tab.until(() => bench.tab.shown === 'Very far');
  expect((await bench.measured())('gorunchat_turns_taken_over_total')).toBe(0);
  await bench.server.restart();
  await bench.tab.until(() => bench.tab.view?.turn === null);
  const now = await bench.measured();
  expect([now('gorunchat_turns_taken_over_total'), now('gorunchat_turns_total', { outcome: 'interrupted' })]).toEqual([1, 1]);
});

it('the metrics tell the first text of a reply once, and each step in which replies grow with its characters', async () => {
  await using bench = await newBench();
  const call = await bench.replying();
  const count = async () => {
    const now = await bench.measured();
    return { first: now('gorunchat_first_text_seconds_count'), steps: now('gorunchat_draft_step_seconds_count'), appends: now('gorunchat_bus_append_seconds_count', { result: 'done' }), characters: now('gorunchat_characters_shown_total') };
  };
  const before = await count();
  expect(before).toMatchObject({ first: 0, steps: 0, characters: 0 });
  await call.write(chunk('As far as '));
  await bench.tab.until(() => bench.tab.shown === 'As far as ');
  expect(await count()).toMatchObject({ first: 1, steps: 1, characters: 10 });
  expect((await count()).appends).toBeGreaterThan(before.appends);
  await call.write(chunk('the sea.'));
  await bench.tab.until(() => bench.tab.shown === 'As far as the sea.');
  expect(await count()).toMatchObject({ first: 1, steps: 2, characters: 18 });
  await finish(call, bench.tab);
  await finish(await bench.replying(), bench.tab);
  expect(await count()).toMatchObject({ first: 1, steps: 2 }); // one that said nothing has shown nothing
});

it('the metrics tell commits by how they ended, and the replies that wait while the store takes none', async () => {
  let isRefused = false;
  await using bench = await newBench({ wrap: (store) => faultyStore(store, (changes) => (isRefused && isDraft(changes) ? 'refuse' : undefined)) });
  const call = await bench.replying();
  const before = await bench.measured();
  expect(before('gorunchat_commit_seconds_count', { result: 'done' })).toBeGreaterThan(0);
  expect(before('gorunchat_commit_seconds_sum', { result: 'done' })).toBeGreaterThan(0);
  expect([before('gorunchat_commit_seconds_count', { result: 'unavailable' }), before('gorunchat_drafts_waiting')]).toEqual([0, 0]);
  isRefused = true;
  await call.write(chunk('As far as '));
  await expect.poll(async () => (await bench.measured())('gorunchat_commit_seconds_count', { result: 'unavailable' })).toBeGreaterThan(0);
  await expect.poll(async () => (await bench.measured())('gorunchat_drafts_waiting')).toBe(1);
  isRefused = false;
  await bench.tab.until(() => bench.tab.shown === 'As far as ');
  const after = await bench.measured();
  expect(after('gorunchat_drafts_waiting')).toBe(0);
  expect(after('gorunchat_commit_seconds_count', { result: 'done' })).toBeGreaterThan(before('gorunchat_commit_seconds_count', { result: 'done' }));
});

it('the metrics tell messages that wait for a turn, until they are taken back or taken', async () => {
  await using bench = await newBench();
  const { tab } = bench;
  const queued = async () => (await bench.measured())('gorunchat_queued_messages');
  const call = await bench.replying();
  expect(await queued()).toBe(0);
  for (const text of ['one', 'two']) await tab.send(text, { model: TINY });
  await tab.until(() => tab.view?.conversation.queue.length === 2);
  expect(await queued()).toBe(2);
  await tab.ask({ type: 'queue.remove', commandId: newId<CommandId>(), conversation: tab.view!.conversation.id, queued: tab.view!.conversation.queue[0]!.command });
  await tab.until(() => tab.view?.conversation.queue.length === 1);
  expect(await queued()).toBe(1);
  await call.write(chunk('', 'stop'), event('[DONE]'));
  call.end();
  await tab.until(() => tab.view?.conversation.queue.length === 0);
  expect(await queued()).toBe(0);
});

it('the metrics tell conversations that this process owns, each claimed under an epoch, and the tabs that are connected', async () => {
  await using bench = await newBench();
  const count = async () => {
    const now = await bench.measured();
    return [now('gorunchat_conversations_owned'), now('gorunchat_epochs_claimed_total', { result: 'claimed' }), now('gorunchat_tabs_open')];
  };
  expect(await count()).toEqual([0, 0, 1]);
  await bench.replying();
  expect(await count()).toEqual([1, 1, 1]);
  {
    await using other = await new Tab(bench.tab.account).ready();
    await other.begin('Something else', { model: TINY });
    expect(await count()).toEqual([2, 2, 2]);
  }
  await expect.poll(count).toEqual([2, 2, 1]);
});

it('the metrics tell a tab that stops reading, until it has caught up; and how often that happened', async () => {
  await using bench = await newBench();
  const { tab } = bench;
  const call = await bench.replying();
  await tab.send('x'.repeat(200_000), { model: TINY }); // waits, and stands in every view
  await using stalled = await new Tab(tab.account).ready();
  await stalled.open(tab.view!.conversation.id);
  const slow = async (): Promise<number> => (await bench.measured())('gorunchat_tabs_slow');
  const slowed = async (): Promise<number> => (await bench.measured())('gorunchat_tabs_slowed_total');
  expect([await slow(), await slowed()]).toEqual([0, 0]);
  const raw = (stalled.socket.io.engine.transport as unknown as { ws: { _socket: { pause(): void; resume(): void } } }).ws._socket;
  raw.pause();
  // The kernel takes megabytes before anything waits in the server: whole views, and then a piece of text, as often as it takes.
  await expect.poll(async () => {
    for (let times = 0; times < 10; times++) stalled.socket.emit('open', { conversation: tab.view!.conversation.id, position: NOWHERE }, () => undefined);
    await call.write(chunk('far '));
    return slow();
  }).toBe(1);
  expect(await slowed()).toBe(1);
  raw.resume();
  await expect.poll(slow).toBe(0);
});

it('the metrics tell how late the event loop is, while it is held up and after that', async () => {
  await using bench = await newBench();
  const late = async (): Promise<number> => (await bench.measured())('gorunchat_loop_lag_seconds');
  // A server of the tests runs in this process, so what holds this up holds up that.
  await expect.poll(() => {
    const until = performance.now() + 600;
    while (performance.now() < until);
    return late();
  }, { interval: 1 }).toBeGreaterThan(0.2);
  await expect.poll(late).toBeLessThan(0.2);
});

it('the metrics tell how long records wait for their place in the signed log', async () => {
  await using bench = await newBench();
  await bench.replying();
  await expect.poll(async () => (await bench.measured())('gorunchat_seal_lag_seconds_count')).toBeGreaterThan(1); // an account, and the turn
});
