import { join } from 'node:path';
import { productEnv } from './process/product.js';
import { figure } from './report/figures.js';
import type { BigStore, Context } from './section.js';
import { PORTAL } from './seed/accounts.js';
import { seed } from './seed/seed.js';

/** Made once, when it is first asked for. */
export function bigStoreOf(context: Omit<Context, 'bigStore'>): () => Promise<BigStore> {
  let made: Promise<BigStore> | undefined;
  return () => (made ??= make(context));
}

async function make({ options, engine, folder, say }: Omit<Context, 'bigStore'>): Promise<BigStore> {
  const { manyAccounts: accounts, eventsOfEach } = options.sizes;
  const events = accounts * eventsOfEach;
  say(`Making a store of ${figure(accounts)} accounts and ${figure(events)} two-factor events …`);
  const dataDir = join(folder, 'big');
  const env = productEnv(dataDir, engine);
  const { service, writtenInMs, adoptedInMs } = await seed({ env, accounts, events: eventsOfEach });
  say(
    `… ${figure(writtenInMs / 1_000, 's')} to write it, ${figure(adoptedInMs / 1_000, 's')} for the apps to take it in\n`,
  );
  return { dataDir, portal: PORTAL, serviceToken: service.token, serviceId: service.id, events };
}
