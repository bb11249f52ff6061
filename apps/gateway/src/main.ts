import { createLogger } from '#libs/platform/src/observing/logger.js';
import { beginTracing } from '#libs/platform/src/observing/tracing.js';
import { runUntilStopped } from '#libs/platform/src/running/process.js';
import { openGateway } from './gateway.js';
import { readGatewaySettings } from './settings.js';

await runUntilStopped(async () => {
  const settings = readGatewaySettings(process.env);
  const logger = createLogger(settings.logLevel);
  const endTracing = await beginTracing(settings.tracing, 'twinlock-gateway', logger);
  const front = await openGateway(settings, logger);
  return { url: front.url, close: () => front.close().then(endTracing) };
});
