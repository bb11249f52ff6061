import { setImmediate as giveWay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import { kept } from '../trail/arrival.js';
import { type Indexed, type NumberedEntry, type Postings, Trail } from '../trail/trail.js';
import { type Place, start } from './cursor.js';
import { type Filter, matches, termOf } from './filter.js';

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
/** Entries fetched at a time where only some of their events are wanted, and segments asked whether they have any. */
const FETCH = 16;
const nothing: Indexed = { segment: 0, number: 0 };
const MAX_AT = Number.MAX_SAFE_INTEGER;

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
      from = { number: await this.trail.firstReaching(portal, filter.from, last.number), at: -1 };
    }
    const span: Span = { portal, filter, from, last: last.number, disorder: last.entry.disorder };
    const term = termOf(filter);
    const indexed = term === null ? nothing : await this.trail.indexed(portal);
    if (term !== null && from.number <= indexed.number) yield* this.#byIndex(span, term, indexed.segment);
    yield* this.#everything({ ...span, from: later(from, { number: indexed.number, at: MAX_AT }) });
  }

  async *#byIndex(span: Span, term: string, lastSegment: number): AsyncGenerator<Chunk> {
    const { portal, from } = span;
    const first = await this.trail.entry(portal, Math.max(1, from.number));
    for (let segment = first?.segment ?? 1; segment <= lastSegment; segment += FETCH) {
      const some = Array.from({ length: Math.min(FETCH, lastSegment - segment + 1) }, (_, index) => segment + index);
      const postings = await Promise.all(some.map((each) => this.trail.postings(portal, each, term)));
      const wanted = [...byEntry(postings.flat())].filter(([number]) => number >= from.number);
      for (let begin = 0; begin < wanted.length; begin += FETCH) {
        const { chunk, passed } = chunkOf(span, await this.#fetch(portal, wanted.slice(begin, begin + FETCH)));
        if (chunk) yield chunk;
        if (passed) return;
        await giveWay();
      }
      await giveWay();
    }
  }

  async #fetch(portal: string, wanted: readonly (readonly [number: number, at: number[]])[]): Promise<Fetched[]> {
    const fetched = await Promise.all(
      wanted.map(async ([number, at]) => ({ number, at, entry: await this.trail.entry(portal, number) })),
    );
    return fetched.flatMap(({ number, at, entry }) => (entry ? { number, at, entry } : []));
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
}

interface Span {
  readonly portal: string;
  readonly filter: Filter;
  readonly from: Place;
  readonly last: number;
  /** How late the latest event came. */
  readonly disorder: number;
}
/** `at`: the places that are wanted; all, unless told. */
type Fetched = NumberedEntry & { readonly at?: readonly number[] };

const isAfter = (a: Place, b: Place): boolean => a.number > b.number || (a.number === b.number && a.at > b.at);
const later = (a: Place, b: Place): Place => (isAfter(a, b) ? a : b);

function byEntry(postings: Postings): Map<number, number[]> {
  const entries = new Map<number, number[]>();
  for (let i = 0; i + 1 < postings.length; i += 2) {
    const [number, at] = [postings[i] ?? 0, postings[i + 1] ?? 0];
    const places = entries.get(number);
    if (places) places.push(at);
    else entries.set(number, [at]);
  }
  return entries;
}

/** `passed`: nothing after it can be early enough. */
function chunkOf({ filter, from, disorder }: Span, entries: readonly Fetched[]): { chunk?: Chunk; passed: boolean } {
  const found: Found[] = [];
  let upTo: Place | undefined;
  let scanned = 0;
  let passed = false;
  for (const { number, entry, at } of entries) {
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
