import { Inject, Injectable } from '@nestjs/common';
import { lruOf } from '#libs/engine/src/lru.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CLOCK } from '#libs/platform/src/tokens.js';
import { timesOf } from '../index/times.js';
import { type Arrival, type Chained, chained, kept } from '../trail/arrival.js';
import { breaksOfPassed, placeOf } from '../trail/chain.js';
import { type ChainBreak, chainBreak, ChainBreaks } from '../trail/chain-breaks.js';
import { SeenHeads, type StreamEnd } from '../trail/seen-heads.js';
import { type Entry, type EntryHead, Trail } from '../trail/trail.js';
import { ChainAlarm } from './chain-alarm.js';
import { KeptEvents } from './kept-events.js';
import { SegmentIndexer } from './segment-indexer.js';
import { StreamEnds } from './stream-ends.js';

/** Events in one entry: few enough to be read in one go. */
const ENTRY = 256;
/** Events of a segment. As many may have to be read one by one by who asks for one account, until the segment is indexed. */
export const SEGMENT = 1_024;
/** Entries read at a time where others, or an earlier life, have appended. */
const CATCH_UP = 4;
/**
 * Ends of streams that wait to be kept: about so many at most, for so long. The more are written together, the more of them
 * share a page of the store.
 */
const UNKEPT = 32_768;
const KEEP_MS = 5_000;

/** The end of a portal's trail. */
type TrailEnd = Pick<Entry, 'newest' | 'segment' | 'count'> & { readonly number: number };
const emptyTrail: TrailEnd = { number: 0, newest: 0, segment: 1, count: 0 };

/**
 * Takes events into the trail: each once, in the order of its stream, nothing left out. What does not fit its chain is taken
 * as well and reported. One call at a time in a process; of several processes one is first at each entry, and the others
 * take note of it before they go on.
 */
@Injectable()
export class TrailWriter {
  readonly #portals = lruOf<TrailEnd>(10_000);
  /** Portals with a segment that may have become full. */
  readonly #toIndex = new Set<string>();
  /** Portals whose checkpoint is behind, and how far the ends of their streams are known. */
  readonly #toKeep = new Map<string, number>();
  #keptAt = performance.now();

  constructor(
    private readonly trail: Trail,
    private readonly ends: StreamEnds,
    private readonly heads: SeenHeads,
    private readonly keptEvents: KeptEvents,
    private readonly indexer: SegmentIndexer,
    private readonly breaks: ChainBreaks,
    private readonly alarm: ChainAlarm,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** When it resolves all of it is durable and can be read. When it rejects it may be done again. */
  async write(arrivals: readonly Arrival[]): Promise<void> {
    await Promise.all([...byPortal(arrivals)].map(([portal, list]) => this.#append(portal, list)));
  }

  /** Does what can wait: what is not done yet is read from the entries meanwhile. */
  async tidy(): Promise<void> {
    for (const portal of this.#toIndex) {
      const { segment } = await this.#open(portal);
      await this.indexer.indexBefore(portal, segment);
      this.#toIndex.delete(portal);
    }
    if (this.ends.unkept >= UNKEPT || performance.now() - this.#keptAt >= KEEP_MS) await this.keepEnds();
  }

  async keepEnds(): Promise<void> {
    // Other instances may have gone on with the same streams: what is kept must not fall behind what they have kept.
    for (const portal of this.#toKeep.keys()) await this.#catchUp(portal, await this.#open(portal));
    await this.ends.keep();
    await this.heads.keepCheckpoints([...this.#toKeep]);
    this.#toKeep.clear();
    this.#keptAt = performance.now();
  }

  async #append(portal: string, arrivals: readonly Arrival[]): Promise<void> {
    let end = await this.#open(portal);
    for (let begin = 0; begin < arrivals.length; begin += ENTRY) {
      const some = arrivals.slice(begin, begin + ENTRY);
      for (;;) {
        await this.ends.load(some);
        const taken = await this.#judge(some, end.number);
        if (taken.length === 0) break;
        const entry = headOf(taken, end);
        const texts = taken.map(({ text }) => text);
        if (await this.trail.append(portal, end.number + 1, entry, texts)) {
          end = this.#advance(portal, end, { number: end.number + 1, ...entry }, taken);
          break;
        }
        end = await this.#catchUp(portal, end);
      }
    }
  }

  /** What is to be taken. Breaks are recorded first: rather one too many than one that a crash has hidden. */
  async #judge(arrivals: readonly Arrival[], end: number): Promise<Arrival[]> {
    const moved = new Map<string, StreamEnd>();
    const taken: Arrival[] = [];
    const breaks: ChainBreak[] = [];
    for (const arrival of arrivals) {
      const { key, version, hash, text, intact } = arrival;
      const last = moved.get(key) ?? this.ends.of(key);
      const place = placeOf(arrival, last, last.remembered);
      let found = place.place === 'next' ? place.breaks : null;
      if (place.place === 'passed') {
        if (intact && version === last.version && hash === last.hash) continue;
        if (await this.keptEvents.has(arrival, end)) continue;
        found = breaksOfPassed(text, intact, [
          ...sameVersion(arrival, taken),
          ...(await this.keptEvents.ofVersion(arrival)),
        ]);
        if (found === null) continue;
      } else moved.set(key, { version, hash, remembered: last.remembered });
      taken.push(arrival);
      for (const kind of found ?? []) breaks.push(chainBreak(arrival, kind, last, this.clock()));
    }
    if (breaks.length > 0) this.alarm.raise(await this.breaks.keep(breaks));
    return taken;
  }

  async #open(portal: string): Promise<TrailEnd> {
    const known = this.#portals.get(portal);
    if (known) return known;
    const number = await this.heads.checkpoint(portal);
    const entry = number === 0 ? undefined : await this.trail.entry(portal, number);
    const end = entry === undefined ? emptyTrail : endOf({ number, ...entry });
    this.#toIndex.add(portal);
    this.#portals.set(portal, end);
    return this.#catchUp(portal, end);
  }

  /** Takes note of what others, or an earlier life of this process, have appended. */
  async #catchUp(portal: string, from: TrailEnd): Promise<TrailEnd> {
    let end = from;
    for (;;) {
      const entries = await this.trail.entriesAfter(portal, end.number, CATCH_UP);
      for (const { number, entry } of entries) {
        const texts = await this.trail.texts(portal, { number, entry });
        const events = texts.map((text) => chained(kept(text)));
        await this.ends.load(events);
        end = this.#advance(portal, end, { number, ...entry }, events);
      }
      if (entries.length < CATCH_UP) return end;
      if (this.ends.unkept >= UNKEPT) await this.ends.keep();
    }
  }

  #advance(portal: string, before: TrailEnd, after: TrailEnd, events: readonly Chained[]): TrailEnd {
    const end = endOf(after);
    const { number } = end;
    this.ends.advance(events);
    this.indexer.remember(portal, number, end.segment, events);
    if (end.segment > before.segment) this.#toIndex.add(portal);
    this.#toKeep.set(portal, number);
    this.#portals.set(portal, end);
    return end;
  }
}

function byPortal(arrivals: readonly Arrival[]): Map<string, Arrival[]> {
  const groups = new Map<string, Arrival[]>();
  for (const arrival of arrivals) {
    const group = groups.get(arrival.portal);
    if (group) group.push(arrival);
    else groups.set(arrival.portal, [arrival]);
  }
  return groups;
}

const sameVersion = (arrival: Arrival, others: readonly Arrival[]): string[] =>
  others.filter(({ key, version }) => version === arrival.version && key === arrival.key).map(({ text }) => text);

const endOf = ({ number, newest, segment, count }: TrailEnd): TrailEnd => ({ number, newest, segment, count });

function headOf(taken: readonly Arrival[], end: TrailEnd): EntryHead {
  const size = taken.length;
  const times = timesOf(taken.map(({ time }) => time));
  const isFull = end.count > 0 && end.count + size > SEGMENT;
  return {
    size,
    times,
    newest: Math.max(end.newest, times?.[1] ?? 0),
    segment: isFull ? end.segment + 1 : end.segment,
    count: isFull ? size : end.count + size,
  };
}
