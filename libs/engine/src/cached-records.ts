import type { LRUCache } from 'lru-cache';
import { lruOf } from './lru.js';
import type { Key, Records } from './port.js';

const MOST = 20_000;

/**
 * Caches records that are read at every attempt and seldom change, where no other process writes them. Elsewhere each read
 * goes to the store, so that a change holds everywhere once it is recorded (R28).
 */
export class CachedRecords<Value extends object> implements Records<Value> {
  readonly #known: LRUCache<string, Value> | undefined;
  /** Counts the starts and ends of writes: what was read meanwhile is not cached, it may be old. */
  #writes = 0;

  constructor(
    private readonly records: Records<Value>,
    { shared }: { readonly shared: boolean },
  ) {
    if (!shared) this.#known = lruOf(MOST);
  }

  /** From the cache alone. */
  known(key: Key): Value | undefined {
    return this.#known?.get(nameOf(key));
  }

  async get(key: Key): Promise<Value | undefined> {
    const known = this.known(key);
    if (known !== undefined) return known;
    const writes = this.#writes;
    const value = await this.records.get(key);
    if (value !== undefined && writes === this.#writes) this.#known?.set(nameOf(key), value);
    return value;
  }

  list(range: Parameters<Records<Value>['list']>[0]): ReturnType<Records<Value>['list']> {
    return this.records.list(range);
  }

  put(key: Key, value: Value): Promise<void> {
    return this.#written(this.records.put(key, value), [key]);
  }

  create(key: Key, value: Value): Promise<boolean> {
    return this.#written(this.records.create(key, value), [key]);
  }

  replace(key: Key, expected: Value, value: Value): Promise<boolean> {
    return this.#written(this.records.replace(key, expected, value), [key]);
  }

  delete(key: Key): Promise<boolean> {
    return this.#written(this.records.delete(key), [key]);
  }

  write(operations: Parameters<Records<Value>['write']>[0]): Promise<void> {
    const keys = operations.map((operation) => ('put' in operation ? operation.put : operation.delete));
    return this.#written(this.records.write(operations), keys);
  }

  clear(): Promise<void> {
    return this.#written(this.records.clear(), 'all');
  }

  /** Also after a write that failed: what it left is unknown. */
  async #written<Outcome>(write: Promise<Outcome>, keys: readonly Key[] | 'all'): Promise<Outcome> {
    this.#writes += 1;
    try {
      return await write;
    } finally {
      this.#writes += 1;
      if (keys === 'all') this.#known?.clear();
      else for (const key of keys) this.#known?.delete(nameOf(key));
    }
  }
}

/** Unlike JSON, quick to make; no id holds a slash. */
const nameOf = (key: Key): string => key.join('/');
