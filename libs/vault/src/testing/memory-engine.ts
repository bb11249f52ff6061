import { isDeepStrictEqual } from 'node:util';
import type { Key, Records } from '#libs/engine/src/port.js';

/** Awaited before each operation takes effect: where a test interleaves others, or lets the process die. */
export type Before = (operation: string) => Promise<void>;

const atOnce: Before = async () => {};

/** Records in memory, for specs of what is built on them. Each operation is atomic. */
export class MemoryEngine {
  readonly log: { readonly shared: boolean };
  readonly #collections = new Map<string, MemoryCollection>();

  constructor(options: { readonly shared?: boolean } = {}) {
    this.log = { shared: options.shared ?? false };
  }

  records<Value>(name: string): Records<Value> {
    return this.seenBy(atOnce).records(name);
  }

  /** The same records, as a process sees them whose operations wait for `before`. */
  seenBy(before: Before) {
    return {
      log: this.log,
      records: <Value>(name: string): Records<Value> => {
        let collection = this.#collections.get(name);
        if (!collection) this.#collections.set(name, (collection = new Map()));
        return new MemoryRecords<Value>(collection, (operation) => before(`${operation} ${name}`));
      },
    };
  }
}

/** JSON of the value by JSON of the key. */
type MemoryCollection = Map<string, string>;

class MemoryRecords<Value> implements Records<Value> {
  constructor(
    private readonly collection: MemoryCollection,
    private readonly before: Before,
  ) {}

  async get(key: Key): Promise<Value | undefined> {
    await this.before('get');
    return this.present(key);
  }

  async put(key: Key, value: Value): Promise<void> {
    await this.before('put');
    this.collection.set(JSON.stringify(key), JSON.stringify(value));
  }

  async create(key: Key, value: Value): Promise<boolean> {
    await this.before('create');
    if (this.collection.has(JSON.stringify(key))) return false;
    this.collection.set(JSON.stringify(key), JSON.stringify(value));
    return true;
  }

  async replace(key: Key, expected: Value, value: Value): Promise<boolean> {
    await this.before('replace');
    if (!isDeepStrictEqual(this.present(key), expected)) return false;
    this.collection.set(JSON.stringify(key), JSON.stringify(value));
    return true;
  }

  async delete(key: Key): Promise<boolean> {
    await this.before('delete');
    return this.collection.delete(JSON.stringify(key));
  }

  async remove(key: Key, expected: Value): Promise<boolean> {
    await this.before('remove');
    return isDeepStrictEqual(this.present(key), expected) && this.collection.delete(JSON.stringify(key));
  }

  async list(range: Parameters<Records<Value>['list']>[0]): Promise<{ key: Key; value: Value }[]> {
    await this.before('list');
    const { prefix = [], after, limit, reverse } = range;
    const keys = [...this.collection.keys()]
      .map((key) => JSON.parse(key) as Key)
      .filter((key) => prefix.every((part, index) => key[index] === part))
      .filter((key) => !after || (reverse ? compareKeys(key, after) < 0 : compareKeys(key, after) > 0))
      .sort((a, b) => (reverse ? compareKeys(b, a) : compareKeys(a, b)));
    return keys.slice(0, limit).map((key) => ({ key, value: this.present(key) as Value }));
  }

  async write(operations: Parameters<Records<Value>['write']>[0]): Promise<void> {
    await this.before('write');
    for (const operation of operations) {
      if ('put' in operation) this.collection.set(JSON.stringify(operation.put), JSON.stringify(operation.value));
      else this.collection.delete(JSON.stringify(operation.delete));
    }
  }

  async clear(): Promise<void> {
    await this.before('clear');
    this.collection.clear();
  }

  private present(key: Key): Value | undefined {
    const value = this.collection.get(JSON.stringify(key));
    return value === undefined ? undefined : (JSON.parse(value) as Value);
  }
}

function compareKeys(a: Key, b: Key): number {
  for (const [index, part] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    if (part !== other) return part < other ? -1 : 1;
  }
  return a.length - b.length;
}
