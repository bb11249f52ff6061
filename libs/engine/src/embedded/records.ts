import { randomInt } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { crc32 } from 'node:zlib';
import { IF_EXISTS, type Database } from 'lmdb';
import { StoreDamaged, StoreUnavailable, type Key, type Records } from '../port.js';
import { above, following, keyBytes, keyCoding, LOWEST } from './driver/keys.js';
import type { DriverKey, Store } from './driver/store.js';

type Range = Parameters<Records<never>['list']>[0];

/** Each value is written with a version of its own: `replace` writes only over the version that it has compared. */
let lastVersion = randomInt(2 ** 47);

/** One collection: a database of its own in LMDB. Values are text: CRC-32 in eight hex digits, then JSON. */
export class EmbeddedRecords<Value> implements Records<Value> {
  /** Absent when the store is only read and nothing was ever put into this collection. */
  readonly #values: Database<string, DriverKey> | undefined;

  constructor(
    private readonly store: Store,
    private readonly name: string,
  ) {
    this.#values = store.open<DriverKey>(`records:${name}`, keyCoding, { useVersions: true });
  }

  async get(key: Key): Promise<Value | undefined> {
    return this.store.read(() => {
      const text = this.#values?.get(driverKey(key));
      return text === undefined ? undefined : this.#decode(key, text);
    });
  }

  async put(key: Key, value: Value): Promise<void> {
    const text = encode(value);
    await this.store.write(() => this.#writable.put(driverKey(key), text, ++lastVersion));
  }

  async create(key: Key, value: Value): Promise<boolean> {
    const text = encode(value);
    const values = this.#writable;
    return this.store.write(() =>
      values.ifNoExists(driverKey(key), () => void values.put(driverKey(key), text, ++lastVersion)),
    );
  }

  async replace(key: Key, expected: Value, value: Value): Promise<boolean> {
    const text = encode(value);
    const compared = this.#versionOf(key, expected);
    if (compared === undefined) return false;
    return this.store.write(() => this.#writable.put(driverKey(key), text, ++lastVersion, compared));
  }

  async remove(key: Key, expected: Value): Promise<boolean> {
    const compared = this.#versionOf(key, expected);
    return compared !== undefined && this.store.write(() => this.#writable.remove(driverKey(key), compared));
  }

  async delete(key: Key): Promise<boolean> {
    return this.store.write(() => this.#writable.remove(driverKey(key), IF_EXISTS));
  }

  async list(range: Range): Promise<{ key: Key; value: Value }[]> {
    const bounds = boundsOf(range);
    return this.store.read(() => {
      const entries = this.#values?.getRange({ ...bounds, limit: range.limit }) ?? [];
      return Array.from(entries, ({ key, value }) => ({ key: key as Key, value: this.#decode(key as Key, value) }));
    });
  }

  async write(operations: readonly ({ put: Key; value: Value } | { delete: Key })[]): Promise<void> {
    if (operations.length === 0) return;
    // All that can be wrong with a key or a value shows here, before the driver has the first of them.
    const steps = operations.map((operation) =>
      'put' in operation
        ? { key: keyBytes(operation.put), text: encode(operation.value) }
        : { key: keyBytes(operation.delete), text: undefined },
    );
    const values = this.#writable;
    await this.store.write(
      () =>
        values.batch(() => {
          for (const { key, text } of steps) {
            if (text === undefined) void values.remove(key);
            else void values.put(key, text, ++lastVersion);
          }
        }),
      steps.length,
    );
  }

  async clear(): Promise<void> {
    await this.store.write(async () => {
      await this.#writable.clearAsync();
      return true;
    });
  }

  /** Undefined: the present value is another, or there is none. */
  #versionOf(key: Key, expected: Value): number | undefined {
    const plain: unknown = JSON.parse(JSON.stringify(expected));
    const found = this.store.read(() => this.#values?.getEntry(driverKey(key)));
    return found && isDeepStrictEqual(this.#decode(key, found.value), plain) ? found.version : undefined;
  }

  get #writable(): Database<string, DriverKey> {
    if (this.#values === undefined) throw new StoreUnavailable(`${this.store.file} is open for reading only`);
    return this.#values;
  }

  #decode(key: Key, text: string): Value {
    const json = text.slice(8);
    if (crc32(json) !== Number.parseInt(text.slice(0, 8), 16)) {
      const where = key.map((part) => JSON.stringify(part)).join(', ');
      throw new StoreDamaged(`the record [${where}] of ${this.name} does not match its checksum`);
    }
    return JSON.parse(json) as Value;
  }
}

/** The driver writes nothing into it; it declares no `readonly`. */
const driverKey = (key: Key): DriverKey => key as DriverKey;

function encode(value: unknown): string {
  const json = JSON.stringify(value) as string | undefined;
  if (json === undefined) throw new TypeError('a record that is no JSON');
  return crc32(json).toString(16).padStart(8, '0') + json;
}

function boundsOf({ prefix = [], after, reverse }: Range): object {
  const common = keyBytes(prefix);
  const from = common.length === 0 ? LOWEST : common;
  const to = above(common);
  const beyond = after && keyBytes(after);
  if (reverse === true) {
    const start = beyond !== undefined && Buffer.compare(beyond, to) < 0 ? beyond : to;
    return { start, end: from, exclusiveStart: true, inclusiveEnd: true, reverse };
  }
  const start = beyond !== undefined && Buffer.compare(beyond, from) >= 0 ? following(beyond) : from;
  return { start, end: to };
}
