import { join } from 'node:path';
import { productEnv } from '../process/product.js';
import { figure } from '../report/figures.js';
import type { BigStore, Context } from '../sections/section.js';
import { seed } from './seed.js';

/** Made once, when it is first asked for. */
export function bigStoreOf(context: Omit<Context, 'bigStore'>): () => Promise<BigStore> {
  let made: Promise<BigStore> | undefined;
  return () => (made ??= make(context));
}

async function make({ options, engine, folder, say }: Omit<Context, 'bigStore'>): Promise<BigStore> {
  const { manyAccounts: accounts, eventsOfEach: events } = options.sizes;
  say(`Making a store of ${figure(accounts)} accounts and ${figure(accounts * events)} two-factor events …`);
  const dataDir = join(folder, 'big');
  const made = await seed({ env: productEnv(dataDir, engine), accounts, events, adopt: true });
  const { portal, writtenInMs, adoptedInMs } = made;
  say(
    `… ${figure(writtenInMs / 1_000, 's')} to write it, ${figure(adoptedInMs / 1_000, 's')} for the apps to take it in\n`,
  );
  return { dataDir, portal, events: made.events };
}
