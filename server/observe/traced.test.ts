import { afterAll, describe, expect, it } from 'vitest';
import type { ConversationId } from '../../contracts/ids.ts';
import type { Bus, LogEntry } from '../bus/bus.ts';
import { memoryBus } from '../bus/memory.ts';
import type { Catalog } from '../providers/catalog.ts';
import type { Provider, ProviderPart } from '../providers/provider.ts';
import { UNFENCED, type Change, type Store } from '../store/store.ts';
import { tracedBus, tracedCatalog, tracedDelivery, tracedStore } from './traced.ts';
import { openTraces, UNTRACED, type Carried, type Traces } from './traces.ts';

const NOBODY = 'http://127.0.0.1:1';
/** Two instances: their traces know nothing of each other. */
const [asker, owner] = (await Promise.all([openTraces(NOBODY), openTraces(NOBODY)])) as [Traces, Traces];
afterAll(() => Promise.all([asker.close(), owner.close()]));

const QUESTION = { ask: 'command', command: 'turn.send' };
const PARENT = /^00-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-01$/u;

function traceOf({ traceparent = '' }: Carried): string | undefined {
  return PARENT.exec(traceparent)?.[1];
}

/** Buses of two instances, between which a question crosses as JSON, with what the one asked carries on while it answers. */
function newPair(asking: Traces, answering: Traces) {
  const crossed: unknown[] = [];
  let answer: (question: unknown) => Promise<unknown> = () => Promise.reject(new Error('nobody answers'));
  const wire: Bus = {
    ...memoryBus(),
    ask(_owner, question) {
      const text = JSON.stringify(question);
      crossed.push(JSON.parse(text));
      return answer(JSON.parse(text));
    },
    serve: (serving) => ((answer = (question) => serving.answer(question)), () => Promise.resolve()),
  };
  tracedBus(wire, answering).serve({ answer: () => Promise.resolve(answering.carried()), lost: () => undefined });
  return { bus: tracedBus(wire, asking), crossed, heard: (question: unknown) => answer(question) as Promise<Carried> };
}

describe('what an instance asks another one', () => {
  it('carries the span that asks, and is answered in the same trace by a span of its own', async () => {
    const { bus, crossed } = newPair(asker, owner);
    let command: Carried = {};
    const answering = await asker.span('command', {}, () => ((command = asker.carried()), bus.ask('owner', QUESTION) as Promise<Carried>));
    const [carried] = crossed as [Carried];
    expect(carried).toEqual({ ...QUESTION, traceparent: expect.stringMatching(PARENT) });
    expect([traceOf(carried), traceOf(answering)]).toEqual([traceOf(command), traceOf(command)]);
    expect(new Set([command, carried, answering].map(({ traceparent }) => traceparent)).size).toBe(3);
  });

  it('is asked as it is where nothing is traced, and answered in a trace of its own where the other one traces', async () => {
    const { bus, crossed } = newPair(UNTRACED, owner);
    expect(await bus.ask('owner', QUESTION)).toEqual({ traceparent: expect.stringMatching(PARENT) });
    expect(crossed).toEqual([QUESTION]);
  });

  it('is answered where nothing is traced, whatever it carries', async () => {
    const { bus } = newPair(asker, UNTRACED);
    expect(await bus.ask('owner', QUESTION)).toEqual({});
  });

  it('hands a state of the trace on as it came', async () => {
    const { heard } = newPair(asker, owner);
    const trace = '0af7651916cd43dd8448eb211c80319c';
    const answering = await heard({ ...QUESTION, traceparent: `00-${trace}-b7ad6b7169203331-01`, tracestate: 'rojo=00f067aa0ba902b7,congo=t61' });
    expect(answering).toEqual({ traceparent: expect.stringContaining(trace), tracestate: 'rojo=00f067aa0ba902b7,congo=t61' });
  });

  it('that the other one does not want kept is kept by neither', async () => {
    const { heard } = newPair(asker, owner);
    expect((await heard({ traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00' })).traceparent).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[\da-f]{16}-00$/u);
  });
});

describe('what is no trace context is passed over, and the answer begins a trace', () => {
  const trace = '0af7651916cd43dd8448eb211c80319c';
  const span = 'b7ad6b7169203331';
  it.each<[string, unknown]>([
    ['nothing', {}],
    ['no text', { traceparent: 7 }],
    ['null', { traceparent: null }],
    ['other words', { traceparent: 'yesterday' }],
    ['a trace that is too short', { traceparent: `00-${trace.slice(1)}-${span}-01` }],
    ['capital letters', { traceparent: `00-${trace.toUpperCase()}-${span}-01` }],
    ['a trace of zeros', { traceparent: `00-${'0'.repeat(32)}-${span}-01` }],
    ['a span of zeros', { traceparent: `00-${trace}-${'0'.repeat(16)}-01` }],
    ['a version that there will never be', { traceparent: `ff-${trace}-${span}-01` }],
    ['more than this version has', { traceparent: `00-${trace}-${span}-01-more` }],
    ['a state without its parent', { tracestate: 'congo=t61' }],
    ['a question that is null', null],
    ['a question that is a text', `00-${trace}-${span}-01`],
  ])('%s', async (_, asked) => {
    const answering = await newPair(asker, owner).heard(asked);
    expect(answering).toEqual({ traceparent: expect.stringMatching(PARENT) });
    expect(traceOf(answering)).not.toBe(trace);
  });

  it('a state that cannot be read takes nothing from its parent', async () => {
    const answering = await newPair(asker, owner).heard({ traceparent: `00-${trace}-${span}-01`, tracestate: 'two words' });
    expect(answering).toEqual({ traceparent: expect.stringContaining(trace) });
  });
});

describe('what is shown and what is on record', () => {
  const conversation = 'c'.padEnd(22, '_') as ConversationId;
  const after = { epoch: 1, seq: 0 };
  const text: LogEntry = { conversation, after, events: [[1, 1, { type: 'text-delta', text: 'canary' }]] };
  const title: LogEntry = { conversation, after, events: [[1, 1, { type: 'conversation-changed', change: { title: 'canary' } }]] };

  it('is appended with the span that appends it, but for growing text', async () => {
    const appended: LogEntry[] = [];
    const bus = tracedBus({ ...memoryBus(), append: (entries) => (appended.push(...entries), Promise.resolve([])) }, asker);
    const command = await asker.span('command', {}, async () => (await bus.append([title]), await bus.append([text]), await bus.append([text, title]), asker.carried()));
    expect(appended.map(({ carried }) => traceOf(carried ?? {}))).toEqual([traceOf(command), undefined, undefined, traceOf(command)]);
    expect(appended[0]?.carried?.traceparent).not.toBe(command.traceparent);
  });

  it('is sent to tabs in a span where it carries one, and in none where it carries none or nothing is traced', () => {
    const sending = tracedDelivery(owner);
    expect([sending?.(text, 1), sending?.(title, 1), tracedDelivery(UNTRACED)]).toEqual([undefined, undefined, undefined]);
    expect(sending?.({ ...title, carried: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' } }, 1)).toBeDefined();
  });

  it('waits to be sealed with the span that has committed it; nothing else of a commit is changed', async () => {
    const record: Change = { do: 'add', kind: 'pending', id: 'a:1', body: { chain: 'a', number: 1, at: 1, leaf: 'aa' } };
    const others: Change[] = [{ do: 'put', kind: 'read-marker', id: 'a', body: { owner: 'a', at: 1 } }, { do: 'remove', kind: 'pending', id: 'b:1' }];
    const commits: (readonly Change[])[] = [];
    const store = tracedStore({ commit: (changes: readonly Change[]) => (commits.push(changes), Promise.resolve()) } as unknown as Store, asker);
    const command = await asker.span('command', {}, async () => (await store.commit([record, ...others], UNFENCED), await store.commit(others, UNFENCED), asker.carried()));
    const body = { ...record.body, traceparent: expect.stringContaining(traceOf(command) ?? 'none') as string };
    expect(commits).toEqual([[{ ...record, body }, ...others], others]);
  });
});

describe('a provider that is traced', () => {
  const served = async (provider: Partial<Provider>): Promise<Provider> => {
    const catalog = { serve: () => Promise.resolve({ provider, model: { provider: 'acme' } }) } as unknown as Catalog;
    return (await tracedCatalog(catalog, asker).serve('acme/large' as never, () => Promise.resolve(undefined))).provider;
  };

  it('keeps its responses as before: they are gone on with, and forgotten', async () => {
    const forgotten: unknown[] = [];
    async function* stream(response: string): AsyncGenerator<ProviderPart> {
      yield { type: 'text', text: `${response} goes on` };
      yield { type: 'end', reason: 'done' };
    }
    const { kept } = await served({ kept: { stream, forget: (...given) => Promise.resolve(void forgotten.push(given)) } });
    const parts: ProviderPart[] = [];
    for await (const part of kept!.stream('resp_1', new AbortController().signal)) parts.push(part);
    expect(parts).toEqual([{ type: 'text', text: 'resp_1 goes on' }, { type: 'end', reason: 'done' }]);
    await kept!.forget('resp_1', true);
    expect(forgotten).toEqual([['resp_1', true]]);
  });

  it('says that it keeps none', async () => expect((await served({})).kept).toBe(undefined));
});
