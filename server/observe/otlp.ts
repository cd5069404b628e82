import { defaultTextMapGetter, ROOT_CONTEXT, SpanStatusCode, trace, type Context, type Link, type Span } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { AsyncLocalStorage } from 'node:async_hooks';
import { newId } from '../ids.ts';
import type { Carried, Facts, Traces } from './traces.ts';

/** Nothing may be kept waiting by a collector that is away; what it does not take is dropped. */
const EXPORT_WITHIN_MS = 3_000;
/** More than a commit of the sealer has records. */
const MOST_LINKS = 500;

const W3C = new W3CTraceContextPropagator();

/** Traces over OTLP/HTTP. Only `traces.ts` imports this file, and only when traces are wanted. */
export function otlpTraces(endpoint: string): Traces {
  const provider = providerTo(endpoint);
  const tracer = provider.getTracer('gorunchat');
  const current = new AsyncLocalStorage<Span>();
  const start = (name: string, attributes: Facts, links: readonly Carried[] = []): Span => tracer.startSpan(name, { attributes, links: linksTo(links) }, contextOf(current.getStore()));
  return {
    async span(name, facts, work, links) {
      const span = start(name, facts, links);
      try {
        return await current.run(span, work);
      } catch (error) {
        span.setStatus({ code: SpanStatusCode.ERROR, message: codeOf(error) });
        throw error;
      } finally {
        span.end();
      }
    },
    begin(name, facts) {
      const span = start(name, facts);
      return { end: (more = {}) => span.setAttributes(more).end() };
    },
    carried: () => carriedIn(contextOf(current.getStore())),
    below(asked, work) {
      const above = spanOf(asked);
      return above === undefined ? work() : current.run(above, work);
    },
    close: () => provider.shutdown().catch(() => undefined), // a collector that is away keeps nobody from ending
  };
}

function providerTo(endpoint: string): TracerProvider {
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/u, '')}/v1/traces`, timeoutMillis: EXPORT_WITHIN_MS });
  return new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'gorunchat', 'service.instance.id': newId() }),
    spanLimits: { linkCountLimit: MOST_LINKS },
    spanProcessors: [new BatchSpanProcessor({ exporter, exportTimeoutMillis: EXPORT_WITHIN_MS })],
  });
}

/** The span that was carried; nothing where no trace context can be read. */
function spanOf(carried: unknown): Span | undefined {
  return trace.getSpan(W3C.extract(ROOT_CONTEXT, carried, defaultTextMapGetter));
}

/** Each span once: one commit may have several records. */
function linksTo(carried: readonly Carried[]): Link[] {
  const spans = carried.flatMap((one) => spanOf(one)?.spanContext() ?? []);
  return [...new Map(spans.map((context) => [context.spanId, { context }])).values()];
}

function contextOf(span: Span | undefined): Context {
  return span === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, span);
}

function carriedIn(context: Context): Carried {
  const carried: Record<string, string> = {};
  W3C.inject(context, carried, { set: (fields, name, value) => void (value !== '' && (fields[name] = value)) }); // a state of which nothing could be read is empty
  return carried;
}

/** What failed, in a word of the code: an error's sentence may quote what somebody said. */
function codeOf(error: unknown): string {
  const { code, reason, name } = (typeof error === 'object' && error !== null ? error : {}) as { code?: unknown; reason?: unknown; name?: unknown };
  return [code, reason, name].find((one) => typeof one === 'string') ?? 'unknown';
}
