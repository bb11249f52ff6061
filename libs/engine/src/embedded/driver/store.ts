import { open, type Database, type DatabaseOptions, type RootDatabase, type RootDatabaseOptionsWithPath } from 'lmdb';
import { type StoreDamaged, StoreUnavailable } from '../../port.js';
import { engineError } from './errors.js';
import { openDataFile } from './data-file.js';
import { keyCoding } from './keys.js';
import { Room } from './room.js';
import { Writes } from './writes.js';

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
  readonly #writes: Writes;
  /** Absent when the store is only read. */
  readonly #room: Room | undefined;
  /** Holds nothing but the last write that `check` made. */
  readonly #probe: Database<string, DriverKey> | undefined;
  #closed = false;
  #refusal: Error | undefined;

  constructor(
    readonly file: string,
    readonly readOnly: boolean,
  ) {
    this.#writes = new Writes(file);
    try {
      this.#env = open(settings(file, readOnly));
      this.#room = readOnly ? undefined : new Room(file, openDataFile(file));
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
      if (this.#room === undefined) return this.#env.openDB<string, K>(name, withKeys);
      const found = this.#env.openDB<string, K>(name, { ...withKeys, create: false } as DatabaseOptions);
      if (found !== undefined) return found;
      const lack = this.#room.lack(this.#writes.underWay, 1);
      if (lack !== undefined) throw lack;
      return this.#env.openDB<string, K>(name, withKeys);
    });
  }

  /** Reads see what was durable when they began. */
  read<Result>(action: () => Result): Result {
    if (this.#refusal !== undefined) throw this.#refusal;
    if (this.#closed) throw this.#closedError();
    try {
      return action();
    } catch (error) {
      throw engineError(error, this.file);
    }
  }

  /**
   * Resolves when it is durable, with what the driver says of a condition: false if it did not hold.
   * @param operations how many entries it puts or deletes
   */
  write(action: () => Promise<boolean>, operations = 1): Promise<boolean> {
    if (this.#room === undefined) return Promise.reject(new StoreUnavailable(`${this.file} is open for reading only`));
    const lack = this.#refusal ?? (this.#closed ? undefined : this.#room.lack(this.#writes.underWay, operations));
    return lack === undefined ? this.#writes.run(action) : Promise.reject(lack);
  }

  /** Whether there is room; after a failure, whether writes are possible again. @throws what the last one ended in */
  async check(): Promise<void> {
    const lack = this.#refusal ?? (this.#closed ? undefined : this.#room?.lack(this.#writes.underWay, 0));
    if (lack !== undefined) throw lack;
    if (this.#writes.lastFailure === undefined) return;
    const probe = this.#probe;
    if (probe !== undefined) await this.write(() => probe.put(['probe'], ''));
  }

  /** Nothing is read or written any more; all are told why. */
  refuse(error: StoreDamaged): void {
    this.#refusal = error;
  }

  /** Until it is released nobody writes over what can be read now. */
  holdSnapshot(): () => void {
    const transaction = this.#env.useReadTransaction();
    return () => transaction.done();
  }

  /** A consistent copy without free pages, of what is durable now. The file must not exist. */
  async copy(file: string): Promise<void> {
    if (this.#refusal !== undefined) throw this.#refusal;
    if (this.#closed) throw this.#closedError();
    try {
      await this.#env.backup(file, true);
    } catch (error) {
      throw engineError(error, file);
    }
  }

  /** Waits for the writes that are on their way; they are answered. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#writes.stop();
    // The driver waits for its writes: where they hang, so would this.
    if (this.#writes.stalled) return;
    await this.#env.close();
    this.#room?.close();
  }

  #closedError(): StoreUnavailable {
    return new StoreUnavailable(`${this.file} is closed`);
  }
}
