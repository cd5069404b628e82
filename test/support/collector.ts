import { once } from 'node:events';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';

/** A span as a test looks at it. */
export interface Collected {
  readonly trace: string;
  readonly id: string;
  readonly parent: string;
  readonly name: string;
  readonly facts: Readonly<Record<string, unknown>>;
  /** Which process sent it. */
  readonly instance: string;
  /** In nanoseconds, of which the clock of a span tells whole milliseconds. */
  readonly began: bigint;
  /** Ids of other spans that it points at. */
  readonly links: readonly string[];
}

/** An OpenTelemetry collector that keeps what it is sent. */
export interface Collector extends AsyncDisposable {
  readonly url: string;
  readonly spans: readonly Collected[];
  /** Everything as it came. */
  readonly raw: string;
}

interface Sent {
  readonly resourceSpans: readonly { readonly resource: { readonly attributes: SentFacts }; readonly scopeSpans: readonly { readonly spans: readonly SentSpan[] }[] }[];
}
type SentFacts = readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
interface SentSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly attributes?: SentFacts;
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
}

export async function newCollector(): Promise<Collector> {
  const sent: Sent[] = [];
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      sent.push(body as Sent);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    get spans() {
      return sent.flatMap(({ resourceSpans }) => resourceSpans.flatMap(({ resource, scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans.map((span) => collectedOf(span, resource.attributes)))));
    },
    get raw() {
      return JSON.stringify(sent);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function collectedOf({ traceId, spanId, parentSpanId, name, attributes = [], links = [], startTimeUnixNano }: SentSpan, resource: SentFacts): Collected {
  const instance = String(factsOf(resource)['service.instance.id']);
  return { trace: traceId, id: spanId, parent: parentSpanId ?? '', name, facts: factsOf(attributes), instance, began: BigInt(startTimeUnixNano), links: links.map(({ spanId: linked }) => linked) };
}

function factsOf(sent: SentFacts): Record<string, unknown> {
  return Object.fromEntries(sent.map(({ key, value }) => [key, Object.values(value)[0]]));
}
