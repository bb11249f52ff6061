import { isDeepStrictEqual } from 'node:util';
import type { Engine, Key, Records } from '#libs/engine/src/port.js';
import { MemoryLog } from './memory-log.js';

/** All of an app's storage in memory, for unit tests of what stands on it. */
export class MemoryEngine implements Engine {
  readonly log: MemoryLog;
  readonly #collections = new Map<string, MemoryRecords<unknown>>();

  constructor(options: { shared?: boolean } = {}) {
    this.log = new MemoryLog(options);
  }

  records<Value>(name: string): Records<Value> {
    const collection = this.#collections.get(name) ?? new MemoryRecords<unknown>();
    this.#collections.set(name, collection);
    return collection as MemoryRecords<Value>;
  }

  async check(): Promise<void> {}

  async close(): Promise<void> {}
}

/** Records in memory. What goes in and what comes out are copies, as from any store. */
export class MemoryRecords<Value> implements Records<Value> {
  /** In key order. */
  #entries: { key: Key; value: Value }[] = [];

  async get(key: Key): Promise<Value | undefined> {
    return structuredClone(this.#find(key)?.value);
  }

  async put(key: Key, value: Value): Promise<void> {
    this.#put(key, value);
  }

  async create(key: Key, value: Value): Promise<boolean> {
    if (this.#find(key) !== undefined) return false;
    this.#put(key, value);
    return true;
  }

  async replace(key: Key, expected: Value, value: Value): Promise<boolean> {
    const present = this.#find(key);
    if (present === undefined || !isDeepStrictEqual(present.value, asJson(expected))) return false;
    this.#put(key, value);
    return true;
  }

  async delete(key: Key): Promise<boolean> {
    return this.#delete(key);
  }

  async list(range: { prefix?: Key; after?: Key; limit?: number; reverse?: boolean }) {
    const { prefix = [], after, limit = Infinity, reverse = false } = range;
    const ordered = reverse ? this.#entries.toReversed() : this.#entries;
    const beyond = (key: Key) => after === undefined || (reverse ? compare(key, after) < 0 : compare(key, after) > 0);
    const matching = ordered.filter(({ key }) => prefix.every((part, i) => key[i] === part) && beyond(key));
    return structuredClone(matching.slice(0, limit));
  }

  async write(operations: readonly ({ put: Key; value: Value } | { delete: Key })[]): Promise<void> {
    for (const operation of operations) {
      if ('put' in operation) this.#put(operation.put, operation.value);
      else this.#delete(operation.delete);
    }
  }

  async clear(): Promise<void> {
    this.#entries = [];
  }

  #find(key: Key) {
    return this.#entries.find((entry) => compare(entry.key, key) === 0);
  }

  #put(key: Key, value: Value): void {
    const rest = this.#entries.filter((entry) => compare(entry.key, key) !== 0);
    this.#entries = [...rest, { key: [...key], value: asJson(value) }].sort((a, b) => compare(a.key, b.key));
  }

  #delete(key: Key): boolean {
    const before = this.#entries.length;
    this.#entries = this.#entries.filter((entry) => compare(entry.key, key) !== 0);
    return this.#entries.length < before;
  }
}

const asJson = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value;

/** Part by part; text by its UTF-8 bytes, as the engines order it. */
function compare(a: Key, b: Key): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [x, y] = [a[i], b[i]];
    const order =
      typeof x === 'number' && typeof y === 'number' ? x - y : Buffer.compare(Buffer.from(`${x}`), Buffer.from(`${y}`));
    if (order !== 0) return order;
  }
  return a.length - b.length;
}
