import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { adminPolicyApp } from '#apps/admin-policy/src/admin-policy.module.js';
import { auditApp } from '#apps/audit/src/audit.module.js';
import { consoleOf } from '#apps/gateway/src/console/console.js';
import { identityApp } from '#apps/identity/src/identity.module.js';
import { notifyApp } from '#apps/notify/src/notify.module.js';
import { openidApp } from '#apps/openid/src/openid.module.js';
import { twoFactorApp } from '#apps/two-factor/src/two-factor.module.js';
import type { Engine } from '#libs/engine/src/port.js';
import type { AppBus } from '#libs/messaging/src/port.js';
import type { AppDefinition } from '#libs/platform/src/app.js';
import { type Config, configOf, readSettings } from '#libs/platform/src/settings/config.js';
import { createLogger } from '#libs/platform/src/observing/logger.js';
import { refuseMailWithoutServer } from '#libs/platform/src/settings/mail.js';
import { keptSecrets } from '#libs/platform/src/settings/secrets.js';
import { bringUp, type Running, start, type Started } from '#libs/platform/src/running/start.js';
import { APP_BUS, ENGINE } from '#libs/platform/src/tokens.js';
import { demoOf } from './demo.js';

export const definitions = [identityApp, twoFactorApp, adminPolicyApp, auditApp, openidApp, notifyApp];
/** notify runs where there is a mail server. */
const running = ({ mail }: Config) =>
  definitions.filter((definition) => definition !== notifyApp || mail !== undefined);

export interface StandaloneOptions {
  /** Where the lines for people go; stdout unless told. */
  readonly print?: (line: string) => void;
  /** Given, an engine that is away is waited for until this is aborted. */
  readonly waiting?: AbortSignal;
}

/** All apps in one process, in DATA_DIR. @throws SettingError, StoreDamaged, StoreUnavailable, EADDRINUSE */
export async function startStandalone(
  env: NodeJS.ProcessEnv,
  { print = (line) => process.stdout.write(`${line}\n`), waiting }: StandaloneOptions = {},
): Promise<Started> {
  const { config, logger, hasData } = prepare(env, print);
  const demo = demoOf(config, hasData);
  const mount = consoleOf({ logger, host: config.host, publicUrl: config.publicUrl });
  const options = { config, logger, mount, ...(waiting && { waiting }) };
  return start(running(config), options, (apps) => demo.make(apps, print));
}

/** The same without a port, for tools. `caughtUp`: every app acts by all that the others' logs say. */
export async function bringUpStandalone(env: NodeJS.ProcessEnv): Promise<Running & { caughtUp(): Promise<boolean> }> {
  const { config, logger } = prepare(env, () => {});
  const { apps, close } = await bringUp(running(config), { config, logger });
  const caughtUp = async () => {
    for (const app of apps.values()) {
      for (const { source, position } of app.get<AppBus>(APP_BUS).health()) {
        const ahead = await apps.get(source)!.get<Engine>(ENGINE).log.feed.read(position, 1);
        if (ahead.length > 0) return false;
      }
    }
    return true;
  };
  return { apps, close, caughtUp };
}

/** Some of the apps without a port, on a bus with nobody else: for tools. */
export const bringUpOnly = (some: readonly AppDefinition[], env: NodeJS.ProcessEnv): Promise<Running> =>
  bringUp(
    some,
    prepare(env, () => {}),
  );

function prepare(env: NodeJS.ProcessEnv, print: (line: string) => void) {
  const settings = readSettings(env);
  const hasData = definitions.some(({ name }) => existsSync(join(settings.DATA_DIR, name)));
  const { made, ...secrets } = keptSecrets(settings, hasData);
  for (const path of made) print(`Created ${path} (readable only by its owner)`);
  const config = configOf(settings, secrets);
  refuseMailWithoutServer(config);
  return { config, logger: createLogger(config.logLevel), hasData };
}
