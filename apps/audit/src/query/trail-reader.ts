import { Injectable } from '@nestjs/common';
import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import { Pace } from '../index/pace.js';
import { search } from '../index/search.js';
import { type Segment, SegmentIndex } from '../index/segment-index.js';
import { isBounded, mayBeIn } from '../index/times.js';
import { kept } from '../trail/arrival.js';
import { type NumberedEntry, PIECE, Trail } from '../trail/trail.js';
import { inTrail, isBeyond, type Order, type Place, start, startOf } from './cursor.js';
import { conditionsOf, type Filter, matches } from './filter.js';

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
  /** What it has cost, in events looked at. */
  readonly cost: number;
}

/** Pieces of entries fetched together, and entries. The first may have all that is wanted. */
const FIRST = 4;
const THEN = 16;
/** A record of the index, in events looked at. */
const COST_OF_RECORD = 4;

interface Reading {
  readonly portal: string;
  readonly filter: Filter;
  readonly order: Order;
  /** What comes after it is to be read. */
  readonly after: Place;
  readonly pace: Pace;
}
/** Of one piece of an entry the places that are wanted; all, unless told. */
interface Part extends Partial<Pick<NumberedEntry, 'entry'>> {
  readonly number: number;
  readonly piece: number;
  readonly wanted?: readonly number[];
}

/** Reads a portal's trail in its order, or the other way round. */
@Injectable()
export class TrailReader {
  constructor(
    private readonly trail: Trail,
    private readonly index: SegmentIndex,
  ) {}

  /** The place of the last event. */
  async end(portal: string): Promise<Place> {
    const last = await this.trail.last(portal);
    return last ? { number: last.number, at: last.entry.size - 1 } : start;
  }

  /** What matches after that place, as far as the trail goes now. */
  async *read(portal: string, filter: Filter, after?: Place, order: Order = 'oldest'): AsyncGenerator<Chunk> {
    const last = await this.trail.last(portal);
    if (last === null) return;
    const reading = { portal, filter, order, after: after ?? startOf(order), pace: new Pace() };
    const conditions = conditionsOf(filter);
    const byIndex = conditions.length > 0 || filter.ids !== undefined || isBounded(filter);
    const { segment, number } = byIndex ? await this.index.indexed(portal) : { segment: 0, number: 0 };
    const notIndexed = this.#entries(reading, number + 1, last.number);
    if (order === 'newest') yield* notIndexed;
    if (filter.ids) yield* this.#ofIds(reading, filter.ids, number);
    else yield* this.#indexed(reading, conditions, segment);
    if (order === 'oldest') yield* notIndexed;
  }

  /** So few that all else that is asked for is looked at in the events. */
  async *#ofIds(reading: Reading, ids: ReadonlySet<string>, last: number): AsyncGenerator<Chunk> {
    const places = (await this.index.places(reading.portal, ids))
      .map(([number, at]) => ({ number, at }))
      .filter(({ number }) => number <= last)
      .sort(inTrail);
    yield* this.#parts(reading, partsOf(reading, places));
  }

  async *#indexed(reading: Reading, conditions: readonly ReadonlySet<number>[], last: number): AsyncGenerator<Chunk> {
    const { portal, filter, order, after } = reading;
    const { segment = order === 'oldest' ? 1 : last } = (await this.trail.entry(portal, after.number)) ?? {};
    const question = {
      portal,
      conditions,
      times: filter,
      segments: order === 'oldest' ? ([segment, last] as const) : ([1, segment] as const),
      newestFirst: order === 'newest',
      pace: reading.pace,
    };
    for await (const { segment: found, events, cost } of search(this.index, last, question)) {
      const { first, starts } = found;
      if (events === null) yield* this.#entries(reading, first, first + starts.length - 1);
      else yield* this.#parts(reading, partsOf(reading, placesOf(found, events)));
      yield { found: [], upTo: endOf(found, order), cost: cost * COST_OF_RECORD };
    }
  }

  /** All of these entries. */
  async *#entries(reading: Reading, first: number, last: number): AsyncGenerator<Chunk> {
    const { portal, filter, order, after } = reading;
    const isOldest = order === 'oldest';
    let number = isOldest ? Math.max(first, after.number) : Math.min(last, after.number);
    for (let limit = FIRST; number >= first && number <= last; limit = THEN) {
      const entries = isOldest
        ? await this.trail.entriesAfter(portal, number - 1, Math.min(limit, last - number + 1))
        : await this.trail.entriesBefore(portal, number + 1, Math.min(limit, number - first + 1));
      const wanted = entries.filter(({ entry }) => !isBounded(filter) || mayBeIn(filter, entry.times));
      yield* this.#parts(
        reading,
        wanted.flatMap((each) => allPartsOf(reading, each)),
      );
      number = isOldest ? (entries.at(-1)?.number ?? last) + 1 : (entries.at(-1)?.number ?? first) - 1;
    }
  }

  async *#parts(reading: Reading, parts: readonly Part[]): AsyncGenerator<Chunk> {
    for (let begin = 0, count = FIRST; begin < parts.length; begin += count, count = THEN) {
      const some = parts.slice(begin, begin + count);
      const chunk = chunkOf(reading, some, await this.#texts(reading, some));
      if (chunk) yield chunk;
      await reading.pace.giveWay();
    }
  }

  /** By part; none where its entry has nothing of the time that is asked for. */
  async #texts({ portal, filter }: Reading, parts: readonly Part[]): Promise<(readonly string[])[]> {
    const known = new Map(parts.map(({ number, entry }) => [number, entry]));
    const entries = await Promise.all(
      Array.from(
        known,
        async ([number, entry]) => [number, entry ?? (await this.trail.entry(portal, number))] as const,
      ),
    );
    const found = new Map(entries);
    return Promise.all(
      parts.map(async ({ number, piece }) => {
        const entry = found.get(number);
        if (entry === undefined || (isBounded(filter) && !mayBeIn(filter, entry.times))) return [];
        return this.trail.piece(portal, { number, entry }, piece);
      }),
    );
  }
}

const inOrder = <Each>(order: Order, list: Each[]): Each[] => (order === 'oldest' ? list : list.reverse());

function allPartsOf({ order, after }: Reading, { number, entry }: NumberedEntry): Part[] {
  const parts = [];
  for (let piece = 0; piece * PIECE < entry.size; piece++) {
    const at = order === 'oldest' ? Math.min((piece + 1) * PIECE, entry.size) - 1 : piece * PIECE;
    if (isBeyond({ number, at }, after, order)) parts.push({ number, entry, piece });
  }
  return inOrder(order, parts);
}

/** Where these events of a segment stand. */
function placesOf({ first, starts }: Segment, events: readonly number[]): Place[] {
  let entry = 0;
  return events.map((event) => {
    while (event >= (starts[entry + 1] ?? Infinity)) entry++;
    return { number: first + entry, at: event - (starts[entry] ?? 0) };
  });
}

/** Of places in the order of the trail. */
function partsOf({ order, after }: Reading, places: readonly Place[]): Part[] {
  const parts: (Part & { readonly wanted: number[] })[] = [];
  for (const { number, at } of places) {
    if (!isBeyond({ number, at }, after, order)) continue;
    const piece = Math.floor(at / PIECE);
    const same = parts.at(-1);
    if (same?.number === number && same.piece === piece) same.wanted.push(at);
    else parts.push({ number, piece, wanted: [at] });
  }
  return inOrder(order, parts);
}

const endOf = ({ first, starts, size }: Segment, order: Order): Place =>
  order === 'oldest'
    ? { number: first + starts.length - 1, at: size - (starts.at(-1) ?? 0) - 1 }
    : { number: first, at: 0 };

function chunkOf(
  { filter, order, after }: Reading,
  parts: readonly Part[],
  texts: (readonly string[])[],
): Chunk | null {
  const found: Found[] = [];
  let upTo: Place | undefined;
  let cost = 0;
  for (const [index, { number, piece, wanted }] of parts.entries()) {
    const here = texts[index] ?? [];
    const places = wanted ? [...wanted] : Array.from(here, (_, at) => piece * PIECE + at);
    for (const at of inOrder(order, places)) {
      const place = { number, at };
      const text = here[at - piece * PIECE];
      if (text === undefined || !isBeyond(place, after, order)) continue;
      const event = kept(text);
      if (matches(filter, event)) found.push({ place, text, event });
      upTo = place;
      cost += 1;
    }
  }
  return upTo ? { found, upTo, cost } : null;
}
