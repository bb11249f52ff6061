import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { rememberingDamage } from '../damage.js';
import { type Engine, type Records, StoreDamaged, StoreUnavailable } from '../port.js';
import { checkDataFile, RESTORE, wasClosed } from './file/integrity.js';
import { isLockedFromElsewhere, type Lock, lockDirectory } from './file/lock.js';
import { EmbeddedLog } from './log.js';
import { EmbeddedErasures } from './erasures.js';
import { EmbeddedRecords } from './records.js';
import { Store } from './driver/store.js';

export interface EmbeddedEngine extends Engine {
  /**
   * A compacted copy of what is durable now, while the engine serves. An engine opened there with the same name has it.
   * @throws StoreUnavailable there is a store already, or no room
   */
  backup(directory: string): Promise<void>;
}

export interface EmbeddedOptions {
  /** Directory of the data file; made if there is none, readable by its owner alone. */
  readonly path: string;
  /** Of the data file: `<name>.mdb`. */
  readonly name: string;
  /**
   * For tools: reads beside a process that serves, takes no lock and writes nothing. Its feed calls nobody back.
   */
  readonly readOnly?: boolean;
}

/**
 * An engine in this process: LMDB, one file.
 * @throws StoreUnavailable the directory is in use, or cannot be written
 * @throws StoreDamaged the data file is damaged, or is none
 */
export async function openEmbeddedEngine({ path, name, readOnly = false }: EmbeddedOptions): Promise<EmbeddedEngine> {
  const file = join(path, `${name}.mdb`);
  if (readOnly) return openForReading(path, file, name);
  prepare(path);
  const lock = await lockDirectory(path, name);
  if (lock === undefined) throw new StoreUnavailable(`DATA_DIR ${path} is in use by another process`);
  let store: Store | undefined;
  try {
    if (!wasClosed(file) && existsSync(file)) await checkDataFile(file);
    store = new Store(file, false);
    return engineOf(store, erasuresOf(path, false), name, lock);
  } catch (error) {
    await store?.close();
    lock.release();
    throw error;
  }
}

async function openForReading(path: string, file: string, name: string): Promise<EmbeddedEngine> {
  if (!existsSync(file)) throw new StoreUnavailable(`there is no ${file}`);
  const lock = await lockDirectory(path, name);
  lock?.release();
  if (lock === undefined && isLockedFromElsewhere(path, name)) {
    throw new StoreUnavailable(`DATA_DIR ${path} is in use by another container: run this command there`);
  }
  // whoever serves the file has checked it
  if (lock !== undefined) await checkDataFile(file);
  return engineOf(new Store(file, true), erasuresOf(path, true), name);
}

/** Outside of the folder, which a backup may take the place of. */
const erasuresOf = (path: string, readOnly: boolean) => new EmbeddedErasures(`${resolve(path)}.erasures`, readOnly);

function prepare(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new StoreUnavailable(`${path} cannot be written: ${(error as Error).message}`, { cause: error });
  }
}

function engineOf(store: Store, erasures: EmbeddedErasures, name: string, lock?: Lock): EmbeddedEngine {
  const log = new EmbeddedLog(store);
  if (!store.readOnly) checkEnd(log, store.file);
  const collections = new Map<string, Records<unknown>>();
  return rememberingDamage<Omit<EmbeddedEngine, 'damaged'>>({
    log,
    erasures,
    records<Value>(collection: string): Records<Value> {
      let records = collections.get(collection);
      if (records === undefined) {
        records = new EmbeddedRecords<unknown>(store, collection);
        collections.set(collection, records);
      }
      return records as Records<Value>;
    },
    async check() {
      log.check();
      await store.check();
    },
    async close() {
      log.feed.close();
      await erasures.close();
      // else the end of the process releases it
      if (await store.close()) lock?.release();
    },
    async backup(directory) {
      prepare(directory);
      await backUp(store, directory, `${name}.mdb`);
    },
  });
}

/** The app could not append to a log whose last commit is damaged: better no start than one that is never ready. */
function checkEnd(log: EmbeddedLog, file: string): void {
  try {
    log.check();
  } catch (error) {
    if (!(error instanceof StoreDamaged)) throw error;
    throw new StoreDamaged(`${file} is damaged: ${error.message}. ${RESTORE}`, { cause: error });
  }
}

/** Under another name until all of it is on the disk: half a backup must not look like one. */
async function backUp(store: Store, directory: string, name: string): Promise<void> {
  const target = join(directory, name);
  if (existsSync(target)) throw new StoreUnavailable(`${target} already exists`);
  const partial = `${target}.partial`;
  await rm(partial, { force: true });
  await store.copy(partial);
  await sync(partial);
  await rename(partial, target);
  await sync(directory);
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
