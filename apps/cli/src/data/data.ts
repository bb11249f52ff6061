import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type AppName, appNames, essentialApps } from '#libs/contracts/src/http/endpoint.js';
import { type EmbeddedEngine, openEmbeddedEngine } from '#libs/engine/src/embedded/open.js';
import type { Engine } from '#libs/engine/src/port.js';
import { readSettings } from '#libs/platform/src/settings/config.js';
import { engines } from '#libs/platform/src/running/engines.js';
import { CommandError } from '../command/exit.js';
import { SettingError } from '#libs/platform/src/settings/setting-error.js';

export type Stores<Store> = Record<(typeof essentialApps)[number], Store> & Partial<Record<AppName, Store>>;
interface Access {
  /** May be beside a process that serves. */
  readonly readOnly: boolean;
}

/** Opens the stores of MONGO_URL, else of DATA_DIR, and closes them whatever happens. */
export function withStores<Result>(access: Access, work: (stores: Stores<Engine>) => Promise<Result>): Promise<Result> {
  const { MONGO_URL: mongoUrl, DATA_DIR: dataDir } = readSettings(process.env);
  if (mongoUrl === undefined) return withFiles(access, work);
  return withAll(appNames, (app) => engines.store({ mongoUrl, dataDir }, app), work);
}

/** Those of DATA_DIR, which can be copied. @throws SettingError the data is in MongoDB */
export async function withFiles<Result>(
  { readOnly }: Access,
  work: (stores: Stores<EmbeddedEngine>) => Promise<Result>,
): Promise<Result> {
  const { MONGO_URL, DATA_DIR } = readSettings(process.env);
  if (MONGO_URL !== undefined) {
    throw new SettingError(
      'MONGO_URL',
      'is set: the data is in MongoDB, whose own tools copy it (mongodump; docs/operations.md)',
    );
  }
  if (!appNames.some((app) => existsSync(join(DATA_DIR, app))))
    throw new CommandError('fault', `DATA_DIR ${DATA_DIR} holds no data`, { code: 'no-data' });
  const isThere = (app: AppName) => essentialApps.some((one) => one === app) || existsSync(join(DATA_DIR, app));
  const there = appNames.filter(isThere);
  return withAll(there, (app) => openEmbeddedEngine({ path: join(DATA_DIR, app), name: app, readOnly }), work);
}

async function withAll<Store extends Engine, Result>(
  apps: readonly AppName[],
  open: (app: AppName) => Promise<Store>,
  work: (stores: Stores<Store>) => Promise<Result>,
): Promise<Result> {
  const opened: [AppName, Store][] = [];
  try {
    for (const app of apps) opened.push([app, await open(app)]);
    return await work(Object.fromEntries(opened) as Stores<Store>);
  } finally {
    for (const [, engine] of opened.reverse()) await engine.close();
  }
}
