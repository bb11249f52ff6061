import type { AppDefinition } from './app.js';
import { configOf, portAlone, readSettings, SettingError } from './config.js';
import { createLogger } from './logger.js';
import { runUntilStopped } from './process.js';
import { givenSecrets } from './secrets.js';
import { start } from './start.js';

/** Runs one app as a process of its own, on the engines that all apps share. */
export const startAlone = (definition: AppDefinition): Promise<void> =>
  runUntilStopped(async () => {
    const { PORT = '', ...env } = process.env;
    const settings = readSettings({ ...env, PORT: PORT === '' ? String(portAlone[definition.name]) : PORT });
    if (settings.KAFKA_BROKERS === undefined) {
      throw new SettingError(
        `${definition.name} alone`,
        'needs KAFKA_BROKERS; npm start runs everything in one process',
      );
    }
    const config = configOf(settings, givenSecrets(settings));
    const logger = createLogger(config.logLevel);
    return start([definition], { config, logger });
  });
