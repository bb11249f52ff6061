import { z } from 'zod';
import type { OtlpProtocol } from '#libs/tracing/src/sdk/start.js';

const samplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

/** Those of OpenTelemetry that are looked at here; the SDK reads the others itself, and these again. */
export const tracingSettings = z.object({
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
    .optional()
    .describe('Collector of traces: OTLP over HTTP. Nothing is traced without.'),
  OTEL_EXPORTER_OTLP_PROTOCOL: z
    .enum(['http/protobuf', 'http/json'], 'must be http/protobuf or http/json')
    .default('http/protobuf')
    .describe('The form in which it takes them.'),
  OTEL_TRACES_SAMPLER: z
    .enum(samplers, `must be one of ${samplers.join(', ')}`)
    .optional()
    .describe('Which traces are kept; `parentbased_always_on` unless told.'),
});

/** Undefined: nothing is traced. */
export const tracingOf = (read: z.output<typeof tracingSettings>): OtlpProtocol | undefined =>
  read.OTEL_EXPORTER_OTLP_ENDPOINT === undefined ? undefined : read.OTEL_EXPORTER_OTLP_PROTOCOL;
