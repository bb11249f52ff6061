import { isDeepStrictEqual } from 'node:util';
import {
  type Commit,
  type Engine,
  type Erasures,
  type Key,
  type Records,
  StoreUnavailable,
} from '#libs/engine/src/port.js';
import { MemoryLog } from './memory-log.js';

/** What outlives an engine in memory: the next one that is given it goes on from there. */
export interface Memory {
  readonly erased: Map<string, readonly [string, string]>;
  readonly commits: Commit[];
  readonly records: Map<string, StoredRecords<unknown>>;
}
export const emptyMemory = (): Memory => ({ commits: [], records: new Map(), erased: new Map() });

/** All of an app's storage in memory, for unit tests of what stands on it. */
export class MemoryEngine implements Engine {
  readonly log: MemoryLog;
  readonly #memory: Memory;
  readonly #collections = new Map<string, MemoryRecords<unknown>>();
  #closed = false;
  #damage: Error | undefined;

  constructor({ shared = false, memory = emptyMemory() }: { shared?: boolean; memory?: Memory } = {}) {
    this.#memory = memory;
    this.log = new MemoryLog({ shared, stored: memory.commits, guard: this.#guard });
  }

  records<Value>(name: string): Records<Value> {
    const stored = this.#memory.records.get(name) ?? [];
    this.#memory.records.set(name, stored);
    const collection = this.#collections.get(name) ?? new MemoryRecords(stored, this.#guard);
    this.#collections.set(name, collection);
    return collection as MemoryRecords<Value>;
  }

  readonly erasures: Erasures = {
    add: async (portal, account) => {
      this.#guard();
      this.#memory.erased.set(JSON.stringify([portal, account]), [portal, account]);
    },
    all: () => this.#allErased(),
  };

  async *#allErased(): AsyncGenerator<readonly [string, string]> {
    this.#guard();
    yield* this.#memory.erased.values();
  }

  async check(): Promise<void> {
    this.#guard();
    if (this.#damage !== undefined) throw this.#damage;
  }

  readonly damaged = (damage: Error): void => {
    this.#damage ??= damage;
  };

  async close(): Promise<void> {
    this.#closed = true;
  }

  readonly #guard = (): void => {
    if (this.#closed) throw new StoreUnavailable('the engine is closed');
  };
}

/** In key order. */
export type StoredRecords<Value> = { key: Key; value: Value }[];

/** Records in memory, for unit tests. What goes in and what comes out are copies, as from any store. */
export class MemoryRecords<Value> implements Records<Value> {
  readonly #entries: StoredRecords<Value>;
  readonly #guard: () => void;

  /** `guard` throws when the records must not serve. */
  constructor(stored: StoredRecords<Value> = [], guard: () => void = () => undefined) {
    this.#entries = stored;
    this.#guard = guard;
  }

  async get(key: Key): Promise<Value | undefined> {
    this.#guard();
    return structuredClone(this.#find(key)?.value);
  }

  async put(key: Key, value: Value): Promise<void> {
    this.#guard();
    this.#put(key, value);
  }

  async create(key: Key, value: Value): Promise<boolean> {
    this.#guard();
    if (this.#find(key) !== undefined) return false;
    this.#put(key, value);
    return true;
  }

  async replace(key: Key, expected: Value, value: Value): Promise<boolean> {
    this.#guard();
    const present = this.#find(key);
    if (present === undefined || !isDeepStrictEqual(present.value, asJson(expected))) return false;
    this.#put(key, value);
    return true;
  }

  async delete(key: Key): Promise<boolean> {
    this.#guard();
    return this.#delete(key);
  }

  async remove(key: Key, expected: Value): Promise<boolean> {
    this.#guard();
    const present = this.#find(key);
    return present !== undefined && isDeepStrictEqual(present.value, asJson(expected)) && this.#delete(key);
  }

  async list(range: { prefix?: Key; after?: Key; limit?: number; reverse?: boolean }) {
    this.#guard();
    const { prefix = [], after, limit = Infinity, reverse = false } = range;
    const isBeyond = (key: Key) => after === undefined || (reverse ? compare(key, after) < 0 : compare(key, after) > 0);
    const matching = this.#entries.filter(({ key }) => prefix.every((part, i) => key[i] === part) && isBeyond(key));
    return structuredClone((reverse ? matching.reverse() : matching).slice(0, limit));
  }

  async write(operations: readonly ({ put: Key; value: Value } | { delete: Key })[]): Promise<void> {
    this.#guard();
    for (const operation of operations) {
      if ('put' in operation) this.#put(operation.put, operation.value);
      else this.#delete(operation.delete);
    }
  }

  async clear(): Promise<void> {
    this.#guard();
    this.#entries.length = 0;
  }

  #find(key: Key) {
    const entry = this.#entries[this.#placeOf(key)];
    return entry !== undefined && compare(entry.key, key) === 0 ? entry : undefined;
  }

  #put(key: Key, value: Value): void {
    const replaced = this.#find(key) === undefined ? 0 : 1;
    this.#entries.splice(this.#placeOf(key), replaced, { key: [...key], value: asJson(value) });
  }

  #delete(key: Key): boolean {
    if (this.#find(key) === undefined) return false;
    this.#entries.splice(this.#placeOf(key), 1);
    return true;
  }

  /** Index of the first entry whose key is not before this one. */
  #placeOf(key: Key): number {
    let [low, high] = [0, this.#entries.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const entry = this.#entries[middle];
      if (entry !== undefined && compare(entry.key, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const asJson = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value;

/** Part by part; text by its UTF-8 bytes, as the engines order it. */
function compare(a: Key, b: Key): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [x, y] = [a[i], b[i]];
    const order = typeof x === 'number' && typeof y === 'number' ? x - y : compareText(`${x}`, `${y}`);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** A lone surrogate has the bytes of U+FFFD, but is another text. */
const compareText = (a: string, b: string): number =>
  Buffer.compare(Buffer.from(a), Buffer.from(b)) || (a < b ? -1 : Number(a > b));
