import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { TurnOutcome } from '../../contracts/conversation.ts';
import type { FailureCode } from '../../contracts/failures.ts';
import type { ModelId } from '../../contracts/ids.ts';
import type { Usage } from '../../contracts/models.ts';
import type { ProviderSettings } from '../providers/settings.ts';

/** Models that have a name of their own in the metrics; the operator has named them all. Every other one is `other`: what people type must not become a label. */
const MOST_MODELS = 100;
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const LONG_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];
/** Often enough to see a loop that lags, seldom enough to cost nothing. */
const LOOP_EVERY_MS = 50;

/** What the parts of the product report as it happens; nothing of it is called more often than once a tick. Nobody's id, text, key or address is ever given to it. */
export interface Metrics {
  /** A turn has its outcome on record. */
  turnEnded(model: ModelId | undefined, outcome: TurnOutcome, usage: Usage | undefined): void;
  /** A turn was found without an outcome that another process, or an earlier run of this one, had begun. */
  turnTakenOver(): void;
  /** The first text of a reply is shown, so long after its provider was turned to. */
  firstShown(afterMs: number): void;
  /** One step of all drafts is shown. */
  stepped(tookMs: number, characters: number): void;
  /** A commit was answered: `done`, or why not. */
  committed(tookMs: number, result: string): void;
  /** The bus has taken what happened, or has not. */
  appended(tookMs: number, isDone: boolean): void;
  claimed(result: 'claimed' | 'stale' | 'failed'): void;
  /** A tab could not keep up and is sent no more text until it has drained. */
  tabSlowed(): void;
  commandRefused(code: FailureCode): void;
  /** A record has its place in the log, so long after it was made. */
  sealed(lagMs: number): void;
}

/** What is counted at the moment somebody looks. */
const GAUGES = {
  owned: ['gorunchat_conversations_owned', 'Conversations whose actor is in this process'],
  running: ['gorunchat_turns_running', 'Turns without an outcome in this process'],
  queued: ['gorunchat_queued_messages', 'Messages that wait for a turn, in conversations of this process'],
  openTabs: ['gorunchat_tabs_open', 'Tabs that are connected to this process'],
  slowTabs: ['gorunchat_tabs_slow', 'Places in which a tab is sent no text until it has drained'],
  keysToRewrap: ['gorunchat_keys_to_rewrap', 'Keys that the master key from before still wraps, while another one takes its place'],
  waitingDrafts: ['gorunchat_drafts_waiting', 'Replies with text that waits to be made durable'],
  loopLagSeconds: ['gorunchat_loop_lag_seconds', 'How late the event loop is, the median of about a second; turns are refused when it is far behind'],
} as const;
export type Readings = { readonly [Name in keyof typeof GAUGES]: () => number };

/** How a copy of the log outside stands; its kind is the label, of which there is one each. */
export interface CopyReading {
  readonly copy: string;
  readonly behind: number;
  readonly fails: boolean;
  readonly differs: boolean;
}

/** How a witness of the log stands, as far as was seen last. */
export interface WitnessReading {
  readonly witness: string;
  readonly behind: number;
  readonly fails: boolean;
  readonly refuses: boolean;
}

export interface Meter extends Metrics {
  /** Says where the numbers are read that are counted only when somebody looks. */
  reads(readings: Partial<Readings>): void;
  /** The same of the copies outside. */
  readsCopies(read: () => readonly CopyReading[]): void;
  /** The same of the witnesses. */
  readsWitnesses(read: () => readonly WitnessReading[]): void;
  /** All of it as Prometheus reads it. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** The metrics of one started product, in a registry of its own. */
export function openMetrics(providers: readonly Pick<ProviderSettings, 'id' | 'kind' | 'models'>[]): Meter {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LOOP_EVERY_MS });
  const placeOf = placesOf(providers);
  const labels = ['provider', 'model'] as const;
  const turns = new Counter({ name: 'gorunchat_turns_total', help: 'Turns that ended, by outcome', labelNames: [...labels, 'outcome', 'code'], registers });
  const tokens = new Counter({ name: 'gorunchat_tokens_total', help: 'Tokens as providers counted them', labelNames: [...labels, 'direction'], registers });
  const takenOver = new Counter({ name: 'gorunchat_turns_taken_over_total', help: 'Turns found without an outcome that another process, or an earlier run, had begun', registers });
  const characters = new Counter({ name: 'gorunchat_characters_shown_total', help: 'Characters of replies that were shown', registers });
  const first = new Histogram({ name: 'gorunchat_first_text_seconds', help: 'From turning to the provider until the first text of the reply is shown', buckets: LONG_SECONDS, registers });
  const steps = new Histogram({ name: 'gorunchat_draft_step_seconds', help: 'One step of all growing replies: made durable, then shown', buckets: SECONDS, registers });
  const commits = new Histogram({ name: 'gorunchat_commit_seconds', help: 'Commits of the store until they are answered', labelNames: ['result'], buckets: SECONDS, registers });
  const appends = new Histogram({ name: 'gorunchat_bus_append_seconds', help: 'Appends to the bus until they are answered', labelNames: ['result'], buckets: SECONDS, registers });
  const claims = new Counter({ name: 'gorunchat_epochs_claimed_total', help: 'Epochs of conversations that this process has claimed, or tried to', labelNames: ['result'], registers });
  const slowed = new Counter({ name: 'gorunchat_tabs_slowed_total', help: 'How often a tab could not keep up', registers });
  const refused = new Counter({ name: 'gorunchat_commands_refused_total', help: 'Commands that were refused, by code', labelNames: ['code'], registers });
  const seals = new Histogram({ name: 'gorunchat_seal_lag_seconds', help: 'From the commit of a record until it has its place in the signed log', buckets: SECONDS, registers });
  return {
    turnEnded(model, outcome, usage) {
      const place = placeOf(model);
      turns.inc({ ...place, outcome: outcome.kind, code: outcome.code ?? '' });
      if (usage?.inputTokens !== undefined) tokens.inc({ ...place, direction: 'in' }, usage.inputTokens);
      if (usage?.outputTokens !== undefined) tokens.inc({ ...place, direction: 'out' }, usage.outputTokens);
    },
    sealed: (lagMs) => seals.observe(lagMs / 1_000),
    turnTakenOver: () => takenOver.inc(),
    firstShown: (afterMs) => first.observe(afterMs / 1_000),
    stepped(tookMs, count) {
      steps.observe(tookMs / 1_000);
      characters.inc(count);
    },
    committed: (tookMs, result) => commits.observe({ result }, tookMs / 1_000),
    appended: (tookMs, isDone) => appends.observe({ result: isDone ? 'done' : 'failed' }, tookMs / 1_000),
    claimed: (result) => claims.inc({ result }),
    tabSlowed: () => slowed.inc(),
    commandRefused: (code) => refused.inc({ code }),
    reads(readings) {
      for (const [name, read] of Object.entries(readings) as [keyof Readings, () => number][]) {
        const [metric, help] = GAUGES[name];
        const gauge: Gauge = new Gauge({ name: metric, help, registers, collect: () => gauge.set(read()) });
      }
    },
    readsCopies: (read) => addCopies(registry, read),
    readsWitnesses: (read) => addWitnesses(registry, read),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

function addCopies(registry: Registry, read: () => readonly CopyReading[]): void {
  const add = (name: string, help: string, valueOf: (one: CopyReading) => number): void => {
    const gauge: Gauge<'copy'> = new Gauge({ name, help, labelNames: ['copy'], registers: [registry], collect: () => read().forEach((one) => gauge.set({ copy: one.copy }, valueOf(one))) });
  };
  add('gorunchat_copy_behind_records', 'Signed records that the copy outside does not hold yet', ({ behind }) => behind);
  add('gorunchat_copy_failing', '1 while the copy outside cannot be written or read', ({ fails }) => Number(fails));
  add('gorunchat_copy_differs', '1 while the copy outside holds something else than the log', ({ differs }) => Number(differs));
}

function addWitnesses(registry: Registry, read: () => readonly WitnessReading[]): void {
  const add = (name: string, help: string, valueOf: (one: WitnessReading) => number): void => {
    const gauge: Gauge<'witness'> = new Gauge({ name, help, labelNames: ['witness'], registers: [registry], collect: () => read().forEach((one) => gauge.set({ witness: one.witness }, valueOf(one))) });
  };
  add('gorunchat_witness_behind_records', 'Signed records that the witness has not cosigned yet', ({ behind }) => behind);
  add('gorunchat_witness_failing', '1 while the witness cannot be asked, or does not know this log', ({ fails }) => Number(fails));
  add('gorunchat_witness_refuses', '1 while the witness says that this log was cut back or written anew', ({ refuses }) => Number(refuses));
}

/** The labels of a model. Without a turn's model, of a model whose provider is gone, and of one that is not in the operator's lists, there is nothing to tell but that. */
function placesOf(providers: readonly Pick<ProviderSettings, 'id' | 'kind' | 'models'>[]): (model: ModelId | undefined) => { provider: string; model: string } {
  const kinds = new Map<string, string>([['demo', 'demo'], ...providers.map(({ id, kind }) => [id, kind] as const)]);
  const named = new Set(['demo/demo', ...providers.flatMap(({ id, models }) => models.map(({ name }) => `${id}/${name}`))].slice(0, MOST_MODELS));
  return (model = '' as ModelId) => ({ provider: kinds.get(model.split('/')[0] as string) ?? 'unknown', model: named.has(model) ? model : 'other' });
}

/** For whoever counts nothing. */
export const UNCOUNTED: Metrics = {
  turnEnded: () => undefined,
  turnTakenOver: () => undefined,
  firstShown: () => undefined,
  stepped: () => undefined,
  committed: () => undefined,
  appended: () => undefined,
  claimed: () => undefined,
  tabSlowed: () => undefined,
  commandRefused: () => undefined,
  sealed: () => undefined,
};
