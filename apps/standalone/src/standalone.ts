import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { adminPolicyApp } from '#apps/admin-policy/src/admin-policy.module.js';
import { auditApp } from '#apps/audit/src/audit.module.js';
import { identityApp } from '#apps/identity/src/identity.module.js';
import { twoFactorApp } from '#apps/two-factor/src/two-factor.module.js';
import { configOf, readSettings } from '#libs/platform/src/config.js';
import { createLogger } from '#libs/platform/src/logger.js';
import { keptSecrets } from '#libs/platform/src/secrets.js';
import { start, type Started } from '#libs/platform/src/start.js';
import { demoOf } from './demo.js';

const definitions = [identityApp, twoFactorApp, adminPolicyApp, auditApp];

export interface StandaloneOptions {
  /** Where the lines for people go; stdout unless told. */
  readonly print?: (line: string) => void;
}

/** All apps in one process, in DATA_DIR. @throws SettingError, StoreDamaged, StoreUnavailable, EADDRINUSE */
export async function startStandalone(
  env: NodeJS.ProcessEnv,
  { print = (line) => process.stdout.write(`${line}\n`) }: StandaloneOptions = {},
): Promise<Started> {
  const settings = readSettings(env);
  const hasData = definitions.some(({ name }) => existsSync(join(settings.DATA_DIR, name)));
  const { made, ...secrets } = keptSecrets(settings, hasData);
  for (const path of made) print(`Made ${path} (readable by its owner alone)`);

  const config = configOf(settings, secrets);
  const logger = createLogger(config.logLevel);
  const demo = demoOf(config, hasData);
  return start(definitions, { config, logger, beforeOpening: (apps) => demo.make(apps, print) });
}
