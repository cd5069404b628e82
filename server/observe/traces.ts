/** What may be said of a span: numbers, ids and names of ours. Never a text, a key, an address, or who a person is. */
export type Facts = Readonly<Record<string, string | number | boolean>>;

export interface OpenSpan {
  end(facts?: Facts): void;
}

/** What another instance goes on from: the two fields of W3C Trace Context, as they stand in what is asked of it. */
export interface Carried {
  readonly traceparent?: string;
  readonly tracestate?: string;
}

/** Follows one message through the folders: what begins while something else runs stands below it. */
export interface Traces {
  /** Runs `work` as a span. What it throws is thrown on, and only its code is kept. With `links`, it points at the spans that these were carried from: work that is done at once for many messages. */
  span<T>(name: string, facts: Facts, work: () => Promise<T>, links?: readonly Carried[]): Promise<T>;
  /** A span that ends when it is told to, below what runs now. */
  begin(name: string, facts: Facts): OpenSpan;
  /** What runs now, for another instance to go on from; nothing where nothing runs. */
  carried(): Carried;
  /** Runs `work` below what another instance asked. In what it asked may be anything: without a trace context that can be read, `work` stands where it stood before. */
  below<T>(asked: unknown, work: () => T): T;
  /** Sends what has not been sent yet. */
  close(): Promise<void>;
}

/** Sends traces to an OpenTelemetry collector, whose packages are loaded only now; without an address there are none. */
export async function openTraces(endpoint: string | undefined): Promise<Traces | undefined> {
  if (endpoint === undefined) return undefined;
  const { otlpTraces } = await import('./otlp.ts');
  return otlpTraces(endpoint);
}

/** For whoever traces nothing. */
export const UNTRACED: Traces = {
  span: (_name, _facts, work) => work(),
  begin: () => ({ end: () => undefined }),
  carried: () => ({}),
  below: (_asked, work) => work(),
  close: () => Promise.resolve(),
};
