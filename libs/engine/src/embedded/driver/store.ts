import { truncateSync } from 'node:fs';
import { open, type Database, type DatabaseOptions, type RootDatabase, type RootDatabaseOptionsWithPath } from 'lmdb';
import { StoreDamaged, StoreUnavailable } from '../../port.js';
import { markClosed } from '../file/integrity.js';
import { engineError } from './errors.js';
import { InFlightWrites } from './in-flight-writes.js';
import { keyCoding } from './keys.js';
import { Preallocation } from './preallocation.js';

/** Collections of records, and the three of the log. */
const MAX_COLLECTIONS = 64;

/** A tuple, or the bytes of one, or a bound of a range. */
export type DriverKey = (string | number)[] | Uint8Array;

/** How keys become bytes and come back. */
export interface KeyCoding<K> {
  writeKey(key: K, target: Uint8Array, start: number): number;
  readKey(source: Uint8Array, start: number, end: number): unknown;
}

/** `txnStartThreshold` is described where the driver's types are, and missing in them. */
function settings(file: string, readOnly: boolean): RootDatabaseOptionsWithPath & { txnStartThreshold: number } {
  return {
    path: file,
    noSubdir: true,
    maxDbs: MAX_COLLECTIONS,
    readOnly,
    // With it, a write would be answered before it is on the disk.
    overlappingSync: false,
    // With it, the driver makes promises of its own: when a transaction fails, one that nobody can catch ends the process.
    eventTurnBatching: false,
    // What is written in one turn of the event loop shares a transaction all the same.
    txnStartThreshold: Number.MAX_SAFE_INTEGER,
  };
}

/** One LMDB environment in one file, with the driver's errors told in the port's words. */
export class Store {
  readonly #env: RootDatabase;
  readonly #writes: InFlightWrites;
  /** Absent when the store is only read. */
  readonly #space: Preallocation | undefined;
  /** Holds nothing but the last write that `check` made. */
  readonly #probe: Database<string, DriverKey> | undefined;
  #closed = false;
  #metDamage = false;

  constructor(
    readonly file: string,
    readonly readOnly: boolean,
  ) {
    this.#writes = new InFlightWrites(file);
    try {
      this.#env = open(settings(file, readOnly));
      this.#space = readOnly ? undefined : new Preallocation(file, () => usedBytes(this.#env));
    } catch (error) {
      this.#writes.stop();
      throw engineError(error, file);
    }
    this.#probe = readOnly ? undefined : this.open<DriverKey>('probe', keyCoding);
  }

  /** Undefined when the store is only read and has no such collection. */
  open<K extends DriverKey | number>(
    name: string,
    keyEncoder: KeyCoding<K>,
    options: DatabaseOptions = {},
  ): Database<string, K> | undefined {
    // Declared for the root alone, and taken by all.
    const withKeys: DatabaseOptions & { keyEncoder: object } = { ...options, encoding: 'string', keyEncoder };
    return this.read(() => {
      if (this.#space === undefined) return this.#env.openDB<string, K>(name, withKeys);
      const found = this.#env.openDB<string, K>(name, { ...withKeys, create: false } as DatabaseOptions);
      if (found !== undefined) return found;
      const shortage = this.#space.shortage(this.#writes.count, 1);
      if (shortage !== undefined) throw shortage;
      return this.#env.openDB<string, K>(name, withKeys);
    });
  }

  /** Reads see what was durable when they began. */
  read<Result>(action: () => Result): Result {
    if (this.#closed) throw this.#closedError();
    try {
      return action();
    } catch (error) {
      const failure = engineError(error, this.file);
      this.#metDamage ||= failure instanceof StoreDamaged;
      throw failure;
    }
  }

  /**
   * Resolves when it is durable, with what the driver says of a condition: false if it did not hold.
   * @param operations how many entries it puts or deletes
   */
  write(action: () => Promise<boolean>, operations = 1): Promise<boolean> {
    if (this.#space === undefined) return Promise.reject(new StoreUnavailable(`${this.file} is open for reading only`));
    const shortage = this.#shortage(operations);
    return shortage === undefined ? this.#writes.run(action) : Promise.reject(shortage);
  }

  /** Whether there is space; after a failure, whether writes are possible again. @throws what the last one ended in */
  async check(): Promise<void> {
    const shortage = this.#shortage(0);
    if (shortage !== undefined) throw shortage;
    if (this.#writes.lastFailure === undefined) return;
    const probe = this.#probe;
    if (probe !== undefined) await this.write(() => probe.put(['probe'], ''));
  }

  /** A consistent copy without free pages, of what is durable now. The file must not exist. */
  async copy(file: string): Promise<void> {
    if (this.#closed) throw this.#closedError();
    try {
      await this.#env.backup(file, true);
    } catch (error) {
      throw engineError(error, file);
    }
  }

  /**
   * Waits for the writes that are on their way; they are answered.
   * @returns false: the driver hangs, and may still write
   */
  async close(): Promise<boolean> {
    if (this.#closed) return !this.#writes.stalled;
    this.#closed = true;
    this.#writes.stop();
    // The driver waits for its writes: where they hang, so would this.
    if (this.#writes.stalled) return false;
    await this.#env.close();
    this.#space?.close();
    if (!this.readOnly && !this.#metDamage && !this.#writes.failing) await leave(this.file);
    return true;
  }

  #shortage(operations: number): Error | undefined {
    return this.#closed ? undefined : this.#space?.shortage(this.#writes.count, operations);
  }

  #closedError(): StoreUnavailable {
    return new StoreUnavailable(`${this.file} is closed`);
  }
}

/** Up to the end of the last page that the last transaction knows. */
function usedBytes(env: RootDatabase): number {
  const { lastPageNumber, pageSize } = env.getStats() as { lastPageNumber: number; pageSize: number };
  return (lastPageNumber + 1) * pageSize;
}

/**
 * Gives back what was preallocated and not used, when LMDB has closed the file and nothing is on its way any more. Should this
 * fail, the next start has a check to make.
 */
async function leave(file: string): Promise<void> {
  try {
    const env = open(settings(file, true));
    const used = usedBytes(env);
    await env.close();
    truncateSync(file, used);
    markClosed(file);
  } catch {
    // nothing that was written depends on it
  }
}
