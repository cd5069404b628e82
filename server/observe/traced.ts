import type { ConversationId } from '../../contracts/ids.ts';
import type { Bus, LogEntry } from '../bus/bus.ts';
import type { Catalog } from '../providers/catalog.ts';
import type { Provider, ProviderPart } from '../providers/provider.ts';
import { around } from '../store/around.ts';
import { UNFENCED, type Change, type Store } from '../store/store.ts';
import { UNTRACED, type Carried, type OpenSpan, type Traces } from './traces.ts';

/**
 * The same store; each commit is a span. Those of growing replies are many and belong to no one message: the span of the draft stands for them. A record waits for its place in the
 * log together with the span that has committed it, so that whoever seals it, on this instance or another, can point at that.
 */
export function tracedStore(store: Store, traces: Traces): Store {
  return around(store, {
    commit(changes, fence) {
      if (changes.length > 0 && changes.every(({ kind }) => kind === 'draft')) return store.commit(changes, fence);
      return traces.span('store.commit', { changes: changes.length, fenced: fence !== UNFENCED }, () => store.commit(waitingWith(changes, traces), fence));
    },
  });
}

function waitingWith(changes: readonly Change[], traces: Traces): readonly Change[] {
  if (!changes.some(isWaiting)) return changes;
  const carried = traces.carried();
  return changes.map((change) => (isWaiting(change) ? { ...change, body: { ...change.body, ...carried } } : change));
}

function isWaiting(change: Change): change is Extract<Change, { readonly do: 'add'; readonly kind: 'pending' }> {
  return change.kind === 'pending' && change.do === 'add';
}

/** The same models; each call of a provider is a span from the question to its last word. */
export function tracedCatalog(catalog: Catalog, traces: Traces): Catalog {
  return {
    async serve(model, keyOf) {
      const served = await catalog.serve(model, keyOf);
      return { ...served, provider: tracedProvider(served.provider, served.model.provider, traces) };
    },
    list: (keyOf) => catalog.list(keyOf),
    titleModel: (model) => catalog.titleModel(model),
    ownKeys: catalog.ownKeys,
  };
}

function tracedProvider(provider: Provider, name: string, traces: Traces): Provider {
  const { kept } = provider;
  return {
    models: (signal) => provider.models(signal),
    stream: (prompt, signal) => tracedParts(provider.stream(prompt, signal), signal, () => traces.begin('provider.stream', { provider: name, purpose: prompt.purpose, messages: prompt.messages.length })),
    ...(kept !== undefined && {
      kept: {
        stream: (response, signal) => tracedParts(kept.stream(response, signal), signal, () => traces.begin('provider.resume', { provider: name })),
        forget: (response, goesOn) => traces.span('provider.forget', { provider: name }, () => kept.forget(response, goesOn)),
      },
    }),
  };
}

async function* tracedParts(given: AsyncIterable<ProviderPart>, signal: AbortSignal, begin: () => OpenSpan): AsyncGenerator<ProviderPart> {
  const span = begin();
  let parts = 0;
  let ended = false;
  try {
    for await (const part of given) {
      parts += 1;
      ended ||= part.type === 'end';
      yield part;
    }
  } finally {
    span.end({ parts, ended, aborted: signal.aborted });
  }
}

interface OpenTurn {
  readonly turn: OpenSpan;
  draft: OpenSpan | undefined;
  steps: number;
  characters: number;
}

/**
 * The same bus. What it carries tells where a conversation is: a turn is a span from its beginning to its outcome, and the draft in it one from the first text that is
 * shown. Claims and questions to other instances are spans, too, and so are appends, but for those that only let a draft grow. A question carries the trace that it is asked in, and
 * whoever answers goes on with that.
 */
export function tracedBus(bus: Bus, traces: Traces): Bus {
  const turns = new Map<ConversationId, OpenTurn>();
  return {
    get isShared() {
      return bus.isShared;
    },
    get isAway() {
      return bus.isAway;
    },
    append(entries) {
      for (const entry of entries) follow(turns, entry, traces);
      if (entries.every(isText)) return bus.append(entries);
      return traces.span('bus.append', { entries: entries.length }, () => bus.append(appendedIn(entries, traces)));
    },
    claim: (conversation, epoch) => traces.span('bus.claim', { conversation, epoch }, () => bus.claim(conversation, epoch)),
    release(conversation, epoch) {
      end(turns, conversation, 'released');
      return bus.release(conversation, epoch);
    },
    ask: (owner, question) => traces.span('bus.ask', {}, () => bus.ask(owner, carrying(question, traces))),
    serve: (serving) => bus.serve({ answer: (question) => traces.below(question, () => traces.span('bus.answer', {}, () => serving.answer(question))), lost: (conversation, how) => serving.lost(conversation, how) }),
    since: (conversation, position) => bus.since(conversation, position),
    subscribe: (conversation, listener) => bus.subscribe(conversation, listener),
    owners: (conversations) => bus.owners(conversations),
  };
}

/** The entries with the trace that runs now; growing text has none of its own. */
function appendedIn(entries: readonly LogEntry[], traces: Traces): readonly LogEntry[] {
  const carried = traces.carried();
  return entries.map((entry) => (isText(entry) ? entry : { ...entry, carried }));
}

/** The question with the trace that runs now. An instance that knows nothing of these fields, or traces nothing, passes them over. */
function carrying(question: unknown, traces: Traces): unknown {
  return typeof question === 'object' && question !== null ? { ...question, ...traces.carried() } : question;
}

function isText({ events }: Pick<LogEntry, 'events'>): boolean {
  return events.every(([, , { type }]) => type === 'text-delta' || type === 'reasoning-delta');
}

function follow(turns: Map<ConversationId, OpenTurn>, { conversation, events }: LogEntry, traces: Traces): void {
  for (const [, , event] of events) {
    if (event.type === 'turn-start') {
      end(turns, conversation, 'followed');
      turns.set(conversation, { turn: traces.begin('turn', { conversation, turn: event.turn }), draft: undefined, steps: 0, characters: 0 });
    } else if (event.type === 'turn-end') end(turns, conversation, event.outcome.kind);
  }
  const open = turns.get(conversation);
  if (open === undefined || !isText({ events })) return;
  open.draft ??= traces.begin('draft', { conversation });
  open.steps += 1;
  for (const [, , event] of events) if (event.type === 'text-delta' || event.type === 'reasoning-delta') open.characters += event.text.length;
}

function end(turns: Map<ConversationId, OpenTurn>, conversation: ConversationId, outcome: string): void {
  const open = turns.get(conversation);
  if (open === undefined) return;
  turns.delete(conversation);
  open.draft?.end({ steps: open.steps, characters: open.characters });
  open.turn.end({ outcome });
}

/** What tabs of an instance are sent of one entry is a span below the one that appended it, wherever that was. Growing text is none, nor is what came without its trace. */
export function tracedDelivery(traces: Traces): ((entry: LogEntry, tabs: number) => OpenSpan | undefined) | undefined {
  if (traces === UNTRACED) return undefined;
  return (entry, tabs) => {
    const { conversation, events, carried } = entry;
    if (carried === undefined) return undefined;
    return traces.below(carried, () => traces.begin('gateway.deliver', { conversation, tabs, events: events.length, last: events.at(-1)?.[2].type ?? '' }));
  };
}

/** Records of many messages are given their places in one commit: a span of its own, with a link to the commit of each. */
export function tracedSealing(traces: Traces): (leaves: readonly Carried[], commit: () => Promise<void>) => Promise<void> {
  return (leaves, commit) => traces.span('journal.seal', { records: leaves.length }, commit, leaves);
}
