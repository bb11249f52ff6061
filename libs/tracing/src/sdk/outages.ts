import { ExportResultCode } from '@opentelemetry/core';
import type { SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { TracingOptions } from './start.js';

/** The same exporter, which says once that its collector does not take spans, and when it does again. */
export function tellingOfOutages(exporter: SpanExporter, logger: TracingOptions['logger']): SpanExporter {
  let away = false;
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        const failed = result.code !== ExportResultCode.SUCCESS;
        // by its code: a message may quote the answer
        if (failed && !away) logger.warn({ error: codeOf(result.error) }, 'traces cannot be sent now');
        if (!failed && away) logger.info('traces are sent again');
        away = failed;
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  };
}

function codeOf(error: unknown): string {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: string };
  return typeof code === 'string' || typeof code === 'number' ? String(code) : (name ?? 'unknown');
}
