import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Engine, Records } from '#libs/engine/src/port.js';
import { ENGINE } from '#libs/platform/src/tokens.js';

/** Events that were taken in together, in the order in which they are told. Entries of a portal are numbered from 1 without gaps. */
export interface Entry {
  readonly texts: readonly string[];
  /** The latest time of any event up to here (milliseconds). */
  readonly newest: number;
  /** How far any event up to here was behind the latest one before it (milliseconds). */
  readonly disorder: number;
  /** Successive entries with about so many events as are indexed together; numbered from 1. */
  readonly segment: number;
  /** Events of the segment up to here. */
  readonly count: number;
}
export interface NumberedEntry {
  readonly number: number;
  readonly entry: Entry;
}

/** The last segment that is indexed, and its last entry. */
export interface Indexed {
  readonly segment: number;
  readonly number: number;
}
/** Where events stand: number of the entry, place in it, number, place, … */
export type Postings = readonly number[];
type Bucket = readonly (readonly [term: string, postings: Postings])[];

export const termOfAccount = (account: string): string => `account ${account}`;
export const termOfType = (type: string): string => `type ${type}`;

/** A term is looked up with its neighbours: records are few when written, and small when read. */
const BUCKETS = 64;
function bucketOf(term: string): number {
  let hash = 0;
  for (let i = 0; i < term.length; i++) hash = (Math.imul(hash, 31) + term.charCodeAt(i)) | 0;
  return (hash >>> 0) % BUCKETS;
}

export const ENTRIES = 'entries';
export const INDEX = 'index';
export const INDEXED = 'indexed';
export const BUILDS = 'builds';

/**
 * What the audit app keeps of the events, every key under its portal. The entries are the trail; they are created one after
 * the other, so that of several instances one is first. All else is made of them, and may be behind them.
 */
@Injectable()
export class Trail {
  readonly #entries: Records<Entry>;
  readonly #index: Records<Bucket>;
  readonly #indexed: Records<Indexed>;
  readonly #builds: Records<string>;
  #build: Promise<string> | undefined;

  constructor(@Inject(ENGINE) engine: Pick<Engine, 'records'>) {
    this.#entries = engine.records(ENTRIES);
    this.#index = engine.records(INDEX);
    this.#indexed = engine.records(INDEXED);
    this.#builds = engine.records(BUILDS);
  }

  /** Changes when the trail is rebuilt: its entries are then numbered anew. */
  build(): Promise<string> {
    this.#build ??= this.#findBuild().catch((error: unknown) => {
      this.#build = undefined;
      throw error;
    });
    return this.#build;
  }

  async #findBuild(): Promise<string> {
    const known = await this.#builds.get(['trail']);
    if (known !== undefined) return known;
    const made = randomUUID().slice(0, 8);
    return (await this.#builds.create(['trail'], made)) ? made : this.#findBuild();
  }

  /** False: another instance was first. */
  append(portal: string, number: number, entry: Entry): Promise<boolean> {
    return this.#entries.create([portal, number], entry);
  }

  entry(portal: string, number: number): Promise<Entry | undefined> {
    return this.#entries.get([portal, number]);
  }

  async entriesAfter(portal: string, number: number, limit: number): Promise<NumberedEntry[]> {
    const found = await this.#entries.list({ prefix: [portal], after: [portal, number], limit });
    return found.map(({ key, value }) => ({ number: Number(key[1]), entry: value }));
  }

  async last(portal: string): Promise<NumberedEntry | null> {
    const [found] = await this.#entries.list({ prefix: [portal], reverse: true, limit: 1 });
    return found ? { number: Number(found.key[1]), entry: found.value } : null;
  }

  /** The first entry that has reached that time, `end + 1` if none has: the latest time so far only ever grows. */
  async firstReaching(portal: string, time: number, end: number): Promise<number> {
    let below = 0;
    for (let reached = end + 1; below + 1 < reached;) {
      const middle = Math.floor((below + reached) / 2);
      const entry = await this.entry(portal, middle);
      if (entry !== undefined && entry.newest < time) below = middle;
      else reached = middle;
    }
    return below + 1;
  }

  /** Every portal that has an entry, by id. */
  async *portals(): AsyncGenerator<string> {
    for (let portal = ''; ;) {
      const [next] = await this.#entries.list({ after: [portal, Number.MAX_SAFE_INTEGER], limit: 1 });
      if (next === undefined) return;
      portal = String(next.key[0]);
      yield portal;
    }
  }

  async indexed(portal: string): Promise<Indexed> {
    return (await this.#indexed.get([portal])) ?? { segment: 0, number: 0 };
  }

  /** Where the term stands in an indexed segment. */
  async postings(portal: string, segment: number, term: string): Promise<Postings> {
    const bucket = await this.#index.get([portal, segment, bucketOf(term)]);
    return bucket?.find(([each]) => each === term)?.[1] ?? [];
  }

  /** Doing it again changes nothing. `giveWay` is called between writes. */
  async index(
    portal: string,
    { segment, number }: Indexed,
    postings: ReadonlyMap<string, Postings>,
    giveWay: () => Promise<unknown>,
  ): Promise<void> {
    const buckets = Array.from({ length: BUCKETS }, (): [string, Postings][] => []);
    for (const each of postings) buckets[bucketOf(each[0])]?.push(each);
    const operations = buckets.map((value, bucket) => ({ put: [portal, segment, bucket], value }));
    for (let begin = 0; begin < operations.length; begin += 16) {
      await this.#index.write(operations.slice(begin, begin + 16));
      await giveWay();
    }
    await this.#indexed.put([portal], { segment, number });
  }
}
