import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import type { Engine } from '#libs/engine/src/port.js';
import { type Config, configOf, readSettings } from '#libs/platform/src/settings/config.js';
import { engines } from '#libs/platform/src/running/engines.js';
import { keptSecrets } from '#libs/platform/src/settings/secrets.js';

/** As the product would be configured by these settings, its keys made where there are none. */
export function configFor(env: NodeJS.ProcessEnv): Config {
  const settings = readSettings(env);
  const { made: _made, ...secrets } = keptSecrets(settings, false);
  return configOf(settings, secrets);
}

/** The store of one app while the product is stopped. */
export async function withStore<Result>(config: Config, app: AppName, work: (engine: Engine) => Promise<Result>) {
  const engine = await engines.store(config, app);
  try {
    return await work(engine);
  } finally {
    await engine.close();
  }
}
