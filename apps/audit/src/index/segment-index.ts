import { Inject, Injectable } from '@nestjs/common';
import type { Engine, Key, Records } from '#libs/engine/src/port.js';
import { ENGINE } from '#libs/platform/src/tokens.js';
import { bucketOf, partsOf, type Piece, piecesAfter, type Run } from './runs.js';
import { type Times, unionOf } from './times.js';

/** Where the events of a segment stand. Within it they are numbered from 0. */
export interface Segment {
  /** Its first entry. */
  readonly first: number;
  /** By entry, the number of its first event. */
  readonly starts: readonly number[];
  readonly size: number;
  readonly times: Times;
}

/** The last segment that is indexed, and its last entry. */
export interface Indexed {
  readonly segment: number;
  readonly number: number;
}

/**
 * What a run has of one bucket: of a segment a term and the events that have it, of any other run a term and the parts that
 * have it (bits, the lowest is the first).
 */
export type Row = readonly [term: number, ...where: number[]];
/** Entry and place in it of each event with that id: one, unless somebody forged another. */
export type Places = readonly (readonly [number: number, at: number])[];

/** Events of a segment, by term. */
export type Postings = ReadonlyMap<number, readonly number[]>;

export const INDEX = 'index';
export const INDEXED = 'indexed';
export const SEGMENTS = 'segments';
export const SPANS = 'spans';
export const IDS = 'ids';

/** Longer ones are none of the product's: they are found by all else. */
const LONGEST_ID = 128;

/** Buckets of all parts that are read in one go. */
const READ = 4;

/** Finds the segments that have a term, and the events in them (see `runs.ts`). Made of the entries, and may be behind them. */
@Injectable()
export class SegmentIndex {
  /** By portal, level, run, bucket; the empty ones are left out. */
  readonly #index: Records<readonly Row[]>;
  readonly #indexed: Records<Indexed>;
  readonly #segments: Records<Segment>;
  /** By portal, level, run: the times of its parts. */
  readonly #spans: Records<readonly Times[]>;
  readonly #ids: Records<Places>;

  constructor(@Inject(ENGINE) engine: Pick<Engine, 'records'>) {
    this.#index = engine.records(INDEX);
    this.#indexed = engine.records(INDEXED);
    this.#segments = engine.records(SEGMENTS);
    this.#spans = engine.records(SPANS);
    this.#ids = engine.records(IDS);
  }

  async indexed(portal: string): Promise<Indexed> {
    return (await this.#indexed.get([portal])) ?? { segment: 0, number: 0 };
  }

  segment(portal: string, number: number): Promise<Segment | undefined> {
    return this.#segments.get([portal, number]);
  }

  /** The rows that the run has of these terms. */
  async find(portal: string, run: Run, terms: ReadonlySet<number>): Promise<Row[]> {
    const buckets = new Set([...terms].map((each) => bucketOf(each, run.level)));
    const found = await Promise.all([...buckets].map((bucket) => this.#index.get(keyOf(portal, run, bucket))));
    return found.flatMap((rows) => rows?.filter(([each]) => terms.has(each)) ?? []);
  }

  /** Where the events with these ids stand, as far as they are indexed; in any order. */
  async places(portal: string, ids: ReadonlySet<string>): Promise<Places> {
    const found = await Promise.all([...ids].map((id) => this.#ids.get([portal, id])));
    return found.flatMap((places) => places ?? []);
  }

  /** Of a run that is no segment, by part. */
  async timesOfParts(portal: string, { level, number }: Run): Promise<readonly Times[]> {
    return (await this.#spans.get([portal, level, number])) ?? [];
  }

  /** The segment after the last one. Doing it again changes nothing. `giveWay` is called between writes. */
  async add(
    portal: string,
    indexed: Indexed,
    segment: Segment,
    { postings, ids }: { readonly postings: Postings; readonly ids: ReadonlyMap<string, Places> },
    giveWay: () => Promise<unknown>,
  ): Promise<void> {
    await this.#addIds(portal, ids);
    await giveWay();
    await this.#segments.put([portal, indexed.segment], segment);
    const rows = Array.from(postings, ([each, events]): Row => [each, ...events]);
    await this.#write(portal, { level: 0, number: indexed.segment }, rows, giveWay);
    for (const piece of piecesAfter(indexed.segment)) await this.#gather(portal, piece, giveWay);
    await this.#indexed.put([portal], indexed);
  }

  /** A random id would have a page of the store written for it alone; those of the product grow with time. */
  async #addIds(portal: string, ids: ReadonlyMap<string, Places>): Promise<void> {
    const short = [...ids].filter(([id]) => id.length <= LONGEST_ID);
    const known = await Promise.all(short.map(([id]) => this.#ids.get([portal, id])));
    await this.#ids.write(
      short.flatMap(([id, places], index) => {
        const before = known[index] ?? [];
        const added = places.filter(([number, at]) => !before.some((one) => one[0] === number && one[1] === at));
        return added.length === 0 ? [] : { put: [portal, id], value: [...before, ...added] };
      }),
    );
  }

  async #gather(portal: string, { run, first, buckets: [begin, end] }: Piece, giveWay: () => Promise<unknown>) {
    const parts = partsOf(run);
    if (first) {
      const times = await Promise.all(parts.map((part) => this.#timesOf(portal, part)));
      await this.#spans.put([portal, run.level, run.number], times);
    }
    const gathered = new Map<number, number>();
    for (let bucket = begin; bucket < end; bucket++) {
      const found = await Promise.all(parts.map((part) => this.#index.get(keyOf(portal, part, bucket))));
      for (const [part, rows] of found.entries()) {
        for (const [each] of rows ?? []) gathered.set(each, (gathered.get(each) ?? 0) | (1 << part));
      }
      if (bucket % READ === 0) await giveWay();
    }
    await this.#write(portal, run, gathered, giveWay);
  }

  async #timesOf(portal: string, run: Run): Promise<Times> {
    if (run.level > 0) return unionOf(await this.timesOfParts(portal, run));
    return (await this.segment(portal, run.number))?.times ?? null;
  }

  async #write(portal: string, run: Run, rows: Iterable<Row>, giveWay: () => Promise<unknown>): Promise<void> {
    const buckets = new Map<number, Row[]>();
    for (const row of rows) {
      const bucket = bucketOf(row[0], run.level);
      const others = buckets.get(bucket);
      if (others) others.push(row);
      else buckets.set(bucket, [row]);
    }
    await giveWay();
    await this.#index.write(Array.from(buckets, ([bucket, value]) => ({ put: keyOf(portal, run, bucket), value })));
    await giveWay();
  }
}

const keyOf = (portal: string, { level, number }: Run, bucket: number): Key => [portal, level, number, bucket];
