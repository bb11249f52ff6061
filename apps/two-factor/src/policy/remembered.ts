import { LRUCache } from 'lru-cache';
import type { Key, Records } from '#libs/engine/src/port.js';

/** What is done with records of facts. */
export type FactRecords<Fact> = Pick<Records<Fact>, 'get' | 'create' | 'replace' | 'clear'>;

const MOST = 20_000;

/**
 * Records that are read at every attempt and seldom change. They are remembered where this process alone writes them; where
 * others do, each read goes to the store, so that a change holds everywhere once it is recorded (R28).
 */
export class Remembered<Fact extends object> implements FactRecords<Fact> {
  readonly #known: LRUCache<string, Fact> | undefined;
  /** Begins and ends of writes: what was read before one may be old after it. */
  #writes = 0;

  constructor(
    private readonly records: FactRecords<Fact>,
    { shared }: { readonly shared: boolean },
  ) {
    if (!shared) this.#known = new LRUCache({ max: MOST });
  }

  /** Without asking the store; undefined says nothing. */
  known(key: Key): Fact | undefined {
    return this.#known?.get(nameOf(key));
  }

  async get(key: Key): Promise<Fact | undefined> {
    const known = this.known(key);
    if (known !== undefined) return known;
    const writes = this.#writes;
    const fact = await this.records.get(key);
    if (fact !== undefined && writes === this.#writes) this.#known?.set(nameOf(key), fact);
    return fact;
  }

  create(key: Key, fact: Fact): Promise<boolean> {
    return this.#written(this.records.create(key, fact), () => this.#known?.delete(nameOf(key)));
  }

  replace(key: Key, expected: Fact, fact: Fact): Promise<boolean> {
    return this.#written(this.records.replace(key, expected, fact), () => this.#known?.delete(nameOf(key)));
  }

  clear(): Promise<void> {
    return this.#written(this.records.clear(), () => this.#known?.clear());
  }

  /** What a write left is unknown when it failed as well. */
  async #written<Outcome>(write: Promise<Outcome>, forget: () => void): Promise<Outcome> {
    this.#writes += 1;
    try {
      return await write;
    } finally {
      this.#writes += 1;
      forget();
    }
  }
}

/** Keys are of ids, which hold no slash. */
const nameOf = (key: Key): string => key.join('/');
