import { setImmediate as giveWay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import { kept } from '../trail/arrival.js';
import { type Entry, type Positions, Trail } from '../trail/trail.js';
import { type Place, start } from './cursor.js';
import { type Filter, matches, termsOf } from './filter.js';
import { mergedPostings } from './postings.js';

export interface Found {
  readonly place: Place;
  /** The HTTP form as JSON. */
  readonly text: string;
  readonly event: RecordedEvent;
}

/** A piece of reading that keeps nobody waiting: some milliseconds at most. */
export interface Chunk {
  readonly found: readonly Found[];
  /** Everything up to here is read. */
  readonly upTo: Place;
  /** Events looked at. */
  readonly scanned: number;
}

/** Events in a chunk, about. */
const CHUNK = 512;
const MOST_ENTRIES = 256;
/** Entries fetched at a time where only some of their events are wanted. */
const FETCH = 16;

/** Reads a portal's trail in its order. */
@Injectable()
export class TrailReader {
  constructor(private readonly trail: Trail) {}

  /** The place of the last event. */
  async end(portal: string): Promise<Place> {
    const last = await this.trail.last(portal);
    return last ? { number: last.number, at: last.entry.texts.length - 1 } : start;
  }

  /** What matches after that place, as far as the trail goes now. */
  async *read(portal: string, filter: Filter, after: Place): AsyncGenerator<Chunk> {
    const last = await this.trail.last(portal);
    if (last === null) return;
    let from = after;
    if (filter.from !== undefined && after.number === 0) {
      from = { number: await this.#firstReaching(portal, filter.from, last.number), at: -1 };
    }
    const span: Span = { portal, filter, from, last: last.number, disorder: last.entry.disorder };
    const terms = termsOf(filter);
    const indexed = terms === null ? 0 : Math.min(await this.trail.indexed(portal), last.number);
    if (terms !== null) yield* this.#byIndex(span, terms, indexed);
    yield* this.#everything({ ...span, from: later(from, { number: indexed, at: MAX_AT }) });
  }

  async *#byIndex(span: Span, terms: readonly string[], indexed: number): AsyncGenerator<Chunk> {
    const { portal, from } = span;
    for await (const postings of mergedPostings(this.trail, portal, terms, from.number, indexed)) {
      for (let begin = 0; begin < postings.length; begin += FETCH) {
        const some = postings.slice(begin, begin + FETCH);
        const entries = await Promise.all(
          some.map(async ({ number, at }) => ({ number, at, entry: await this.trail.entry(portal, number) })),
        );
        const { chunk, passed } = chunkOf(span, entries);
        if (chunk) yield chunk;
        if (passed) return;
        await giveWay();
      }
    }
  }

  async *#everything(span: Span): AsyncGenerator<Chunk> {
    const { portal, from, last } = span;
    // The first entry may have been read in part.
    let number = Math.max(0, from.number - 1);
    let limit = FETCH;
    while (number < last) {
      const entries = await this.trail.entriesAfter(portal, number, Math.min(limit, last - number));
      const { chunk, passed } = chunkOf(span, entries);
      if (chunk) yield chunk;
      number = entries.at(-1)?.number ?? last;
      if (passed) return;
      const events = entries.reduce((sum, { entry }) => sum + entry.texts.length, 0);
      limit = Math.max(1, Math.min(MOST_ENTRIES, Math.round((limit * CHUNK) / Math.max(events, CHUNK / 2))));
      await giveWay();
    }
  }

  /** The first entry that may hold an event of that time or later: the latest time so far only ever grows. */
  async #firstReaching(portal: string, time: number, last: number): Promise<number> {
    let below = 0;
    for (let reached = last + 1; below + 1 < reached;) {
      const middle = Math.floor((below + reached) / 2);
      const entry = await this.trail.entry(portal, middle);
      if (entry !== undefined && entry.newest < time) below = middle;
      else reached = middle;
    }
    return below + 1;
  }
}

const MAX_AT = Number.MAX_SAFE_INTEGER;
interface Span {
  readonly portal: string;
  readonly filter: Filter;
  readonly from: Place;
  readonly last: number;
  /** How late the latest event came. */
  readonly disorder: number;
}
interface Fetched {
  readonly number: number;
  readonly entry: Entry | undefined;
  /** All, unless told. */
  readonly at?: Positions;
}

const isAfter = (a: Place, b: Place): boolean => a.number > b.number || (a.number === b.number && a.at > b.at);
const later = (a: Place, b: Place): Place => (isAfter(a, b) ? a : b);

/** `passed`: nothing after it can be early enough. */
function chunkOf({ filter, from, disorder }: Span, entries: readonly Fetched[]): { chunk?: Chunk; passed: boolean } {
  const found: Found[] = [];
  let upTo: Place | undefined;
  let scanned = 0;
  let passed = false;
  for (const { number, entry, at } of entries) {
    if (entry === undefined) continue;
    passed = filter.to !== undefined && entry.newest - disorder > filter.to;
    if (passed) break;
    for (const position of at ?? entry.texts.keys()) {
      const place = { number, at: position };
      const text = entry.texts[position];
      if (text === undefined || !isAfter(place, from)) continue;
      const event = kept(text);
      if (matches(filter, event)) found.push({ place, text, event });
      upTo = place;
      scanned += 1;
    }
  }
  return upTo === undefined ? { passed } : { chunk: { found, upTo, scanned }, passed };
}
