import type { AppDefinition } from '../app.js';
import { configOf, portAlone, readSettings } from '../settings/config.js';
import { createLogger } from '../observing/logger.js';
import { runUntilStopped } from './process.js';
import { givenSecrets } from '../settings/secrets.js';
import { SettingError } from '../settings/setting-error.js';
import { start } from './start.js';

/** Runs one app as a process of its own, on the engines that all apps share. */
export const startAlone = (definition: AppDefinition): Promise<void> =>
  runUntilStopped(async (waiting) => {
    const { PORT = '', ...env } = process.env;
    const settings = readSettings({ ...env, PORT: PORT === '' ? String(portAlone[definition.name]) : PORT });
    for (const name of ['KAFKA_BROKERS', 'MONGO_URL'] as const) {
      if (settings[name] !== undefined) continue;
      const why = `${definition.name} alone needs KAFKA_BROKERS and MONGO_URL; npm start runs everything in one process`;
      throw new SettingError(name, `is missing: ${why}`);
    }
    if (definition.name === 'notify' && settings.SMTP_URL === undefined) {
      throw new SettingError('SMTP_URL', 'is missing: notify sends mail and nothing else');
    }
    const config = configOf(settings, givenSecrets(settings, definition.name));
    const logger = createLogger(config.logLevel);
    return start([definition], { config, logger, waiting });
  });
