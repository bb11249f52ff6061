import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import { tracing } from '../tracing.js';
import { tellingOfOutages } from './outages.js';

/** How spans leave: OTLP over HTTP, in either of its forms. */
export type OtlpProtocol = 'http/protobuf' | 'http/json';

export interface TracingOptions {
  /** `service.name`, where OTEL_SERVICE_NAME or OTEL_RESOURCE_ATTRIBUTES say no other. */
  readonly service: string;
  readonly version: string;
  readonly protocol: OtlpProtocol;
  /** A pino logger fits. */
  readonly logger: { warn(fields: object, message: string): void; info(message: string): void };
}

/** A collector that does not answer keeps the end of a process no longer. */
const LAST_FLUSH_MS = 3_000;

/**
 * Begins to trace, once per process. Where spans go and which are kept the SDK reads from the OTEL_* variables itself.
 * What it returns sends what is still there, and ends it.
 */
export async function startTracing({
  service,
  version,
  protocol,
  logger,
}: TracingOptions): Promise<() => Promise<void>> {
  const exporter = tellingOfOutages(await exporterOf(protocol), logger);
  const own = { 'service.name': service, 'service.version': version, 'service.instance.id': randomUUID() };
  const resource = defaultResource()
    .merge(resourceFromAttributes(own))
    .merge(detectResources({ detectors: [envDetector] }));
  const provider = new BasicTracerProvider({ resource, spanProcessors: [new BatchSpanProcessor(exporter)] });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
  tracing.on = true;
  return async () => {
    tracing.on = false;
    const sent = provider.shutdown().catch(() => 'told');
    await Promise.race([sent, pause(LAST_FLUSH_MS, undefined, { ref: false })]);
    trace.disable();
    context.disable();
  };
}

async function exporterOf(protocol: OtlpProtocol): Promise<SpanExporter> {
  const { OTLPTraceExporter } =
    protocol === 'http/json'
      ? await import('@opentelemetry/exporter-trace-otlp-http')
      : await import('@opentelemetry/exporter-trace-otlp-proto');
  return new OTLPTraceExporter();
}
