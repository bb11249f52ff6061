import { createLogger } from '#libs/platform/src/logger.js';
import { runUntilStopped } from '#libs/platform/src/process.js';
import { openGateway } from './gateway.js';
import { readGatewaySettings } from './settings.js';

await runUntilStopped(() => {
  const settings = readGatewaySettings(process.env);
  return openGateway(settings, createLogger(settings.logLevel));
});
