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
}

/** An OpenTelemetry collector that keeps what it is sent. */
export interface Collector extends AsyncDisposable {
  readonly url: string;
  readonly spans: readonly Collected[];
  /** Everything as it came. */
  readonly raw: string;
}

interface Sent {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly SentSpan[] }[] }[];
}
interface SentSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly attributes?: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
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
      return sent.flatMap(({ resourceSpans }) => resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans.map(collectedOf))));
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

function collectedOf({ traceId, spanId, parentSpanId, name, attributes }: SentSpan): Collected {
  return { trace: traceId, id: spanId, parent: parentSpanId ?? '', name, facts: Object.fromEntries((attributes ?? []).map(({ key, value }) => [key, Object.values(value)[0]])) };
}
