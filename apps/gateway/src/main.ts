import { createLogger } from '#libs/platform/src/observing/logger.js';
import { runUntilStopped } from '#libs/platform/src/running/process.js';
import { openGateway } from './gateway.js';
import { readGatewaySettings } from './settings.js';

await runUntilStopped(() => {
  const settings = readGatewaySettings(process.env);
  return openGateway(settings, createLogger(settings.logLevel));
});
