import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { RecordedEvent, SourceApp } from '#libs/contracts/src/events/event.js';
import type { Engine, Key, Records } from '#libs/engine/src/port.js';
import { ENGINE } from '#libs/platform/src/tokens.js';

/** Events that were taken in together, in the order in which they are told. Entries of a portal are numbered from 1 without gaps. */
export interface Entry {
  readonly texts: readonly string[];
  /** The latest time of any event up to here (milliseconds). */
  readonly newest: number;
  /** How far any event up to here was behind the latest one before it (milliseconds). */
  readonly disorder: number;
}

/** In which entries something stands, and where in them (from 0). */
export type Positions = readonly number[];
/** The part of a stream that stands in one entry, without what arrived out of order. */
export interface StreamPart {
  readonly first: number;
  readonly last: number;
  /** Of the last event. */
  readonly hash: string;
  readonly at: Positions;
}
export interface NumberedPart extends StreamPart {
  readonly number: number;
}
/** Where something stands in one entry. */
export interface Posting {
  readonly number: number;
  readonly at: Positions;
}
type IndexValue = Positions | StreamPart | number;
export type IndexOperation = { put: Key; value: IndexValue };

export const sources: readonly SourceApp[] = ['identity', 'two-factor', 'admin-policy'];
const INDEXED = 'indexed';
export const termOfStream = (source: SourceApp, account = ''): string => `stream ${source} ${account}`;
/** What arrived after later events of its stream. */
export const termOutOfOrder = (source: SourceApp, account = ''): string => `out-of-order ${source} ${account}`;

export const termOfType = (type: string): string => `type ${type}`;
/** Terms whose postings together are all events of the account. */
export const termsOfAccount = (account: string): string[] =>
  sources.flatMap((source) => [termOfStream(source, account), termOutOfOrder(source, account)]);

/**
 * What the audit app keeps, every key under its portal. `entries` are the trail; they are created one after the other, so that
 * of several instances one is first. `index` is made of them, and may be behind them.
 */
@Injectable()
export class Trail {
  readonly #entries: Records<Entry>;
  readonly #index: Records<IndexValue>;
  readonly #builds: Records<string>;
  #build: Promise<string> | undefined;

  constructor(@Inject(ENGINE) engine: Pick<Engine, 'records'>) {
    this.#entries = engine.records('entries');
    this.#index = engine.records('index');
    this.#builds = engine.records('builds');
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
    await this.#builds.create(['trail'], randomUUID().slice(0, 8));
    return (await this.#builds.get(['trail'])) ?? this.#findBuild();
  }

  /** False: another instance was first. */
  append(portal: string, number: number, entry: Entry): Promise<boolean> {
    return this.#entries.create([portal, number], entry);
  }

  entry(portal: string, number: number): Promise<Entry | undefined> {
    return this.#entries.get([portal, number]);
  }

  async entriesAfter(portal: string, number: number, limit: number): Promise<{ number: number; entry: Entry }[]> {
    const found = await this.#entries.list({ prefix: [portal], after: [portal, number], limit });
    return found.map(({ key, value }) => ({ number: Number(key[1]), entry: value }));
  }

  async last(portal: string): Promise<{ number: number; entry: Entry } | null> {
    const [found] = await this.#entries.list({ prefix: [portal], reverse: true, limit: 1 });
    return found ? { number: Number(found.key[1]), entry: found.value } : null;
  }

  /** Up to this entry, or further, the index is whole. */
  async indexed(portal: string): Promise<number> {
    return ((await this.#index.get([portal, INDEXED, 0])) as number | undefined) ?? 0;
  }

  /** The last operation on the index of an entry: all others must be there before it. */
  indexedUpTo(portal: string, number: number): IndexOperation {
    return { put: [portal, INDEXED, 0], value: number };
  }

  /** In this order. Doing it again changes nothing. */
  async writeIndex(operations: readonly IndexOperation[]): Promise<void> {
    if (operations.length > 0) await this.#index.write(operations);
  }

  /** Postings of a term after an entry, in order. */
  async postings(portal: string, term: string, after: number, limit?: number): Promise<Posting[]> {
    const range = { prefix: [portal, term], after: [portal, term, after] };
    const found = await this.#index.list(limit === undefined ? range : { ...range, limit });
    return found.map(({ key, value }) => ({ number: Number(key[2]), at: positionsOf(value) }));
  }

  /** The newest part of a stream. */
  async lastPart(portal: string, source: SourceApp, account?: string): Promise<NumberedPart | null> {
    const prefix = [portal, termOfStream(source, account)];
    const [found] = await this.#index.list({ prefix, reverse: true, limit: 1 });
    return found ? numbered(found) : null;
  }

  /** Every text kept of that version of a stream. */
  async textsOf(portal: string, source: SourceApp, account: string | undefined, version: number): Promise<string[]> {
    const part = await this.#partWith(portal, termOfStream(source, account), version);
    const outOfOrder = await this.postings(portal, termOutOfOrder(source, account), 0);
    const texts: string[] = [];
    for (const { number, at } of part ? [part, ...outOfOrder] : outOfOrder) {
      const entry = await this.entry(portal, number);
      texts.push(...at.flatMap((position) => entry?.texts[position] ?? []));
    }
    return texts.filter((text) => (JSON.parse(text) as RecordedEvent).streamVersion === version);
  }

  /** By halves: parts of a stream follow one another by version as by entry. */
  async #partWith(portal: string, term: string, version: number): Promise<NumberedPart | null> {
    const prefix = [portal, term];
    let found: NumberedPart | null = null;
    let above = (await this.last(portal))?.number ?? 0;
    for (let below = 0; below < above;) {
      const middle = Math.floor((below + above) / 2);
      const [next] = await this.#index.list({ prefix, after: [...prefix, middle], limit: 1 });
      const part = next ? numbered(next) : null;
      if (part !== null && part.first <= version) {
        found = part;
        below = part.number;
      } else above = middle;
    }
    return found;
  }
}

const numbered = ({ key, value }: { key: Key; value: IndexValue }): NumberedPart => ({
  ...(value as StreamPart),
  number: Number(key[2]),
});
const positionsOf = (value: IndexValue): Positions => (Array.isArray(value) ? value : (value as StreamPart).at);
