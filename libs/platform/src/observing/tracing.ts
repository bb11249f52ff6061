import type { Logger } from 'pino';
import type { OtlpProtocol, TracingOptions } from '#libs/tracing/src/sdk/start.js';
import { version } from './metrics.js';

/** Begins to trace where a setting says so; the SDK is loaded for nobody else. Gives what ends it. */
export async function beginTracing(
  protocol: OtlpProtocol | undefined,
  service: TracingOptions['service'],
  logger: Logger,
): Promise<() => Promise<void>> {
  if (protocol === undefined) return () => Promise.resolve();
  const { startTracing } = await import('#libs/tracing/src/sdk/start.js');
  return startTracing({ service, version, protocol, logger });
}
